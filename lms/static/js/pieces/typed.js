/* What is typed while a file is on its way is kept in this browser until the form is sent: a file takes an hour, and a
   phone closes a page that is not looked at. Only for who typed it, and for as long as the server keeps the file. */

const PREFIX = "lms-typed:";
const NOT_TYPED = ["csrf_token", "upload"];

function fields(form) {
  const named = [...form.elements].filter((one) => one.name && !NOT_TYPED.includes(one.name));
  return named.filter((one) => !["file", "submit", "button", "hidden"].includes(one.type));
}

function untouched(one) {
  if (one.type === "radio" || one.type === "checkbox") return one.checked === one.defaultChecked;
  if (one.type !== "select-one") return one.value === one.defaultValue;
  return [...one.options].every((option) => option.selected === option.defaultSelected) || one.selectedIndex === 0;
}

export class Typed {
  constructor(form, member, days, hint) {
    this.form = form;
    this.hint = hint;
    this.key = `${PREFIX}${member}:${location.pathname}`;
    this.days = days;
    form.addEventListener("input", () => this.keep());
    form.addEventListener("change", () => this.keep());
    hint?.querySelector("button").addEventListener("click", () => this.clear());
  }

  keep() {
    if (this.sent) return;
    const values = {};
    for (const one of fields(this.form)) {
      if (untouched(one)) continue;
      values[one.name] = one.type === "checkbox" ? one.checked : one.value;
    }
    this.write(Object.keys(values).length ? JSON.stringify({ at: Date.now(), values }) : null);
  }

  write(text) {
    try {
      if (text === null) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, text);
    } catch {
      // a browser that keeps nothing
    }
  }

  /* A form that was sent and refused shows what was typed itself: that is left alone. */
  bringBack() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(this.key));
    } catch {
      this.write(null);
    }
    if (!kept || Date.now() - kept.at > this.days * 86400000) return;
    if (this.form.querySelector("[aria-invalid]") || !fields(this.form).every(untouched)) return;
    for (const one of fields(this.form)) {
      if (!(one.name in kept.values)) continue;
      const value = kept.values[one.name];
      if (one.type === "checkbox") one.checked = value;
      else if (one.type === "radio") one.checked = one.value === value;
      else if (one.type !== "select-one" || [...one.options].some((option) => option.value === value)) one.value = value;
    }
    if (this.hint) this.hint.hidden = false;
  }

  clear() {
    this.write(null);
    this.form.reset();
    this.hint.hidden = true;
  }

  /* The form goes on its way: if it is refused, its answer shows what was typed. */
  done() {
    this.sent = true;
    this.write(null);
  }
}
