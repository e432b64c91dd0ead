/* What the browser finds wrong with a form is said in the page's language and where the server would say it: below the
   field, tied to it. The browser's own bubbles speak the language of the browser and are gone after some seconds. */

const words = document.getElementById("field-words")?.dataset;
const CHOICES = "input[type=radio], input[type=checkbox]";
const ours = new Map(); // what is marked -> the line below it that we wrote
let found = []; // of one press of a button, in the order of the page

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function inWords(control, value) {
  if (control.type !== "date") return value;
  const day = new Date(`${value}T00:00`);
  return new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" }).format(day);
}

function missing(control) {
  if (control.type === "file") return words.file;
  if (control.type === "checkbox") return words.tick;
  return control.type === "radio" || control.tagName === "SELECT" ? words.choose : words.missing;
}

function bounds(control) {
  const [low, high] = [inWords(control, control.min), inWords(control, control.max)];
  const day = control.type === "date";
  if (control.min && control.max) return filled(day ? words.daysBetween : words.between, { low, high });
  if (control.min) return filled(day ? words.notBefore : words.atLeast, { low });
  return filled(day ? words.notAfter : words.atMost, { high });
}

function sentence(control) {
  const is = control.validity;
  if (is.valueMissing) return missing(control);
  if (is.badInput) return control.type === "number" ? words.number : words.day;
  if (is.typeMismatch) return control.type === "url" ? words.url : words.email;
  if (is.rangeUnderflow || is.rangeOverflow) return bounds(control);
  if (is.stepMismatch) return !control.step || control.step === "1" ? words.whole : filled(words.step, control);
  if (is.tooLong) return filled(words.long, { most: control.maxLength, count: control.value.length });
  if (is.tooShort) return filled(words.short, { least: control.minLength, count: control.value.length });
  if (is.patternMismatch) return control.title || words.pattern;
  return control.validationMessage; // set by a script of ours, in the language of the page
}

/* Several choices of one name are marked together, as the server does it. */
function marked(control) {
  return (control.type === "radio" && control.closest("fieldset")) || control;
}

function lineOf(target) {
  target.id ||= `wrong-${ours.size}-${Date.now()}`;
  const id = `${target.id}-error`;
  const there = document.getElementById(id);
  if (there) return there;
  const line = document.createElement("p");
  line.className = "error";
  line.id = id;
  if (target.tagName === "FIELDSET") target.append(line);
  else if (target.parentElement.classList.contains("field")) target.parentElement.append(line);
  else (target.closest("label") ?? target).after(line);
  return line;
}

function say(target, text) {
  const line = lineOf(target);
  line.textContent = text;
  ours.set(target, line);
  target.closest(".field, .drop")?.classList.add("has-error");
  const tied = new Set((target.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  target.setAttribute("aria-describedby", [...tied.add(line.id)].join(" "));
  return line;
}

function unsay(target) {
  const line = ours.get(target);
  if (!line) return;
  ours.delete(target);
  line.textContent = ""; // an empty line has no place of its own, and stays where a script put it
  target.removeAttribute("aria-invalid");
  target.closest(".field, .drop")?.classList.remove("has-error");
}

function show() {
  const [first] = found;
  const lines = found.map((control) => {
    if (document.getElementById(`${control.id}-fault`)) return null; // said already, by file-limits.js
    const target = marked(control);
    target.setAttribute("aria-invalid", "true");
    return say(target, sentence(control));
  });
  found = [];
  for (let fold = first.closest("details:not([open])"); fold; fold = first.closest("details:not([open])")) fold.open = true;
  // Who pressed Enter in the field is there already, so that nothing would be read out.
  if (document.activeElement === first) lines[0]?.setAttribute("role", "alert");
  first.focus({ preventScroll: true });
  (first.closest(".field, .drop") ?? first).scrollIntoView({ block: "nearest" });
}

if (words) {
  document.addEventListener(
    "invalid",
    (event) => {
      event.preventDefault();
      if (!found.length) setTimeout(show); // when all of them have been told: microtasks run between two
      found.push(event.target);
    },
    true,
  );

  const look = (event) => {
    const target = event.target.matches?.(CHOICES) ? marked(event.target) : event.target;
    if (ours.has(target) && event.target.validity?.valid) unsay(target);
  };
  document.addEventListener("input", look);
  document.addEventListener("change", look);

  // The browser cuts what is pasted at maxlength and says nothing: the end of a text would be lost unseen.
  document.addEventListener("paste", (event) => {
    const field = event.target;
    if (!(field.maxLength > 0)) return;
    const pasted = event.clipboardData?.getData("text") ?? "";
    const kept = field.value.length - (field.selectionEnd - field.selectionStart);
    if (kept + pasted.length <= field.maxLength) return;
    setTimeout(() => say(field, filled(words.cut, { most: field.maxLength })).setAttribute("role", "alert"));
  });
}
