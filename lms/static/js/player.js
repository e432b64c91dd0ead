/* The player of a lecture: begins at the right second, speed, captions, chapters, keys. Without this script the browser's
   own player plays and every sentence and chapter is a link. What was played is told by watching.js. */

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
const media = document.querySelector("[data-player]");
const tools = document.querySelector("[data-player-tools]");
const help = document.querySelector("[data-keys]");

function kept(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(`lms-player-${name}`);
    localStorage.setItem(`lms-player-${name}`, value);
  } catch {
    // private windows have no memory: the player works all the same
  }
  return null;
}

/* ---- Going to a second ---- */

function goTo(seconds) {
  media.currentTime = seconds;
  media.play().catch(() => {}); // a browser may ask for a tap first: the place is right all the same
}

function step(seconds) {
  media.currentTime = Math.min(Math.max(0, media.currentTime + seconds), media.duration || Infinity);
}

function playOrPause() {
  if (media.paused) media.play().catch(() => {});
  else media.pause();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-seek]");
  if (!media || !link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  goTo(Number(link.dataset.seek));
  if (link.closest(".player-note")) link.closest(".player-note").hidden = true;
  if (window.matchMedia("(max-width: 64rem)").matches && !link.closest("[data-said]")) {
    media.scrollIntoView({ block: "nearest" });
  }
});

/* ---- Speed ---- */

function setSpeed(speed) {
  media.playbackRate = speed;
  kept("speed", speed);
}

function showSpeed() {
  for (const button of tools.querySelectorAll("[data-speed]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === media.playbackRate));
  }
}

function faster(by) {
  const place = SPEEDS.findIndex((speed) => speed >= media.playbackRate - 0.01);
  setSpeed(SPEEDS[Math.min(Math.max(0, place + by), SPEEDS.length - 1)]);
}

/* ---- Captions ---- */

const captions = () => [...media.textTracks].filter((track) => track.kind === "captions");
const captionsButton = document.querySelector("[data-captions]");
let caption = null; // the track that was last shown

function showCaptions(on) {
  caption = captions().find((track) => track.mode === "showing") ?? caption ?? captions()[0];
  for (const track of captions()) track.mode = on && track === caption ? "showing" : "disabled";
  captionsButton?.setAttribute("aria-pressed", String(on));
  kept("captions", on ? "on" : "off");
}

/* Safari does not show by itself the track that is marked as the default one. */
function beginCaptions() {
  caption = media.querySelector("track[kind=captions][default]")?.track ?? null;
  if (captions().length) showCaptions(kept("captions") !== "off");
}

function toggleCaptions() {
  if (captions().length) showCaptions(!captions().some((track) => track.mode === "showing"));
}

/* ---- Chapters ---- */

const chapters = [...document.querySelectorAll("[data-chapters] a")];

function showChapter() {
  let current = null;
  for (const chapter of chapters) if (Number(chapter.dataset.seek) <= media.currentTime + 0.05) current = chapter;
  for (const chapter of chapters) {
    if (chapter === current) chapter.setAttribute("aria-current", "true");
    else chapter.removeAttribute("aria-current");
  }
}

/* ---- Keys ---- */

const KEYS = {
  k: playOrPause,
  " ": playOrPause,
  j: () => step(-10),
  l: () => step(10),
  ArrowLeft: () => step(-5),
  ArrowRight: () => step(5),
  "<": () => faster(-1),
  ">": () => faster(1),
  c: toggleCaptions,
  m: () => {
    media.muted = !media.muted;
  },
  f: () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else media.requestFullscreen?.().catch(() => {});
  },
  "?": () => help?.showModal(),
};
const TYPED_INTO = "input, textarea, select, [contenteditable], dialog";
const OWN_KEYS = "button, a, summary, video, audio"; // Space and the arrows mean something there already

document.addEventListener("keydown", (event) => {
  if (!media || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  if (target.closest?.(TYPED_INTO) || (kept("keys") === "off" && event.key !== "?")) return;
  if ((event.key === " " || event.key.startsWith("Arrow")) && target.closest?.(OWN_KEYS)) return;
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (action) action();
  else if (/^[0-9]$/.test(event.key) && media.duration) media.currentTime = (media.duration * event.key) / 10;
  else return;
  event.preventDefault();
});

/* ---- Buttons ---- */

function showPlaying() {
  const button = tools.querySelector("[data-play]");
  button.dataset.playWords ??= button.textContent;
  button.textContent = media.paused ? button.dataset.playWords : button.dataset.pauseWords;
}

function begin() {
  const start = Number(media.dataset.start);
  if (start > 0 && Math.abs(media.currentTime - start) > 1) media.currentTime = start;
  const speed = Number(kept("speed"));
  if (SPEEDS.includes(speed)) media.playbackRate = speed;
  beginCaptions();
  showChapter();
  // Who comes for a place, from a search or a note, sees it without looking for the player first.
  if (new URLSearchParams(location.search).has("t") && !location.hash) media.scrollIntoView({ block: "nearest" });
}

if (media) {
  tools.hidden = false;
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.step) step(Number(button.dataset.step));
    else if (button.dataset.speed) setSpeed(Number(button.dataset.speed));
    else if ("play" in button.dataset) playOrPause();
    else if ("captions" in button.dataset) toggleCaptions();
    else help.showModal();
  });
  const keysOn = document.querySelector("[data-keys-on]");
  keysOn.checked = kept("keys") !== "off";
  keysOn.addEventListener("change", () => kept("keys", keysOn.checked ? "on" : "off"));
  document.querySelector("[data-keep-place]")?.addEventListener("click", (event) => {
    const address = new URL(event.currentTarget.href);
    address.searchParams.set("t", media.currentTime.toFixed(1));
    event.currentTarget.href = address.pathname + address.search;
  });
  media.addEventListener("ratechange", showSpeed);
  for (const kind of ["play", "pause"]) media.addEventListener(kind, showPlaying);
  media.addEventListener("timeupdate", showChapter);
  media.addEventListener("ended", () => {
    const next = document.querySelector("[data-next]");
    if (next) next.hidden = false;
  });
  if (media.readyState >= HTMLMediaElement.HAVE_METADATA) begin();
  else media.addEventListener("loadedmetadata", begin, { once: true });
}
