/* Writing a note: the 字数 while typing, a copy of unsaved text in this browser at once, and one on the server soon
   after, so that a lost line, a closed tab, an expired sign-in or another device loses nothing. One module, no imports.
   The rules of counting are those of lms/notes/rules.py, line for line; a test holds the two against each other. */

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
const SEND_MS = 2000;
const RETRY_MS = [5000, 15000, 30000, 60000];
const PREFIX = "lms-note:";
const DEVICE = "lms-device";
const DRAFTS = "/api/v1/notes/drafts";
const PART = "\u2029";

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
  return String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
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

/* ---- The copy on the server: each device has its own, so none overwrites another's ---- */

function device() {
  try {
    const known = localStorage.getItem(DEVICE);
    if (known) return known;
    const made = [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, "0")).join("");
    localStorage.setItem(DEVICE, made);
    return made;
  } catch {
    return "no-storage";
  }
}

function trimLines(text) {
  return text.replace(/^\n+|\n+$/g, "");
}

function sendDraft(key, copy, csrf, options = {}) {
  const training = copy.kind === "training";
  const text = training ? { parts: copy.body.split(PART).map(trimLines) } : { body: copy.body.split(PART).join("\n") };
  return fetch(DRAFTS, {
    method: "PUT",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify({
      key,
      device: device(),
      title: copy.title,
      kind: copy.kind || "free",
      audience: copy.audience || "me",
      version: Number(copy.version) || 0,
      ...text,
    }),
    ...options,
  });
}

/* What was typed while there was no line: sent when any page of notes opens. */
async function sendWaiting(member, csrf, except) {
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith(`${PREFIX}${member}:`)) continue;
    const local = name.slice(PREFIX.length);
    const copy = read(local);
    if (local === except || !copy || copy.sent || !(copy.body ?? "").trim()) continue;
    try {
      const answer = await sendDraft(local.slice(`${member}:`.length), copy, csrf);
      if (answer.ok) keep(local, { ...copy, sent: true });
    } catch {
      return;
    }
  }
}

/* ---- The form ---- */

function begin(form) {
  const { title, version, kind, draft } = form.elements;
  const areas = [...form.querySelectorAll("textarea")];
  const training = kind?.value === "training";
  const key = form.dataset.note;
  const csrf = form.elements.csrf_token.value;
  const count = form.querySelector("[data-note-count]");
  const kept = form.querySelector("[data-note-kept]");
  const other = form.querySelector("[data-note-other]");
  const restored = form.querySelector("[data-note-restored]");
  const text = () => areas.map((area) => area.value).join(`\n\n${PART}\n\n`);
  const stateOf = () => ({
    title: title.value,
    body: text(),
    kind: kind?.value,
    audience: form.elements.audience.value,
  });
  const first = { ...stateOf(), version: version?.value };
  // On a slow line one may have typed before this script arrived.
  const early = [title, ...areas].some((field) => field.value !== field.defaultValue);
  let pending = 0;
  let sending = 0;
  let failures = 0;
  let inflight = null;
  let closed = false;

  function showCount() {
    const steps = form.dataset.least.split(" ").filter(Boolean).map(Number);
    const length = areas.reduce((sum, area) => sum + area.value.length, 0);
    const over = length - Number(form.dataset.limit);
    const counted = areas.reduce((sum, area) => sum + countCharacters(area.value), 0);
    // What is to be reached next; once all is reached, the last.
    const least = steps.find((step) => step > counted) ?? steps.at(-1) ?? 0;
    const words = over > 0 ? form.dataset.over : least > 0 ? form.dataset.of : form.dataset.count;
    count.textContent = words.replace("{n}", figure(over > 0 ? over : counted)).replace("{least}", figure(least));
    count.classList.toggle("error", over > 0);
    count.classList.toggle("enough", least > 0 && over <= 0 && counted >= least);
  }

  function store() {
    clearTimeout(pending);
    pending = 0;
    const copy = { ...stateOf(), version: version?.value, at: Date.now(), sent: false };
    if (keep(key, copy)) {
      kept.textContent = form.dataset.kept.replace("{time}", clock(copy.at));
      form.dispatchEvent(new Event("saved"));
    } else {
      kept.textContent = form.dataset.unkept;
    }
    if (!sending && !closed) sending = setTimeout(send, SEND_MS);
  }

  async function send(options = {}) {
    clearTimeout(sending);
    sending = 0;
    if (closed || !text().replaceAll(PART, "").trim()) return;
    const copy = { ...stateOf(), version: version?.value };
    inflight = new AbortController();
    try {
      const answer = await sendDraft(form.dataset.key, copy, csrf, { signal: inflight.signal, ...options });
      if (!answer.ok) return;
      failures = 0;
      const told = await answer.json();
      if (draft && told.draft) draft.value = told.draft;
      const now = read(key);
      if (now && now.body === copy.body && now.title === copy.title) keep(key, { ...now, sent: true });
      kept.textContent = form.dataset.sent.replace("{time}", clock(Date.now()));
      tell(told);
    } catch (error) {
      if (error.name === "AbortError") return;
      kept.textContent = form.dataset.waiting;
      sending = setTimeout(send, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
    }
  }

  /* Another device is ahead: say so, and where its text can be seen; nothing here is overwritten. */
  function tell(told) {
    const since = Date.parse(`${told.others[0]?.updated_at ?? ""}Z`) || Date.parse(told.others[0]?.updated_at ?? "");
    const moved = version && told.version > Number(version.value);
    other.hidden = !moved && !told.others.length;
    if (other.hidden) return;
    other.textContent = moved ? form.dataset.moved : form.dataset.other.replace("{time}", clock(since));
    if (told.others.length) {
      const link = document.createElement("a");
      link.href = `/notes/drafts/${told.others[0].id}`;
      link.textContent = form.dataset.see;
      other.append(" ", link);
    }
  }

  function show(copy) {
    title.value = copy.title;
    const parts = copy.body.split(PART).map(trimLines);
    if (training) areas.forEach((area, n) => (area.value = parts[n] ?? ""));
    else areas[0].value = parts.filter((part) => part.trim()).join("\n\n") || copy.body;
    if (!copy.body.includes(PART)) areas[0].value = copy.body;
    if (copy.audience) form.elements.audience.value = copy.audience;
    // With its old version the server sees that the note moved on meanwhile, and shows both texts.
    if (version && copy.version) version.value = copy.version;
    showCount();
  }

  const copy = read(key);
  const same = copy && copy.title === first.title && copy.body === first.body;
  const typed = copy && (copy.body.replaceAll(PART, "").trim() || copy.title.trim());
  for (const line of document.querySelectorAll("[data-note-draft]")) {
    if (line.dataset.noteDraft === device() && typed) line.hidden = true;
  }
  const offered = document.querySelector("[data-note-drafts]");
  if (offered && !offered.querySelector("[data-note-draft]:not([hidden])")) offered.hidden = true;
  if (copy && !same && !form.dataset.refused && typed) {
    show(copy);
    restored.querySelector("span").textContent = form.dataset.restored.replace("{time}", clock(copy.at));
    restored.hidden = false;
    if (!copy.sent) sending = setTimeout(send, PAUSE_MS);
  } else if (early) {
    pending = setTimeout(store, PAUSE_MS);
  }
  if (form.dataset.refused) store();
  showCount();

  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    showCount();
    clearTimeout(pending);
    pending = setTimeout(store, PAUSE_MS);
  });
  form.addEventListener("submit", () => {
    store();
    clearTimeout(sending);
    inflight?.abort();
    closed = true;
  });
  // Coming back with the browser's Back button: the form is in use again.
  window.addEventListener("pageshow", () => (closed = false));
  window.addEventListener("online", () => sending && send());
  window.addEventListener("pagehide", () => {
    if (pending) store();
    // The browser lets a leaving page send up to 64 KB; a longer text waits for the next page of notes.
    if (sending && text().length < 18000) send({ keepalive: true });
  });
  restored.querySelector("[data-note-discard]").addEventListener("click", () => {
    forget(key);
    show(first);
    restored.hidden = true;
    kept.textContent = "";
    clearTimeout(sending);
    sending = 0;
    form.dispatchEvent(new Event("saved"));
    areas[0].focus();
  });
}

sweep();
const done = document.querySelector("[data-note-saved]");
if (done) forget(done.dataset.noteSaved);
const form = document.querySelector("form[data-note]");
const member = form?.dataset.note.split(":")[0] ?? document.querySelector("[data-note-member]")?.dataset.noteMember;
const token = document.querySelector("input[name=csrf_token]")?.value;
if (form && !form.querySelector("textarea[readonly]")) begin(form);
if (member && token) {
  try {
    sendWaiting(member, token, form?.dataset.note);
  } catch {
    // Storage is closed to this page: there is nothing to send.
  }
}
