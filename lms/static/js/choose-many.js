/* A list in which several things can be chosen: how many are, and all of this page at once. */

const many = document.querySelector("form[data-choose-many]");
if (many) {
  const boxes = [...document.querySelectorAll(`input[type=checkbox][form="${many.id}"]`)];
  const said = document.querySelector("[data-chosen]");
  const all = document.querySelector("[data-choose-all]");
  const panel = document.querySelector("#with-chosen");
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    said.textContent = chosen ? String(chosen) : "";
    if (chosen) panel.open = true;
  };
  for (const box of boxes) box.addEventListener("change", count);
  all.hidden = false;
  all.addEventListener("click", () => {
    const on = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = on;
    count();
  });
  count();
}
