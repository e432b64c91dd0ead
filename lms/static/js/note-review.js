/* Reviewing by keyboard: J and K go through the queue, A accepts, R goes to the remark and then returns. */

const items = [...document.querySelectorAll("[data-queue-item]")];
const remark = document.querySelector("[data-review] textarea[name=remark]");

function typing(target) {
  return target instanceof HTMLElement && target.matches("input, textarea, select");
}

function step(by) {
  const here = items.indexOf(document.activeElement);
  items[Math.min(Math.max(here + by, 0), items.length - 1)]?.focus();
}

function press(key) {
  document.querySelector(`[data-key="${key}"]`)?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && event.target === remark) remark.blur();
  if (typing(event.target)) return;
  const key = event.key.toLowerCase();
  if (items.length && (key === "j" || key === "k")) step(key === "j" ? 1 : -1);
  else if (key === "j" || key === "k" || key === "a") press(key);
  else if (key === "r" && remark) {
    event.preventDefault();
    // A return needs its reason: the first R goes to the remark, with one written R returns.
    if (remark.value.trim()) press("r");
    else remark.focus();
  }
});
