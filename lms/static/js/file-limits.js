/* Plain file fields with data-file-limits: what will not be taken is said beside the field before anything is sent, and
   nothing that was typed is lost. The server decides the same by the length that is declared. */

import { filled, readable } from "./pieces/words.js";

function fault(input) {
  const { each, together, left } = input.dataset;
  const chosen = [...input.files];
  const large = chosen.find((file) => file.size > Number(each));
  if (large) return filled(input.dataset.tooLarge, { name: large.name });
  const all = chosen.reduce((sum, file) => sum + file.size, 0);
  if (together && all > Number(together)) return filled(input.dataset.tooMuch, { all: readable(all) });
  if (left && all > Number(left)) return filled(input.dataset.noRoom, { all: readable(all) });
  return "";
}

function show(input, text) {
  const box = input.closest(".field");
  const id = `${input.id}-fault`;
  document.getElementById(id)?.remove();
  box.classList.toggle("has-error", Boolean(text));
  if (text) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  input.setCustomValidity(text);
  if (!text) return;
  const line = document.createElement("p");
  line.className = "error";
  line.id = id;
  line.setAttribute("role", "alert");
  line.textContent = text;
  box.append(line);
}

for (const input of document.querySelectorAll("input[type=file][data-file-limits]")) {
  input.addEventListener("change", () => show(input, fault(input)));
}
