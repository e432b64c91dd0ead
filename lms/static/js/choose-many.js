/* A list in which several things can be chosen: how many are, and all of this page at once. */

const many = document.querySelector("form[data-choose-many]");
if (many) {
  const boxes = [...document.querySelectorAll(`input[type=checkbox][form="${many.id}"]:not([data-all-pages])`)];
  const whole = document.querySelector("[data-all-pages]");
  const said = document.querySelector("[data-chosen]");
  const all = document.querySelector("[data-choose-all]");
  const panel = document.querySelector("#with-chosen");
  const count = () => {
    const chosen = whole?.checked ? Number(whole.dataset.allPages) : boxes.filter((box) => box.checked).length;
    said.textContent = chosen ? String(chosen) : "";
    if (chosen) panel.open = true;
  };
  for (const box of whole ? [...boxes, whole] : boxes) box.addEventListener("change", count);
  all.hidden = false;
  all.addEventListener("click", () => {
    const on = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = on;
    count();
  });
  count();
}
