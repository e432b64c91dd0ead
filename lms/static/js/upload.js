/* Uploads with visible progress, for forms with data-upload. Without it the form posts as usual.
   The server may answer with a redirect (followed) or with a page that explains what is wrong. */

import { readable } from "./pieces/words.js";

function showError(form, text) {
  form.querySelector("[data-upload-error]").textContent = text;
  form.querySelector(".drop").classList.toggle("has-error", Boolean(text));
}

function tooLarge(form) {
  const limit = Number(form.dataset.maxBytes || 0);
  const files = [...form.querySelector("input[type=file]").files];
  return limit > 0 && files.some((file) => file.size > limit);
}

function setSending(form, sending) {
  form.querySelector("[data-upload-progress]").hidden = !sending;
  for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = sending;
}

/* The redirect has been followed, so the messages for the reader were given to this request: they are
   handed over to the page that is opened now (app.js shows them). */
function openLanding(address, page) {
  const flashes = page.querySelector(".flashes");
  if (flashes) sessionStorage.setItem("flashes", flashes.outerHTML);
  location.assign(address);
}

function showAnswer(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const content = page.querySelector(".page");
  if (request.status < 400 && request.responseURL && request.responseURL !== location.href) {
    openLanding(request.responseURL, page);
    return;
  }
  if (!content) {
    location.reload();
    return;
  }
  document.querySelector(".page").replaceWith(document.adoptNode(content));
  document.title = page.title;
  window.scrollTo(0, 0);
  (document.querySelector("[data-focus]") ?? document.getElementById("main")).focus();
  wireAll();
}

function send(form) {
  const bar = form.querySelector("progress");
  const status = form.querySelector("[data-upload-status]");
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = Math.round((event.loaded / event.total) * 100);
    status.textContent = `${readable(event.loaded)} / ${readable(event.total)}`;
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    status.textContent = form.dataset.preparing;
  });
  request.addEventListener("load", () => showAnswer(request));
  request.addEventListener("error", () => {
    setSending(form, false);
    showError(form, form.dataset.lost);
  });
  request.send(new FormData(form));
}

function wire(form) {
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector(".drop");

  input.addEventListener("change", () => showError(form, tooLarge(form) ? form.dataset.tooLarge : ""));

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (tooLarge(form)) {
      showError(form, form.dataset.tooLarge);
      input.focus();
      return;
    }
    showError(form, "");
    setSending(form, true);
    send(form);
  });

  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  });
}

function wireAll() {
  for (const form of document.querySelectorAll("form[data-upload]")) wire(form);
}

wireAll();
