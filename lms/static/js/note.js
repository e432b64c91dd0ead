/* Writing a note: the 字数 while typing, and a copy of unsaved text in this browser, so that a lost line, a closed
   tab or an expired sign-in loses nothing. One module, no imports. The rules of counting are those of
   lms/notes/rules.py, line for line; a test holds the two against each other. */

const FENCE = /^[ \t>]*(?:```|~~~)/;
const REFERENCE = /^[ \t]{0,3}\[[^\]]{1,200}\]:[ \t]*[^ \t]/;
const NUMBERED = /^[ \t>*+-]*[0-9]{1,9}[.)](?=[ \t])/;
const TARGET = /\]\((?:[^()]|\([^()]*\)){0,2000}\)/gu;
const APOSTROPHE = /(?<=[A-Za-z])\u2019(?=[A-Za-z])/g;
const WIDE =
  /[\u00b7\u2014\u2018\u2019\u201c\u201d\u2026\u2460-\u24ff\u2e80-\u2fff\u3001-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff01-\uffee\u{20000}-\u{3ffff}]/gu;
const SPACE = /[|\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+/;
const LETTER = /[\p{L}\p{N}]/u;

const KEPT_DAYS = 30;
const PAUSE_MS = 400;
const PREFIX = "lms-note:";

function countLine(line) {
  if (FENCE.test(line) || REFERENCE.test(line)) return 0;
  const words = line.replace(NUMBERED, "").replace(TARGET, "]").replace(APOSTROPHE, "'");
  let wide = 0;
  const rest = words.replace(WIDE, () => {
    wide += 1;
    return " ";
  });
  return wide + rest.split(SPACE).filter((run) => LETTER.test(run)).length;
}

export function countCharacters(text) {
  return text.split("\n").reduce((sum, line) => sum + countLine(line), 0);
}

function figure(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}

function clock(instant) {
  const at = new Date(instant);
  const hours = `${at.getHours()}`.padStart(2, "0");
  const time = `${hours}:${`${at.getMinutes()}`.padStart(2, "0")}`;
  return at.toDateString() === new Date().toDateString() ? time : `${at.getMonth() + 1}/${at.getDate()} ${time}`;
}

/* ---- The copy in this browser ---- */

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}

function keep(key, copy) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(copy));
    return true;
  } catch {
    return false;
  }
}

function forget(key) {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // Storage is closed to this page: there is nothing to forget.
  }
}

function sweep() {
  const oldest = Date.now() - KEPT_DAYS * 24 * 3600 * 1000;
  const keys = (() => {
    try {
      return Object.keys(localStorage);
    } catch {
      return [];
    }
  })();
  for (const key of keys.filter((name) => name.startsWith(PREFIX))) {
    const name = key.slice(PREFIX.length);
    if ((read(name)?.at ?? 0) < oldest) forget(name);
  }
}

/* ---- The form ---- */

function begin(form) {
  const { title, body, version } = form.elements;
  const key = form.dataset.note;
  const count = form.querySelector("[data-note-count]");
  const kept = form.querySelector("[data-note-kept]");
  const restored = form.querySelector("[data-note-restored]");
  const stateOf = () => ({ title: title.value, body: body.value, audience: form.elements.audience.value });
  const first = { ...stateOf(), version: version?.value };
  let pending = 0;

  function showCount() {
    const over = body.value.length - Number(form.dataset.limit);
    const words = over > 0 ? form.dataset.over : form.dataset.count;
    count.textContent = words.replace("{n}", figure(over > 0 ? over : countCharacters(body.value)));
    count.classList.toggle("error", over > 0);
  }

  function store() {
    clearTimeout(pending);
    pending = 0;
    const copy = { ...stateOf(), version: version?.value, at: Date.now() };
    if (keep(key, copy)) {
      kept.textContent = form.dataset.kept.replace("{time}", clock(copy.at));
      form.dispatchEvent(new Event("saved"));
    } else {
      kept.textContent = form.dataset.unkept;
    }
  }

  function show(copy) {
    title.value = copy.title;
    body.value = copy.body;
    if (copy.audience) form.elements.audience.value = copy.audience;
    // With its old version the server sees that the note moved on meanwhile, and shows both texts.
    if (version && copy.version) version.value = copy.version;
    showCount();
  }

  const copy = read(key);
  const same = copy && copy.title === first.title && copy.body === first.body;
  if (copy && !same && !form.dataset.refused && (copy.body.trim() || copy.title.trim())) {
    show(copy);
    restored.querySelector("span").textContent = form.dataset.restored.replace("{time}", clock(copy.at));
    restored.hidden = false;
  }
  if (form.dataset.refused) store();
  showCount();

  form.addEventListener("input", () => {
    showCount();
    clearTimeout(pending);
    pending = setTimeout(store, PAUSE_MS);
  });
  form.addEventListener("submit", store);
  window.addEventListener("pagehide", () => pending && store());
  restored.querySelector("[data-note-discard]").addEventListener("click", () => {
    forget(key);
    show(first);
    restored.hidden = true;
    kept.textContent = "";
    form.dispatchEvent(new Event("saved"));
    body.focus();
  });
}

sweep();
const done = document.querySelector("[data-note-saved]");
if (done) forget(done.dataset.noteSaved);
const form = document.querySelector("form[data-note]");
if (form) begin(form);
