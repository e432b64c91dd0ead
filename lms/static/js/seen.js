// Tells the service that this page was looked at, by the hidden form that stands in it.
const form = document.querySelector("form[data-seen]");
if (form) {
  fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "manual" });
}
