/* Small comforts on top of pages that work without scripts. On every page: one module, no imports, so that the
   versioned address of this file is enough to replace it without asking. */

const FRESH_AFTER_MS = 8000;

/* ---- Ask before a loss: any submit button or form with data-confirm="question" ---- */

const ask = document.getElementById("ask");

function question(form, submitter) {
  return submitter?.dataset.confirm || form.dataset.confirm || "";
}

function askThenSubmit(form, submitter, text) {
  ask.querySelector("#ask-text").textContent = text;
  const yes = ask.querySelector("[data-yes]");
  yes.dataset.usual ??= yes.textContent;
  yes.textContent = submitter?.textContent.trim() || yes.dataset.usual;
  ask.returnValue = "";
  ask.addEventListener(
    "close",
    () => {
      if (ask.returnValue !== "yes") {
        submitter?.focus();
        return;
      }
      form.dataset.agreed = "true";
      form.requestSubmit(submitter ?? undefined);
    },
    { once: true },
  );
  ask.showModal();
  // The harmless answer is the one that Enter gives.
  ask.querySelector("[data-no]").focus();
}

/* ---- One submit is enough: a second tap on a slow line must not post twice ---- */

function hold(form, submitter) {
  form.dataset.sending = "true";
  submitter?.setAttribute("aria-disabled", "true");
  // A form whose answer is a file leaves this page standing, so it must become usable again.
  setTimeout(() => release(form), FRESH_AFTER_MS);
}

function release(form) {
  delete form.dataset.sending;
  delete form.dataset.agreed;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const submitter = event.submitter;
  if (form.method === "dialog" || event.defaultPrevented) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  const text = question(form, submitter);
  if (text && ask?.showModal && !form.dataset.agreed) {
    event.preventDefault();
    askThenSubmit(form, submitter, text);
    return;
  }
  if (form.method === "post") hold(form, submitter);
  leaving.add(form);
});

// Coming back with the browser's Back button shows the page as it was left: make it usable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) release(form);
});

/* ---- Unsaved typing: forms with data-guard ---- */

const leaving = new Set();
const firstState = new WeakMap();

function stateOf(form) {
  return new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")).toString();
}

function unsaved(form) {
  return !leaving.has(form) && stateOf(form) !== firstState.get(form);
}

const guarded = [...document.querySelectorAll("form[data-guard]")];
for (const form of guarded) {
  firstState.set(form, stateOf(form));
  // A page script that saves on its own says so: form.dispatchEvent(new Event("saved")).
  form.addEventListener("saved", () => firstState.set(form, stateOf(form)));
}
if (guarded.length) {
  window.addEventListener("beforeunload", (event) => {
    if (!guarded.some(unsaved)) return;
    event.preventDefault();
    event.returnValue = ""; // browsers before 2023 look only at this
  });
}

/* ---- Keyboard and menus ---- */

function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
    const field = document.querySelector("[data-find]");
    if (field?.offsetParent) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  }
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

/* ---- Messages that an upload without a page change received for the page it opened ---- */

const handedOver = sessionStorage.getItem("flashes");
if (handedOver) {
  sessionStorage.removeItem("flashes");
  const flashes = new DOMParser().parseFromString(handedOver, "text/html").querySelector(".flashes");
  if (flashes) document.querySelector(".page")?.prepend(document.adoptNode(flashes));
}

/* ---- After an error: start where the list of what to correct stands ---- */

document.querySelector("[data-focus]")?.focus();

/* ---- Filters that apply on change: select or radio inside form[data-auto] ---- */

for (const form of document.querySelectorAll("form[data-auto]")) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=radio], input[type=checkbox]")) form.requestSubmit();
  });
}

/* ---- Printing: the button shows only where a script can do it ---- */

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
/* ---- What was played while the line was gone: kept by watching.js, sent from whatever page is open next ---- */

const KEPT_DAYS = 14;

async function sendPlayed() {
  const token = document.querySelector("input[name=csrf_token]")?.value;
  if (!token) return;
  let names = [];
  try {
    names = Object.keys(localStorage).filter((name) => name.startsWith("lms-played:"));
  } catch {
    return; // a private window keeps nothing
  }
  for (const name of names) {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(name));
    } catch {
      localStorage.removeItem(name); // half written when the browser was killed: it can never be read
    }
    if (!kept?.recording) continue;
    const { recording, ...told } = kept;
    const old = Date.now() - Date.parse(told.at) > KEPT_DAYS * 24 * 3600 * 1000;
    try {
      const answer = await fetch(`/api/v1/recordings/${recording}/progress`, {
        method: "PUT",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ ...told, member: Number(told.member), sent_at: new Date().toISOString() }),
      });
      // Another member of this device (409), signed out (401), busy: it waits. Anything else will never be taken.
      if (old || answer.ok || [400, 403, 404, 422].includes(answer.status)) localStorage.removeItem(name);
    } catch {
      return; // still no line
    }
  }
}

sendPlayed();
window.addEventListener("online", sendPlayed);
