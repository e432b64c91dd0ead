// Making a course: move items without leaving the page, find what to add while typing. Both work without this script.

const form = document.querySelector("[data-order]");
if (form) {
  const said = form.querySelector("[data-order-said]");
  const rows = () => [...form.querySelectorAll("[data-row]")];
  const mark = () => {
    const all = rows();
    for (const [place, row] of all.entries()) {
      for (const button of row.querySelectorAll("[data-move]")) {
        const end = button.dataset.move === "-1" ? place === 0 : place === all.length - 1;
        button.toggleAttribute("aria-disabled", false);
        if (end) button.setAttribute("aria-disabled", "true");
      }
    }
  };
  const move = (row, step, button) => {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    mark();
    button.focus();
    row.scrollIntoView({ block: "nearest" });
    said.textContent = said.dataset.said.replace("{n}", String(rows().indexOf(row) + 1));
    form.dispatchEvent(new Event("input", { bubbles: true }));
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    move(button.closest("[data-row]"), Number(button.dataset.move), button);
  });
  form.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const row = event.target.closest("[data-row]");
    if (!row) return;
    event.preventDefault();
    move(row, event.key === "ArrowUp" ? -1 : 1, event.target);
  });
}

const list = document.querySelector("[data-candidates]");
const field = document.querySelector(".find-form input[name=q]#f-q");
if (list && field) {
  let timer = 0;
  let asked = 0;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const number = ++asked;
      try {
        const answer = await fetch(`${list.dataset.candidates}?q=${encodeURIComponent(field.value)}`);
        if (answer.ok && number === asked) {
          const found = new DOMParser().parseFromString(await answer.text(), "text/html");
          list.replaceChildren(...found.body.childNodes);
        }
      } catch {
        // The button beside the field asks the server as well.
      }
    }, 250);
  });
  // What was typed before this script arrived, on a slow line, is looked for as well.
  if (field.value !== field.defaultValue) field.dispatchEvent(new Event("input"));
}
