/* Ticking all boxes of a list at once, and none again. */

const button = document.querySelector("[data-tick-all]");
const boxes = [...document.querySelectorAll("[data-tick]")];

if (button && boxes.length) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
  });
}
