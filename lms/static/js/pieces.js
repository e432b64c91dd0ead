/* Files sent in pieces by the tus protocol, for the field of _partials/pieces.html. A file goes on its way when it is
   chosen, while the form is filled in; the form then carries the upload's token instead of the file. What has been
   received is kept by the server: a lost line, its restart or a closed browser only cost the piece under way. The same
   file chosen again, here or on another device, is known by its fingerprint and goes on where it stopped. */

const TUS = "1.0.0";
const LEAST_PIECE = 64 * 1024;
const FIRST_PIECE = 1024 * 1024;
const PIECE_SECONDS = 8;
const LONGEST_WAIT_S = 30;
const SAMPLE = 64 * 1024;
const OVER = ["ready", "failed", "dropped"];

/* ---- Words ---- */

function readable(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount.toFixed(unit > 1 ? 1 : 0)} ${units[unit]}`;
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function timeLeft(words, seconds) {
  if (seconds < 90) return filled(words.seconds, { n: Math.max(1, Math.round(seconds)) });
  if (seconds < 5400) return filled(words.minutes, { n: Math.round(seconds / 60) });
  return filled(words.hours, { n: (seconds / 3600).toFixed(1) });
}

/* ---- Knowing a file again ---- */

function mixed(bytes) {
  let a = 0x9e3779b1;
  let b = 0x85ebca6b;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x5bd1e995) ^ (b >>> 13);
  }
  return (a >>> 0).toString(16).padStart(8, "0") + (b >>> 0).toString(16).padStart(8, "0");
}

async function fingerprintOf(file) {
  const head = await file.slice(0, SAMPLE).arrayBuffer();
  const tail = await file.slice(Math.max(0, file.size - SAMPLE)).arrayBuffer();
  return `${file.size.toString(16)}-${mixed(new Uint8Array(head))}-${mixed(new Uint8Array(tail))}`;
}

function encoded(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/* crypto.subtle is only there on safe lines (https or this machine); elsewhere the line's own check must do. */
async function checksumOf(piece) {
  if (!window.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest("SHA-256", piece);
  return `sha256 ${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

/* ---- One request ---- */

class Failed extends Error {}
class Stopped extends Error {}
class AtOnce extends Error {}

function detailOf(request) {
  try {
    return JSON.parse(request.responseText).detail ?? "";
  } catch {
    return "";
  }
}

/* ---- One file ---- */

class Piecewise {
  constructor(field, file, row) {
    this.field = field;
    this.file = file;
    this.row = row;
    this.address = null;
    this.offset = 0;
    this.piece = Math.min(field.chunk, FIRST_PIECE);
    this.rate = 0;
    this.state = "waiting";
    this.said = 0;
    row.querySelector("[data-name]").textContent = file.name;
    row.querySelector("[data-size]").textContent = readable(file.size);
    this.bar = row.querySelector("progress");
    this.bar.setAttribute("aria-label", file.name);
    row.querySelector("[data-pause]").addEventListener("click", () => this.pause());
    row.querySelector("[data-go]").addEventListener("click", () => this.goOn());
    row.querySelector("[data-drop]").addEventListener("click", () => this.drop());
    this.show("waiting", field.words.waiting);
  }

  show(state, text, aloud = false) {
    this.state = state;
    this.row.dataset.pieceState = state;
    this.row.querySelector("[data-status]").textContent = text;
    const idle = state === "paused" || state === "stuck";
    this.row.querySelector("[data-pause]").hidden = idle || OVER.includes(state) || state === "checking";
    this.row.querySelector("[data-go]").hidden = !idle;
    this.bar.max = this.file.size;
    if (aloud) this.field.say(`${this.file.name}: ${text}`);
  }

  amounts(extra = 0) {
    return { done: readable(this.offset + extra), all: readable(this.file.size) };
  }

  showGoing(extra) {
    const done = this.offset + extra;
    this.bar.value = done;
    const left = this.rate > 0 ? (this.file.size - done) / this.rate : Infinity;
    const words = this.field.words;
    const text = Number.isFinite(left)
      ? filled(words.going, { ...this.amounts(extra), rate: readable(this.rate), left: timeLeft(words, left) })
      : filled(words.begun, this.amounts(extra));
    const quarter = Math.floor((done / this.file.size) * 4);
    this.show("going", text, quarter > this.said);
    this.said = Math.max(quarter, this.said);
  }

  async run() {
    let wait = 1;
    while (!OVER.includes(this.state) && this.state !== "paused" && this.state !== "stuck") {
      try {
        const before = this.offset;
        await this.step();
        if (this.offset > before) wait = 1;
      } catch (error) {
        if (error instanceof Stopped) return;
        if (error instanceof AtOnce) continue;
        if (error instanceof Failed) {
          this.show("failed", error.message, true);
          return;
        }
        await this.waitFor(wait);
        wait = Math.min(wait * 2, LONGEST_WAIT_S);
      }
    }
  }

  /* One step on the way: find or begin the upload, ask how far it is, send a piece, or ask whether it is checked. */
  async step() {
    if (!this.address) await this.begin();
    else if (this.asking) await this.ask();
    else if (this.offset < this.file.size) await this.sendPiece();
    else await this.awaitChecked();
  }

  async begin() {
    this.fingerprint ??= await fingerprintOf(this.file);
    const known = (await this.field.earlier()).find((one) => one.fingerprint === this.fingerprint);
    if (known && !this.field.uses(known.token)) {
      this.address = `${this.field.address}/${known.token}`;
      this.asking = true;
      this.field.say(filled(this.field.words.resumed, { done: readable(known.received) }));
      return;
    }
    const said = { purpose: this.field.purpose, filename: this.file.name, fingerprint: this.fingerprint };
    const unit = this.field.unit();
    if (unit) said.unit = unit;
    const metadata = Object.entries(said).map(([key, value]) => `${key} ${encoded(value)}`).join(",");
    const answer = await this.call("POST", this.field.address, { "Upload-Length": this.file.size, "Upload-Metadata": metadata });
    this.address = answer.getResponseHeader("Location");
    this.offset = 0;
  }

  async ask() {
    const answer = await this.call("HEAD", this.address, {});
    this.offset = Number(answer.getResponseHeader("Upload-Offset"));
    this.checked = answer.getResponseHeader("Upload-State") === "ready";
    this.asking = false;
  }

  async sendPiece() {
    const blob = this.file.slice(this.offset, this.offset + this.piece);
    let bytes;
    try {
      bytes = await blob.arrayBuffer();
    } catch {
      throw new Failed(this.field.words.changed);
    }
    const headers = { "Upload-Offset": this.offset, "Content-Type": "application/offset+octet-stream" };
    const checksum = await checksumOf(bytes);
    if (checksum) headers["Upload-Checksum"] = checksum;
    const begun = performance.now();
    this.asking = true; // until the answer is there nobody knows what was stored
    const answer = await this.call("PATCH", this.address, headers, bytes, (loaded) => {
      const seconds = (performance.now() - begun) / 1000;
      if (seconds > 0.5) this.rate = this.rate ? this.rate * 0.7 + (loaded / seconds) * 0.3 : loaded / seconds;
      this.showGoing(loaded);
    });
    this.asking = false;
    this.offset = Number(answer.getResponseHeader("Upload-Offset"));
    const seconds = Math.max(0.05, (performance.now() - begun) / 1000);
    const fitting = (bytes.byteLength / seconds) * PIECE_SECONDS;
    this.piece = Math.round(Math.min(this.field.chunk, Math.max(LEAST_PIECE, Math.min(fitting, this.piece * 2))));
    if (this.ceiling) this.piece = Math.min(this.piece, this.ceiling);
    this.rate ||= bytes.byteLength / seconds;
    this.showGoing(0);
  }

  async awaitChecked() {
    if (this.state !== "checking") this.show("checking", this.field.words.checking, true);
    this.bar.removeAttribute("value");
    await this.ask();
    if (!this.checked) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return;
    }
    this.bar.value = this.file.size;
    this.show("ready", this.field.words.ready, true);
    this.field.keep(this);
  }

  get token() {
    return this.address?.split("/").pop() ?? "";
  }

  call(method, address, headers, body = null, progress = null) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open(method, address);
      request.setRequestHeader("Tus-Resumable", TUS);
      request.setRequestHeader("X-CSRFToken", this.field.csrf);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, String(value));
      if (progress) request.upload.addEventListener("progress", (event) => progress(event.loaded));
      request.addEventListener("load", () => {
        try {
          resolve(this.judged(request));
        } catch (error) {
          reject(error);
        }
      });
      for (const kind of ["error", "timeout"]) request.addEventListener(kind, () => reject(new Error("line lost")));
      request.addEventListener("abort", () => reject(new Stopped()));
      request.send(body);
    });
  }

  /* What an answer means: go on, try again later (Error), or give up with words for the reader (Failed). */
  judged(request) {
    const status = request.status;
    if (status >= 200 && status < 300) return request;
    const ours = (request.getResponseHeader("Content-Type") ?? "").includes("problem+json");
    if (status === 413 && !ours) {
      if (this.piece <= LEAST_PIECE) throw new Failed(filled(this.field.words.proxy, { limit: readable(this.piece) }));
      this.ceiling = this.piece = Math.max(LEAST_PIECE, Math.round(this.piece / 2));
      throw new AtOnce("a proxy takes smaller pieces only");
    }
    if (status === 404 || status === 410) {
      if (this.begunAnew) throw new Failed(detailOf(request));
      this.begunAnew = true;
      this.address = null;
      this.offset = 0;
      throw new Error("the upload is gone");
    }
    if (status === 401) {
      this.show("stuck", this.field.words.signedOut, true);
      throw new Stopped();
    }
    if (status === 409 || status === 423 || status === 460 || status === 429 || status >= 500) {
      this.asking = Boolean(this.address);
      throw new Error("to be tried again");
    }
    throw new Failed(detailOf(request) || this.field.words.changed);
  }

  async waitFor(seconds) {
    for (let left = seconds; left > 0 && this.state !== "paused" && this.state !== "dropped"; left -= 1) {
      this.show("lost", filled(this.field.words.lost, { n: left }), left === seconds && seconds === 1);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 1000);
        window.addEventListener("online", () => { clearTimeout(timer); left = 0; resolve(); }, { once: true });
        this.wake = () => { clearTimeout(timer); left = 0; resolve(); };
      });
    }
  }

  pause() {
    this.show("paused", filled(this.field.words.paused, this.amounts()), true);
    this.request?.abort();
    this.wake?.();
    this.asking = Boolean(this.address);
    this.row.querySelector("[data-go]").focus();
  }

  goOn() {
    this.show("waiting", this.field.words.waiting);
    this.row.querySelector("[data-pause]").focus();
    this.field.work();
  }

  drop() {
    const address = this.address;
    this.show("dropped", "");
    this.request?.abort();
    this.wake?.();
    this.row.remove();
    if (address) this.call("DELETE", address, {}).catch(() => {}); // else the server sweeps it in some days
    this.field.input.focus();
    this.field.changed();
  }
}

/* ---- The field ---- */

class Field {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.input = box.querySelector("input[type=file]");
    this.list = box.querySelector("[data-pieces-list]");
    this.purpose = box.dataset.pieces;
    this.address = box.dataset.address;
    this.csrf = box.dataset.token;
    this.chunk = Math.max(LEAST_PIECE, Number(box.dataset.chunk));
    this.words = box.dataset;
    this.name = this.input.name;
    this.needed = this.input.required || this.list.children.length > 0;
    this.files = [];
    this.working = false;
    this.input.addEventListener("change", () => this.take([...this.input.files]));
    this.form.addEventListener("submit", (event) => this.submit(event));
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
    hint.textContent = filled(this.words.unfinished, { names: names.join(", ") });
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
    for (const file of fitting) {
      const row = this.box.querySelector("template[data-piece]").content.firstElementChild.cloneNode(true);
      this.list.append(row);
      this.files.push(new Piecewise(this, file, row));
    }
    this.input.value = "";
    this.changed();
    this.work();
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
    this.leaving = true;
  }
}

for (const box of document.querySelectorAll("[data-pieces]")) new Field(box);
