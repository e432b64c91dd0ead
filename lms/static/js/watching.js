/* What was really played, told to the service: stretches of the recording with the time of the clock in which they were
   played. The clock is the service's, so that a device's wrong one does no harm. What cannot be sent is kept on this
   device, and sent later by app.js from whatever page is open then; sending it twice counts once. */

const REPORT_EVERY_MS = 10_000;
const LEAP_S = 1.5;
const media = document.querySelector("[data-player]");
const note = document.querySelector("[data-player-note]");

/* ---- The service's clock ---- */

const begun = performance.now() / 1000;
let ahead = media ? Number(media.dataset.now) - begun : 0; // add this to performance.now() for the service's clock
let sharpest = Infinity; // the quickest answer tells the clock best

const clock = () => performance.now() / 1000 + ahead;

function setClock(answered, asked) {
  const took = performance.now() / 1000 - asked;
  sharpest = Math.min(sharpest * 1.1, 60);
  if (took > sharpest) return;
  sharpest = took;
  ahead = answered + took / 2 - performance.now() / 1000;
}

/* ---- Stretches ---- */

let open = null; // the stretch being played: {start, end, began, ended}
let played = []; // those not yet reported
let movedAt = new Date();
let armed = false; // opening a page at a second is not yet watching: only playing moves the stored place
let changed = false;

function endStretch() {
  if (open && open.end > open.start && open.ended > open.began) {
    played.push([open.start, open.end, open.began, open.ended].map((value) => Math.round(value * 1000) / 1000));
  }
  open = null;
}

function unheard() {
  return document.hidden && (media.muted || media.volume === 0);
}

function watch() {
  if (media.paused || media.seeking || unheard()) {
    endStretch();
    return;
  }
  const place = media.currentTime;
  const moment = clock();
  if (open) {
    const leapt = place - open.end > (moment - open.ended) * media.playbackRate + LEAP_S;
    if (place < open.end || leapt) endStretch();
  }
  if (open) Object.assign(open, { end: place, ended: moment });
  else open = { start: place, end: place, began: moment, ended: moment };
  movedAt = new Date();
  changed = true;
}

function moved() {
  endStretch();
  movedAt = new Date();
  changed = true;
}

/* ---- Reporting ---- */

const page = Math.random().toString(36).slice(2);
const drawer = `lms-played:${page}`;
let sending = false;
let lost = false;

function takePlayed() {
  const resume = open && { start: open.end, end: open.end, began: open.ended, ended: open.ended };
  endStretch();
  open = resume;
  const taken = played.slice(-400);
  played = [];
  return taken;
}

function keep(report) {
  try {
    localStorage.setItem(drawer, JSON.stringify({ member: media.dataset.member, recording: media.dataset.recording, ...report }));
  } catch {
    // no room or no memory: it stays in this page until the line is back
  }
}

function forget() {
  try {
    localStorage.removeItem(drawer);
  } catch {
    // nothing was kept then
  }
}

async function report({ leaving = false } = {}) {
  if (!armed || !changed || (sending && !leaving)) return;
  const taken = takePlayed();
  const told = { position: media.currentTime, at: movedAt.toISOString(), played: taken };
  const asked = performance.now() / 1000;
  changed = false;
  sending = true;
  if (leaving) keep(told); // the page may be gone before it knows whether this arrived
  try {
    const answer = await fetch(`/api/v1/recordings/${media.dataset.recording}/progress`, {
      method: "PUT",
      keepalive: true, // so that the last report outlives the page
      headers: { "Content-Type": "application/json", "X-CSRFToken": media.dataset.csrf },
      body: JSON.stringify({ ...told, member: Number(media.dataset.member), sent_at: new Date().toISOString() }),
    });
    if (answer.status >= 500 || [401, 429].includes(answer.status)) throw new Error(String(answer.status));
    forget();
    if (answer.ok) arrived(await answer.json(), asked);
    else say(media.dataset.lost);
  } catch {
    played = [...taken, ...played];
    changed = true;
    lost = true;
    keep({ ...told, played });
    say(media.dataset.lost);
  } finally {
    sending = false;
  }
  if (!lost && changed && media.paused) report(); // it was stopped while the last report was under way
}

function arrived(standing, asked) {
  setClock(standing.now, asked);
  say(lost ? media.dataset.kept : "");
  lost = false;
  if (standing.done && media.dataset.doneWords) {
    say(media.dataset.doneWords);
    media.dataset.doneWords = "";
  }
}

function say(text) {
  if (!note || (!text && note.textContent !== media.dataset.lost)) return;
  note.textContent = text;
  note.hidden = !text;
}

if (media) {
  media.addEventListener("timeupdate", watch);
  for (const kind of ["seeking", "waiting", "ratechange"]) media.addEventListener(kind, moved);
  media.addEventListener("play", () => {
    armed = true;
    moved();
    report();
  });
  for (const kind of ["pause", "ended"]) {
    media.addEventListener(kind, () => {
      watch();
      endStretch();
      report();
    });
  }
  setInterval(() => {
    if (!media.paused || lost) report();
  }, REPORT_EVERY_MS);
  window.addEventListener("online", () => report());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) report({ leaving: true });
  });
  window.addEventListener("pagehide", () => {
    endStretch();
    report({ leaving: true });
  });
}
