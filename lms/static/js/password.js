/* "Show the password": one box after the first field that carries data-password="its words"; it shows or hides
   every password field of that form. Without scripts the fields simply stay hidden. */

for (const first of document.querySelectorAll('input[data-password]:not([data-password=""])')) {
  const fields = [...first.form.querySelectorAll("input[data-password]")];
  const label = document.createElement("label");
  label.className = "choice";
  const box = document.createElement("input");
  box.type = "checkbox";
  const words = document.createElement("span");
  words.textContent = first.dataset.password;
  label.append(box, words);
  fields.at(-1).closest(".field").after(label);
  box.addEventListener("change", () => {
    for (const field of fields) field.type = box.checked ? "text" : "password";
  });
  // A browser must not offer to keep what was shown as an ordinary text.
  first.form.addEventListener("submit", () => {
    for (const field of fields) field.type = "password";
  });
}
