/* Suggestions while typing, for every form that searches the whole house: a combobox with a list, after the ARIA
   Authoring Practices (combobox with list autocomplete). Without this script the forms work as they are. */

const WAIT_MS = 120;
const ACTION = /\/search$/;
const ADDRESS = "/api/v1/search/suggestions";
const PAST = "/api/v1/search/past";

function root(form) {
  return new URL(form.action, location.href).pathname.replace(ACTION, "");
}

function token() {
  return document.querySelector("input[name=csrf_token]")?.value ?? "";
}

function change(method, address, body) {
  const headers = { "X-CSRFToken": token(), "Content-Type": "application/json" };
  return fetch(address, { method, headers, body: body && JSON.stringify(body), keepalive: true });
}

class Combobox {
  constructor(form, field, number) {
    this.form = form;
    this.field = field;
    this.root = root(form);
    this.id = `suggest-${number}`;
    this.items = [];
    this.chosen = -1;
    this.asked = 0;
    this.build();
    this.listen();
  }

  build() {
    this.list = document.createElement("ul");
    this.list.className = "suggest";
    this.list.id = this.id;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.form.querySelector("label")?.textContent ?? "");
    this.status = document.createElement("div");
    this.status.className = "sr-only";
    this.status.setAttribute("role", "status");
    this.holder = document.createElement("div");
    this.holder.className = "suggest-holder";
    this.field.before(this.holder);
    this.holder.append(this.field, this.list, this.status);
    const said = {
      role: "combobox", autocomplete: "off", "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": this.id, "aria-haspopup": "listbox",
    };
    for (const [name, value] of Object.entries(said)) this.field.setAttribute(name, value);
  }

  listen() {
    this.field.addEventListener("input", (event) => {
      if (!event.isComposing) this.askSoon();
    });
    this.field.addEventListener("compositionend", () => this.askSoon());
    this.field.addEventListener("focus", () => {
      if (!this.field.value) this.askSoon();
    });
    this.field.addEventListener("click", () => {
      if (this.list.hidden) this.askSoon();
    });
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.form.addEventListener("submit", () => this.close());
    // The field keeps the focus while the list is touched, so that the list does not close under the finger.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.tapped(event));
    this.holder.addEventListener("focusout", (event) => {
      if (!this.holder.contains(event.relatedTarget)) this.close();
    });
  }

  askSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    const number = ++this.asked;
    const query = new URLSearchParams({ q: this.field.value });
    try {
      const answer = await fetch(`${this.root}${ADDRESS}?${query}`, {
        headers: { Accept: "application/json", "Accept-Language": document.documentElement.lang },
      });
      if (!answer.ok) return;
      const given = await answer.json();
      if (number === this.asked && document.activeElement === this.field) this.show(given);
    } catch {
      this.close(); // away from the network typing goes on without suggestions
    }
  }

  show(given) {
    this.items = given.items;
    this.chosen = -1;
    this.list.replaceChildren(...this.items.map((item, place) => this.option(item, place)));
    this.status.textContent = this.items.length ? given.said : "";
    this.open(this.items.length > 0);
  }

  option(item, place) {
    const option = document.createElement("li");
    option.id = `${this.id}-${place}`;
    option.dataset.place = place;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const text = document.createElement("span");
    text.className = "suggest-text";
    text.textContent = item.text;
    const kind = document.createElement("span");
    kind.className = "suggest-kind";
    kind.textContent = item.label;
    option.append(text, kind);
    if (item.past !== null) option.append(this.forgetter());
    return option;
  }

  // A mark to touch, not a button: an option may hold nothing that takes the focus. Delete does the same by key.
  forgetter() {
    const mark = document.createElement("span");
    mark.className = "suggest-forget";
    mark.dataset.forget = "";
    mark.setAttribute("aria-hidden", "true");
    mark.textContent = "×";
    return mark;
  }

  open(open) {
    this.list.hidden = !open;
    this.field.setAttribute("aria-expanded", String(open));
    if (!open) this.field.removeAttribute("aria-activedescendant");
  }

  close() {
    clearTimeout(this.timer);
    this.asked++;
    this.chosen = -1;
    this.open(false);
  }

  choose(place) {
    const count = this.items.length;
    this.chosen = place < -1 ? count - 1 : place >= count ? -1 : place;
    for (const option of this.list.children) {
      const here = Number(option.dataset.place) === this.chosen;
      option.setAttribute("aria-selected", String(here));
      if (here) {
        this.field.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    }
    if (this.chosen < 0) this.field.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) this.ask();
      else this.choose(this.chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && open && this.chosen >= 0) {
      event.preventDefault();
      this.take(this.items[this.chosen]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Delete" && open && this.items[this.chosen]?.past) {
      event.preventDefault();
      this.forget(this.items[this.chosen]);
    }
  }

  tapped(event) {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    const item = this.items[Number(option.dataset.place)];
    if (event.target.closest("[data-forget]")) this.forget(item);
    else this.take(item);
  }

  take(item) {
    this.field.value = item.text;
    this.close();
    location.assign(item.url);
  }

  async forget(item) {
    await change("DELETE", `${this.root}${PAST}/${item.past}`);
    this.field.focus();
    this.ask();
  }
}

const forms = [...document.querySelectorAll("form[method=get]")].filter((form) =>
  ACTION.test(new URL(form.action, location.href).pathname),
);
forms.forEach((form, number) => {
  const field = form.querySelector("input[name=q]");
  if (field) new Combobox(form, field, number);
});

/* A search that found something is kept as the member's own; a GET itself changes nothing. */
const asked = new URLSearchParams(location.search);
if (forms.length && ACTION.test(location.pathname) && asked.get("q") && document.querySelector(".hits") && token()) {
  change("POST", `${root(forms[0])}${PAST}`, { q: asked.get("q") });
}
