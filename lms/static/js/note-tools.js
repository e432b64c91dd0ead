/* The tools above a note's text: marks of Markdown for who does not know them, pictures by a tap, a drop or from the
   clipboard, quotations with their page. One module, no imports. */

const form = document.querySelector("form[data-note]");
const ask = document.querySelector("[data-quote-ask]");
const picker = form?.querySelector("[data-note-image]");
let into = null;

/* Through the browser's own editing where it can, so that its undo takes the change back. */
function put(area, start, end, text, from = text.length, to = from) {
  area.focus();
  area.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.setSelectionRange(start + from, start + to);
}

function linesOf(area) {
  const { value, selectionStart, selectionEnd } = area;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const next = value.indexOf("\n", Math.max(selectionEnd - (selectionEnd > selectionStart ? 1 : 0), start));
  return [start, next < 0 ? value.length : next];
}

/* Set a mark before every chosen line, or take it away where all have it. */
function mark(area, pattern, make) {
  const [start, end] = linesOf(area);
  const lines = area.value.slice(start, end).split("\n");
  const marked = lines.every((line) => !line.trim() || pattern.test(line)) && lines.some((line) => line.trim());
  const text = lines.map((line, n) => (marked ? line.replace(pattern, "") : make(n) + line)).join("\n");
  put(area, start, end, text, lines.length > 1 ? 0 : text.length, text.length);
}

function bold(area) {
  const { value, selectionStart: start, selectionEnd: end } = area;
  const words = value.slice(start, end);
  if (/^\*\*[^]*\*\*$/.test(words)) put(area, start, end, words.slice(2, -2), 0, words.length - 4);
  else put(area, start, end, `**${words}**`, 2, 2 + words.length);
}

function block(area, text) {
  const before = area.value.slice(0, area.selectionEnd);
  const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  put(area, area.selectionEnd, area.selectionEnd, `${gap}${text}\n\n`);
}

function quote(area) {
  const [start, end] = [area.selectionStart, area.selectionEnd];
  ask.returnValue = "no";
  const field = ask.querySelector("input");
  field.value = "";
  ask.addEventListener(
    "close",
    () => {
      area.focus();
      if (ask.returnValue !== "yes") return;
      const words = area.value.slice(start, end).trim();
      const page = field.value.trim();
      const lines = (words || " ").split("\n").map((line) => `> ${line}`.trimEnd());
      if (page) lines.push(">", `> —— ${form.dataset.page.replace("{n}", page)}`);
      const before = area.value.slice(0, start);
      const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
      const text = `${gap}${lines.join("\n")}\n\n`;
      const empty = gap.length + 2;
      if (words) put(area, start, end, text);
      else put(area, start, end, text.replace("> ", "> ").replace(/^(\n*)>/, "$1> ").replace(">  ", "> "), empty, empty);
    },
    { once: true },
  );
  ask.showModal();
  field.focus();
}

async function sendPicture(area, file) {
  const kept = form.querySelector("[data-note-kept]");
  kept.textContent = form.dataset.uploading;
  const body = new FormData();
  body.append("file", file);
  try {
    const answer = await fetch("/api/v1/notes/images", {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-CSRFToken": form.elements.csrf_token.value },
      body,
    });
    const told = await answer.json();
    if (answer.ok) {
      kept.textContent = "";
      block(area, `![${form.dataset.alt}](${told.address})`);
    } else {
      kept.textContent = told.detail ?? told.title ?? "";
    }
  } catch {
    kept.textContent = form.dataset.waiting;
  }
}

/* The text holds a picture as a mark that tells nobody anything: below it stands what is really there. */
const PICTURE = /!\[[^\]]*\]\((\/notes\/images\/\d+)\)\n*/g;

function showPictures() {
  const list = form.querySelector("[data-note-pictures]");
  const found = [...form.querySelectorAll("textarea")].flatMap((area) =>
    [...area.value.matchAll(PICTURE)].map((mark) => ({ area, mark: mark[0], at: mark.index, address: mark[1] })),
  );
  const shown = found.map((one) => one.address).join(" ");
  if (list.dataset.shown !== shown) {
    list.dataset.shown = shown;
    list.replaceChildren(
      ...found.map(({ address }, n) => {
        const item = document.createElement("li");
        const image = document.createElement("img");
        image.src = address;
        image.alt = `${form.dataset.alt} ${n + 1}`;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "link";
        button.dataset.picture = n;
        button.textContent = list.dataset.takeOut;
        button.setAttribute("aria-label", `${list.dataset.takeOut} ${image.alt}`);
        item.append(image, button);
        return item;
      }),
    );
    list.hidden = !found.length;
  }
  return found;
}

const TOOLS = {
  heading: (area) => mark(area, /^#{1,6} /, () => "## "),
  bold,
  list: (area) => mark(area, /^- /, () => "- "),
  numbers: (area) => mark(area, /^\d+\. /, (n) => `${n + 1}. `),
  quote,
  image: (area) => {
    into = area;
    picker.click();
  },
  undo: (area) => {
    area.focus();
    document.execCommand("undo");
  },
};

function isPicture(file) {
  return file?.type.startsWith("image/");
}

if (form && !form.querySelector("textarea[readonly]")) {
  for (const bar of form.querySelectorAll("[data-tools]")) {
    const area = document.getElementById(bar.dataset.tools);
    bar.hidden = false;
    bar.addEventListener("mousedown", (event) => event.preventDefault());
    bar.addEventListener("click", (event) => {
      const tool = event.target.closest("[data-tool]");
      if (tool) TOOLS[tool.dataset.tool](area);
    });
    area.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "b") {
        event.preventDefault();
        bold(area);
      }
    });
    area.addEventListener("paste", (event) => {
      const file = [...(event.clipboardData?.files ?? [])].find(isPicture);
      if (!file) return;
      event.preventDefault();
      sendPicture(area, file);
    });
    area.addEventListener("drop", (event) => {
      const file = [...(event.dataTransfer?.files ?? [])].find(isPicture);
      if (!file) return;
      event.preventDefault();
      sendPicture(area, file);
    });
  }
  form.addEventListener("input", showPictures);
  form.querySelector("[data-note-pictures]").addEventListener("click", (event) => {
    const button = event.target.closest("[data-picture]");
    const one = button && showPictures()[button.dataset.picture];
    if (one) put(one.area, one.at, one.at + one.mark.length, "");
  });
  form.querySelector("[data-note-discard]").addEventListener("click", () => setTimeout(showPictures));
  showPictures();
  picker.addEventListener("change", () => {
    if (picker.files[0] && into) sendPicture(into, picker.files[0]);
    picker.value = "";
  });
}
