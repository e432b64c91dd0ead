/* The transcript as a text that follows the voice: the sentence that is said is marked and kept in sight, until the
   reader scrolls away. And finding words in it. */

const media = document.querySelector("[data-player]");
const box = document.querySelector("[data-said]");
const back = document.querySelector("[data-follow]");
const sentences = box ? [...box.querySelectorAll(".sentence")] : [];
const starts = sentences.map((sentence) => Number(sentence.dataset.seek));
let current = box?.querySelector("[aria-current]") ?? null;
let following = true;

function sentenceAt(seconds) {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= seconds + 0.05) low = middle + 1;
    else high = middle;
  }
  return low ? sentences[low - 1] : null;
}

function bringIntoSight(sentence) {
  const above = sentence.getBoundingClientRect().top - box.getBoundingClientRect().top;
  box.scrollTop += above - box.clientHeight / 3;
}

function follow() {
  const sentence = sentenceAt(media.currentTime);
  if (sentence !== current) {
    current?.removeAttribute("aria-current");
    current = sentence;
    current?.setAttribute("aria-current", "true");
    if (current && following) bringIntoSight(current);
  }
}

function setFollowing(on) {
  following = on;
  back.hidden = on;
  if (on && current) bringIntoSight(current);
}

if (media && box) {
  for (const kind of ["timeupdate", "seeked"]) media.addEventListener(kind, follow);
  // Only the reader's own hand stops the following, never our own scrolling.
  for (const kind of ["wheel", "touchmove"]) box.addEventListener(kind, () => setFollowing(false), { passive: true });
  box.addEventListener("keydown", (event) => {
    if (["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"].includes(event.key)) setFollowing(false);
  });
  box.addEventListener("click", (event) => {
    if (event.target.closest("[data-seek]")) setFollowing(true);
  });
  back.addEventListener("click", () => setFollowing(true));
  if (current) bringIntoSight(current);
}

/* ---- Find ---- */

const find = document.querySelector("[data-find-said]");
let places = []; // each a list of sentences that hold a found place together
let at = -1;
let sought = "";

function look(words) {
  sought = words;
  places = [];
  at = -1;
  for (const sentence of box.querySelectorAll(".found")) sentence.classList.remove("found", "found-now");
  if (!words) return;
  const needle = words.toLowerCase();
  for (const paragraph of box.querySelectorAll("p")) {
    const parts = [...paragraph.querySelectorAll(".sentence")];
    const text = parts.map((part) => part.textContent.toLowerCase()).join("");
    for (let from = text.indexOf(needle); from >= 0; from = text.indexOf(needle, from + needle.length)) {
      let offset = 0;
      const holding = parts.filter((part) => {
        const begins = offset;
        offset += part.textContent.length;
        return begins < from + needle.length && offset > from;
      });
      for (const part of holding) part.classList.add("found");
      places.push(holding);
    }
  }
}

function nextPlace(by) {
  if (!places.length) return;
  for (const part of places[at] ?? []) part.classList.remove("found-now");
  at = (at + by + places.length) % places.length;
  for (const part of places[at]) part.classList.add("found-now");
  setFollowing(false);
  bringIntoSight(places[at][0]);
}

function tell() {
  const output = find.querySelector("[data-found]");
  if (!sought) output.textContent = "";
  else if (!places.length) output.textContent = output.dataset.noneWords;
  else output.textContent = output.dataset.foundWords.replace("{n}", at + 1).replace("{all}", places.length);
}

if (find && box) {
  find.hidden = false;
  const field = find.querySelector("input");
  find.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim() !== sought) look(field.value.trim());
    nextPlace(1);
    tell();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.shiftKey) return;
    event.preventDefault();
    nextPlace(-1);
    tell();
  });
  field.addEventListener("input", () => {
    look(field.value.trim());
    nextPlace(1);
    tell();
  });
}
