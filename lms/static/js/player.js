/* The player of a lecture: begins at the right second, keeps the transcript with the voice, and reports
   what was really played. Without this script the recording plays by itself and every cue is a link. */

const REPORT_EVERY_MS = 10_000;
const LEAP_S = 5;
const STEP_S = 10;

const media = document.querySelector("[data-player]");
const list = document.querySelector("[data-cues]");
const note = document.querySelector("[data-player-note]");

/* ---- Going to a second ---- */

function goTo(seconds) {
  media.currentTime = seconds;
  media.play().catch(() => {}); // a browser may ask for a tap first: the place is right all the same
}

function begin() {
  const start = Number(media.dataset.start);
  if (start > 0 && Math.abs(media.currentTime - start) > 1) media.currentTime = start;
  follow();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-seek]");
  if (!media || !link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  goTo(Number(link.dataset.seek));
  if (link.closest(".player-note")) link.closest(".player-note").hidden = true;
  if (window.matchMedia("(max-width: 64rem)").matches) media.scrollIntoView({ block: "nearest" });
});

document.addEventListener("keydown", (event) => {
  if (!media || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const key = event.key.toLowerCase();
  if (key === "k") media.paused ? media.play().catch(() => {}) : media.pause();
  else if (key === "j") media.currentTime = Math.max(0, media.currentTime - STEP_S);
  else if (key === "l") media.currentTime = Math.min(media.duration || 0, media.currentTime + STEP_S);
  else return;
  event.preventDefault();
});

/* ---- The transcript follows the voice ---- */

const cues = list ? [...list.querySelectorAll("a[data-seek]")] : [];
const starts = cues.map((cue) => Number(cue.dataset.seek));
let current = null;

function cueAt(seconds) {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= seconds + 0.05) low = middle + 1;
    else high = middle;
  }
  return low ? cues[low - 1] : null;
}

function reveal(cue) {
  // Whoever is reading or tabbing through the list must not have it pulled away.
  if (list.matches(":hover") || list.contains(document.activeElement)) return;
  const item = cue.parentElement;
  list.scrollTop = item.offsetTop - list.offsetTop - list.clientHeight / 3;
}

function follow() {
  if (!cues.length) return;
  const cue = cueAt(media.currentTime);
  if (cue === current) return;
  for (const old of list.querySelectorAll("[aria-current]")) old.removeAttribute("aria-current");
  current = cue;
  if (!cue) return;
  cue.setAttribute("aria-current", "true");
  reveal(cue);
}

/* ---- What was really played ---- */

let from = null; // where the stretch being played began
let last = null; // how far it has come
let movedAt = new Date();
let armed = false; // opening a page at a second is not yet watching: only playing moves the stored place
let changed = false;
let played = []; // stretches not yet reported

function endStretch() {
  if (from !== null && last > from) played.push([from, last]);
  from = last = null;
}

function unheard() {
  return document.hidden && (media.muted || media.volume === 0);
}

function watch() {
  follow();
  if (media.paused || media.seeking || unheard()) {
    endStretch();
    return;
  }
  const now = media.currentTime;
  if (from !== null && (now < last || now - last > LEAP_S * media.playbackRate)) endStretch();
  if (from === null) from = now;
  last = now;
  movedAt = new Date();
  changed = true;
}

function moved() {
  endStretch();
  movedAt = new Date();
  changed = true;
}

/* ---- Reporting ---- */

let sending = false;

function takePlayed() {
  const open = from !== null && last > from ? [[from, last]] : [];
  const taken = [...played, ...open];
  played = [];
  if (from !== null) from = last;
  return taken.slice(-500);
}

async function report({ leaving = false } = {}) {
  if (!armed || !changed || (sending && !leaving)) return;
  const taken = takePlayed();
  changed = false;
  sending = true;
  try {
    const answer = await fetch(media.dataset.progress, {
      method: "PUT",
      keepalive: true, // so that the last report outlives the page
      headers: { "Content-Type": "application/json", "X-CSRFToken": media.dataset.csrf },
      body: JSON.stringify({
        position: media.currentTime,
        at: movedAt.toISOString(),
        sent_at: new Date().toISOString(),
        played: taken,
      }),
    });
    if (answer.status >= 500) throw new Error(String(answer.status));
    say(answer.ok ? "" : media.dataset.lost);
  } catch {
    // Offline, or the service is busy: keep it for the next report.
    played = [...taken, ...played];
    changed = true;
    say(media.dataset.lost);
  } finally {
    sending = false;
  }
}

function say(text) {
  if (!note) return;
  note.textContent = text;
  note.hidden = !text;
}

if (media) {
  media.addEventListener("timeupdate", watch);
  media.addEventListener("seeking", moved);
  media.addEventListener("seeked", follow);
  media.addEventListener("play", () => {
    armed = true;
    moved();
    report();
  });
  for (const kind of ["pause", "ended"]) {
    media.addEventListener(kind, () => {
      endStretch();
      report();
    });
  }
  setInterval(() => {
    if (!media.paused) report();
  }, REPORT_EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) report({ leaving: true });
  });
  window.addEventListener("pagehide", () => {
    endStretch();
    report({ leaving: true });
  });
  if (media.readyState >= HTMLMediaElement.HAVE_METADATA) begin();
  else media.addEventListener("loadedmetadata", begin, { once: true });
}
