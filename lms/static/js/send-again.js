/* Forms with data-send-again: when the line is gone, what was typed and the file that was chosen stay where they are; the
   form is sent again when the line is back, or at the next press of its button. Without this script it posts as usual. */

const waiting = new Set();

function say(form, text) {
  form.querySelector("[data-send-say]").textContent = text;
}

/* The redirect has been followed, so the messages for the reader were given to this request: they are
   handed over to the page that is opened now (app.js shows them). */
function open(form, answer, page) {
  const flashes = page.querySelector(".flashes");
  if (flashes) sessionStorage.setItem("flashes", flashes.outerHTML);
  form.dispatchEvent(new Event("saved")); // nothing typed is lost by leaving
  const here = location.href.split("#")[0];
  if (answer.url.split("#")[0] === here) {
    history.replaceState(null, "", answer.url); // not assign, too: of two ways to one page one is broken off
    location.reload();
  } else {
    location.assign(answer.url);
  }
}

/* What the service found wrong stands in the same form of its answer; the rest of this page stays as it is. */
function showFaults(form, page) {
  const judged = [...page.querySelectorAll("form[data-send-again]")].find((one) => one.action === form.action);
  if (!judged) {
    say(form, page.querySelector("main p")?.textContent ?? form.dataset.sendLost);
    return;
  }
  const fresh = document.adoptNode(judged);
  for (const input of form.querySelectorAll("input[type=file]")) {
    fresh.querySelector(`input[name="${input.name}"]`).files = input.files;
  }
  form.replaceWith(fresh);
  wire(fresh);
  (fresh.querySelector("[aria-invalid]") ?? fresh).focus();
}

async function send(form, submitter) {
  if (form.dataset.sending) return;
  form.dataset.sending = "true";
  waiting.delete(form);
  say(form, form.dataset.sendGoing);
  let answer;
  let page;
  try {
    answer = await fetch(form.action, { method: "POST", body: new FormData(form, submitter) });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    waiting.add(form);
    say(form, form.dataset.sendLost);
    return;
  } finally {
    delete form.dataset.sending;
  }
  say(form, "");
  if (answer.redirected) open(form, answer, page);
  else showFaults(form, page);
}

function wire(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, event.submitter ?? undefined);
  });
}

for (const form of document.querySelectorAll("form[data-send-again]")) wire(form);
window.addEventListener("online", () => {
  for (const form of waiting) send(form);
});
