/* Editing a transcript beside the player: click a line, it plays; type, it is saved. One line, one request; a line that
   could not be sent is tried again until it could. */

const SAVE_AFTER_MS = 800;
const TRY_AGAIN_MS = 5000;
const editor = document.querySelector("[data-editor]");
const media = document.querySelector("[data-media]");
const list = document.querySelector("[data-lines]");
const state = document.querySelector("[data-state]");
const tools = document.querySelector("[data-line-tools]");
const waiting = new Map(); // line -> its timer
const busy = new Set(); // lines being sent
let current = null;

const words = editor?.dataset ?? {};
const field = (line) => line.querySelector("textarea");
const number = (line, name) => Number(line.dataset[name]);

function clockWords(seconds) {
  const whole = Math.floor(seconds);
  const two = (value) => String(value).padStart(2, "0");
  const hours = whole >= 3600 ? `${Math.floor(whole / 3600)}:` : "";
  return `${hours}${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

function say(text) {
  state.textContent = text;
}

function fit(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

/* ---- Talking to the service ---- */

async function ask(method, path, body) {
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": words.csrf,
      "Accept-Language": document.documentElement.lang, // errors in the language of the page
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const told = await answer.json();
  if (answer.ok) return told;
  const first = Object.values(told.errors ?? {})[0]?.[0];
  const error = new Error(first ?? told.detail ?? told.title ?? String(answer.status));
  error.final = answer.status < 500 && answer.status !== 429;
  throw error;
}

/* ---- Lines ---- */

function show(line, cue) {
  line.dataset.cue = cue.id;
  line.dataset.version = cue.version;
  line.dataset.start = cue.start;
  line.dataset.end = cue.end;
  line.querySelector("[data-hear]").textContent = clockWords(cue.start);
  field(line).dataset.kept = cue.text;
}

function lineOf(cue) {
  const there = list.querySelector(`[data-cue="${cue.id}"]`);
  if (there) return there;
  const line = document.querySelector("[data-line-template]").content.firstElementChild.cloneNode(true);
  const below = [...list.children].find((other) => number(other, "start") > cue.start);
  list.insertBefore(line, below ?? null);
  return line;
}

function apply(outcome) {
  for (const id of outcome.removed) list.querySelector(`[data-cue="${id}"]`)?.remove();
  for (const cue of outcome.lines) {
    const line = lineOf(cue);
    const typed = field(line).value;
    const untouched = typed === (field(line).dataset.kept ?? "");
    show(line, cue);
    if (untouched || !busy.has(line)) field(line).value = cue.text;
    fit(field(line));
  }
}

async function change(method, path, body) {
  say(words.saving);
  try {
    const outcome = await ask(method, path, body);
    apply(outcome);
    say(words.saved);
    return outcome;
  } catch (error) {
    say(error.final ? error.message : words.unsaved);
    return null;
  }
}

/* ---- Saving what is typed ---- */

function changed(line) {
  return field(line).value !== field(line).dataset.kept;
}

function later(line, pause) {
  clearTimeout(waiting.get(line));
  waiting.set(line, setTimeout(() => save(line), pause));
}

async function save(line) {
  clearTimeout(waiting.get(line));
  waiting.delete(line);
  if (!line.isConnected || !changed(line) || busy.has(line)) return;
  const typed = field(line).value;
  busy.add(line);
  say(words.saving);
  try {
    const outcome = await ask("PATCH", `/cues/${line.dataset.cue}`, { version: number(line, "version"), text: typed });
    const [cue] = outcome.lines;
    show(line, cue);
    if (outcome.kept) {
      if (field(line).value === typed) field(line).value = cue.text;
      else later(line, SAVE_AFTER_MS);
      say(words.saved);
    } else {
      field(line).value = cue.text;
      offer(line, typed);
    }
    fit(field(line));
  } catch (error) {
    say(error.final ? error.message : words.unsaved);
    if (!error.final) later(line, TRY_AGAIN_MS);
  } finally {
    busy.delete(line);
  }
}

function offer(line, typed) {
  say(words.theirs);
  const box = document.createElement("div");
  box.className = "edit-conflict";
  const told = document.createElement("p");
  told.textContent = words.theirs;
  const mine = document.createElement("p");
  mine.className = "edit-mine";
  mine.textContent = typed;
  const use = document.createElement("button");
  use.type = "button";
  use.className = "btn quiet";
  use.textContent = words.mine;
  use.addEventListener("click", () => {
    box.remove();
    field(line).value = typed;
    save(line);
  });
  const leave = use.cloneNode();
  leave.textContent = words.keep;
  leave.addEventListener("click", () => box.remove());
  box.append(told, mine, use, leave);
  line.append(box);
}

/* ---- What can be done with a line ---- */

function hear(line) {
  if (!media) return;
  media.currentTime = number(line, "start");
  media.play().catch(() => {});
}

async function settled(line) {
  if (changed(line)) await save(line);
}

const DO = {
  start: (line) => change("PATCH", `/cues/${line.dataset.cue}`, { version: number(line, "version"), start: media.currentTime }),
  end: (line) => change("PATCH", `/cues/${line.dataset.cue}`, { version: number(line, "version"), end: media.currentTime }),
  split: (line) => {
    const at = field(line).selectionStart;
    const inside = media && media.currentTime > number(line, "start") && media.currentTime < number(line, "end");
    const second = inside && !media.paused ? media.currentTime : null;
    return change("POST", `/cues/${line.dataset.cue}/split`, { version: number(line, "version"), at, second });
  },
  merge: async (line) => {
    const below = line.nextElementSibling;
    if (below) await settled(below);
    return change("POST", `/cues/${line.dataset.cue}/merge`, { version: number(line, "version") });
  },
  delete: (line) => change("DELETE", `/cues/${line.dataset.cue}?version=${line.dataset.version}`),
};

async function use(tool) {
  if (!current?.isConnected) return;
  const line = current;
  const below = line.nextElementSibling ?? line.previousElementSibling;
  await settled(line);
  await DO[tool](line);
  const next = line.isConnected ? line : below;
  if (next?.isConnected) field(next).focus();
}

async function insert() {
  const start = media ? media.currentTime : 0;
  const outcome = await change("POST", `/transcripts/${words.transcript}/lines`, { start, text: "" });
  const added = outcome?.lines.find((cue) => !cue.text);
  if (added) field(list.querySelector(`[data-cue="${added.id}"]`)).focus();
}

async function undo() {
  if (current?.isConnected) await settled(current);
  if (await change("POST", `/transcripts/${words.transcript}/undo`)) say(words.taken);
}

function playOrPause() {
  if (media?.paused) media.play().catch(() => {});
  else media?.pause();
}

/* ---- Hands on the page ---- */

function choose(line) {
  if (line === current && tools.parentElement === line) return;
  current = line;
  line.append(tools);
  tools.hidden = false;
}

const ALT = {
  KeyP: playOrPause,
  KeyR: () => current && hear(current),
  KeyS: () => use("start"),
  KeyE: () => use("end"),
  KeyM: () => use("merge"),
  KeyI: insert,
  KeyZ: undo,
  Enter: () => use("split"),
};

function follow() {
  const now = [...list.children].find((line) => number(line, "start") <= media.currentTime && number(line, "end") > media.currentTime);
  list.querySelector("[aria-current]")?.removeAttribute("aria-current");
  now?.setAttribute("aria-current", "true");
}

if (editor) {
  for (const area of list.querySelectorAll("textarea")) area.dataset.kept = area.value;
  list.addEventListener("input", (event) => {
    const line = event.target.closest("li");
    fit(event.target);
    later(line, SAVE_AFTER_MS);
  });
  list.addEventListener("focusin", (event) => {
    if (!event.target.matches("textarea")) return;
    fit(event.target);
    choose(event.target.closest("li"));
  });
  list.addEventListener("focusout", (event) => {
    if (event.target.matches("textarea")) save(event.target.closest("li"));
  });
  list.addEventListener("click", (event) => {
    const line = event.target.closest("li");
    if (event.target.closest("[data-hear]")) hear(line);
    const tool = event.target.closest("[data-tool]");
    if (tool) use(tool.dataset.tool);
  });
  list.addEventListener("keydown", (event) => {
    if (!event.target.matches("textarea") || event.key !== "Enter" || event.shiftKey || event.altKey || event.isComposing) return;
    event.preventDefault();
    const line = event.target.closest("li");
    save(line);
    if (line.nextElementSibling) field(line.nextElementSibling).focus();
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || !ALT[event.code]) return;
    event.preventDefault();
    ALT[event.code]();
  });
  document.querySelector("[data-undo]").addEventListener("click", undo);
  document.querySelector("[data-insert]").addEventListener("click", insert);
  media?.addEventListener("timeupdate", follow);
  window.addEventListener("beforeunload", (event) => {
    if ([...list.children].some(changed)) event.preventDefault();
  });
}

/* ---- Chapters ---- */

document.querySelector("[data-chapter-here]")?.addEventListener("click", () => {
  const rows = document.querySelector("[data-chapter-text]");
  const before = rows.value.trimEnd();
  rows.value = `${before}${before ? "\n" : ""}${clockWords(media?.currentTime ?? 0)} `;
  rows.focus();
  rows.dispatchEvent(new Event("input", { bubbles: true }));
});
