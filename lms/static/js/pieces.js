/* Files sent in pieces by the tus protocol, for the field of _partials/pieces.html. A file goes on its way when it is
   chosen, while the form is filled in; the form then carries the upload's token instead of the file. What has been
   received is kept by the server: a lost line, its restart or a closed browser only cost the piece under way. The same
   file chosen again, here or on another device, is known by its fingerprint and goes on where it stopped. */

import { OVER, Piece } from "./pieces/piece.js";
import { LEAST_PIECE } from "./pieces/transfer.js";
import { Typed } from "./pieces/typed.js";
import { filled } from "./pieces/words.js";

const ASK_AGAIN_MS = 3000;

class Field {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.input = box.querySelector("input[type=file]");
    this.list = box.querySelector("[data-pieces-list]");
    this.purpose = box.dataset.pieces;
    this.target = box.dataset.target;
    this.address = box.dataset.address;
    this.csrf = box.dataset.token;
    this.chunk = Math.max(LEAST_PIECE, Number(box.dataset.chunk));
    this.words = box.dataset;
    this.name = this.input.name;
    this.needed = this.input.required || this.list.children.length > 0;
    this.files = [];
    this.working = false;
    const { member, days } = box.dataset;
    this.typed = new Typed(this.form, member, Number(days), box.querySelector("[data-pieces-typed]"));
    this.typed.bringBack();
    this.input.addEventListener("change", () => this.take([...this.input.files]));
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.form.querySelector("select[name=unit]")?.addEventListener("change", () => this.again());
    for (const kind of ["dragenter", "dragover"]) box.addEventListener(kind, (event) => this.over(event, true));
    box.addEventListener("dragleave", (event) => this.over(event, false));
    box.addEventListener("drop", (event) => {
      this.over(event, false);
      this.take([...event.dataTransfer.files]);
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.leaving || !this.unfinished().length) return;
      event.preventDefault();
      event.returnValue = ""; // browsers before 2023 look only at this
    });
    for (const row of this.list.children) this.addDrop(row);
    this.showEarlier();
  }

  over(event, on) {
    event.preventDefault();
    this.box.classList.toggle("over", on);
  }

  say(text) {
    this.box.querySelector("[data-pieces-say]").textContent = text;
  }

  fail(text) {
    this.box.querySelector("[data-pieces-error]").textContent = text;
    this.box.classList.toggle("has-error", Boolean(text));
  }

  unit() {
    return this.form.querySelector("select[name=unit]")?.value ?? "";
  }

  /* Another unit may have room for what the first had not. */
  again() {
    for (const one of this.files.filter((file) => file.state === "failed" && !file.token)) {
      one.show("waiting", this.words.waiting);
    }
    this.work();
  }

  uses(token) {
    return this.files.some((one) => one.token === token && one.state !== "dropped");
  }

  unfinished() {
    return this.files.filter((one) => !OVER.includes(one.state));
  }

  /* Rows that came with the page, from before a form was refused: they can be thrown away, or go on with their file. */
  addDrop(row) {
    const drop = this.box.querySelector("template[data-piece]").content.querySelector("[data-drop]").cloneNode(true);
    drop.addEventListener("click", () => {
      row.remove();
      this.input.focus();
      this.changed();
    });
    row.append(drop);
  }

  async earlier() {
    const answer = await fetch(`${this.address}?per_page=100`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return [];
    return (await answer.json()).items.filter((one) => one.purpose === this.purpose);
  }

  async showEarlier() {
    const here = new Set([...this.list.children].map((row) => row.dataset.upload));
    let found = [];
    try {
      found = (await this.earlier()).filter((one) => one.state === "arriving" && !here.has(one.token));
    } catch {
      return; // a line that is down now will be heard of when a file is chosen
    }
    if (!found.length || this.files.length) return;
    const names = found.map((one) => `${one.name} (${Math.floor((one.received / one.length) * 100)} %)`);
    const hint = this.box.querySelector("[data-pieces-earlier]");
    hint.textContent = filled(this.words.unfinished, { names: names.join(this.words.comma) });
    hint.hidden = false;
  }

  take(chosen) {
    if (!chosen.length) return;
    this.fail("");
    this.box.querySelector("[data-pieces-earlier]").hidden = true;
    const limit = Number(this.words.maxBytes || 0);
    const fitting = chosen.filter((file) => !limit || file.size <= limit);
    const tooLarge = chosen.find((file) => !fitting.includes(file));
    if (tooLarge) this.fail(filled(this.words.tooLarge, { name: tooLarge.name }));
    if (fitting.length && !this.input.multiple) {
      for (const one of [...this.files]) if (one.state !== "dropped") one.drop();
      this.list.replaceChildren();
      fitting.length = 1;
    }
    this.entitle(fitting[0]);
    for (const file of fitting) {
      const row = this.box.querySelector("template[data-piece]").content.firstElementChild.cloneNode(true);
      this.list.append(row);
      this.files.push(new Piece(this, file, row));
    }
    this.input.value = "";
    this.changed();
    this.work();
  }

  /* A title that must be given begins with the name of the file, which mostly is it. */
  entitle(file) {
    const title = this.form.querySelector("input[name=title]");
    if (file && title?.required && !title.value.trim()) title.value = file.name.replace(/\.[^.]+$/, "").slice(0, 200);
  }

  /* The files go one after the other: on a thin line each is whole sooner, and the first can be used. */
  async work() {
    if (this.working) return;
    this.working = true;
    for (;;) {
      const next = this.files.find((one) => one.state === "waiting");
      if (!next) break;
      await next.run();
    }
    this.working = false;
    this.changed();
  }

  keep(one) {
    const hidden = document.createElement("input");
    hidden.type = "hidden";
    hidden.name = "upload";
    hidden.value = one.token;
    one.row.append(hidden);
    this.changed();
  }

  changed() {
    const any = this.list.children.length > 0;
    this.input.required = this.needed && !any;
    this.input.name = any ? "" : this.name; // an empty file field would be sent along
    const later = this.box.querySelector("[data-pieces-later]");
    if (!this.wanted) return;
    if (this.files.some((one) => one.state === "failed") || !any) this.wanted = false;
    later.hidden = !this.wanted;
    if (this.wanted && !this.unfinished().length) {
      this.leaving = true;
      this.form.requestSubmit(this.submitter ?? undefined);
    }
  }

  submit(event) {
    const failed = this.files.find((one) => one.state === "failed");
    if (this.unfinished().length || failed) {
      event.preventDefault();
      if (failed) {
        failed.row.querySelector("[data-drop]").focus();
        return;
      }
      this.wanted = true;
      this.submitter = event.submitter;
      const later = this.box.querySelector("[data-pieces-later]");
      later.textContent = this.words.sendLater;
      later.hidden = false;
      this.say(this.words.sendLater);
      return;
    }
    if (!this.reached) {
      event.preventDefault();
      this.submitter = event.submitter;
      this.reach();
      return;
    }
    this.leaving = true;
    this.typed.done();
  }

  /* On a lost line the browser's own page would take the place of the form and of all that is typed in it: it is sent
     once the server answers. */
  async reach() {
    if (this.reaching) return;
    this.reaching = true;
    const later = this.box.querySelector("[data-pieces-later]");
    while (!(await this.answers())) {
      later.textContent = this.words.sendLost;
      later.hidden = false;
      this.say(this.words.sendLost);
      await new Promise((goOn) => {
        window.addEventListener("online", goOn, { once: true });
        setTimeout(goOn, ASK_AGAIN_MS);
      });
    }
    later.hidden = true;
    this.reaching = false;
    this.reached = true;
    this.form.requestSubmit(this.submitter ?? undefined);
  }

  async answers() {
    try {
      return (await fetch(this.address, { method: "OPTIONS" })).status < 500;
    } catch {
      return false;
    }
  }
}

for (const box of document.querySelectorAll("[data-pieces]")) new Field(box);
