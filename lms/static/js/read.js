/* A page of a material: tells the service, while the page is really looked at, that it is. The service alone
   decides when it counts; it says how many seconds are left. Arrow keys turn pages. */

const form = document.querySelector("form[data-read]");
const FIRST_LOOK_MS = 3000;
let left = FIRST_LOOK_MS;
let since = document.hidden ? 0 : performance.now();
let timer = 0;
let asking = false;

async function tell() {
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" });
    if (!answer.ok) return;
    const said = await answer.json();
    form.querySelector("[data-read-status]").textContent = said.text;
    if (!said.counts) wait(said.seconds_left * 1000 + 200);
  } catch {
    wait(15_000); // the line is gone: again in a while
  } finally {
    asking = false;
  }
}

function wait(ms) {
  left = ms;
  if (!document.hidden) start();
}

function start() {
  clearTimeout(timer);
  since = performance.now();
  timer = setTimeout(tell, left);
}

if (form) {
  if (!document.hidden) start();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
      if (since) left = Math.max(500, left - (performance.now() - since));
      since = 0;
    } else start();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], .table-wrap")) return;
    const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    const link = rel && document.querySelector(`.turn a[rel="${rel}"]`);
    if (link) location.assign(link.href);
  });
}
