/* One file on its way by the tus protocol: what has arrived, the next piece, and what the server's answers mean. It
   knows nothing of the page; piece.js shows it. */

import { checksumOf, encoded, fingerprintOf } from "./knowing.js";
import { filled, readable } from "./words.js";

const TUS = "1.0.0";
const FIRST_PIECE = 1024 * 1024;
const PIECE_SECONDS = 8;
const RATE_OVER_MS = 10000;
const RATE_AFTER_MS = 1000;
export const LEAST_PIECE = 64 * 1024;

export class Failed extends Error {} // for good, with words for the reader
export class Stopped extends Error {} // by the reader
export class SignedOut extends Error {}
export class Busy extends Error {} // the server cannot take it for now and says why
export class AtOnce extends Error {} // to be tried again without waiting

function detailOf(request) {
  try {
    return JSON.parse(request.responseText).detail ?? "";
  } catch {
    return "";
  }
}

export class Transfer {
  constructor(field, file) {
    this.field = field;
    this.file = file;
    this.address = null;
    this.offset = 0;
    this.piece = Math.min(field.chunk, FIRST_PIECE);
    this.rate = 0; // bytes a second over the last seconds, pauses between pieces included
    this.marks = [];
    this.asking = false; // nobody knows just now what the server has stored
    this.checked = false;
    this.halted = false; // by the reader, maybe while a piece was still being read from the disk
    this.unwanted = false;
  }

  get token() {
    return this.address?.split("/").pop() ?? "";
  }

  get sent() {
    return this.address !== null && !this.asking && this.offset >= this.file.size;
  }

  /* One step on the way: find or begin the upload, ask how far it is, or send a piece. */
  async step(progress) {
    if (!this.address) await this.begin();
    else if (this.asking) await this.ask();
    else await this.sendPiece(progress);
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
    if (this.field.target) said.target = this.field.target;
    else if (unit) said.unit = unit;
    const metadata = Object.entries(said).map(([key, value]) => `${key} ${encoded(value)}`).join(",");
    const headers = { "Upload-Length": this.file.size, "Upload-Metadata": metadata };
    const answer = await this.call("POST", this.field.address, headers);
    this.address = answer.getResponseHeader("Location");
    this.offset = 0;
    if (this.unwanted) this.throwAway();
  }

  async ask() {
    const answer = await this.call("HEAD", this.address, {});
    this.offset = Number(answer.getResponseHeader("Upload-Offset"));
    this.marks = []; // the line was lost, or something paused: that time says nothing of the line
    this.checked = answer.getResponseHeader("Upload-State") === "ready";
    this.asking = false;
  }

  async sendPiece(progress) {
    let bytes;
    try {
      bytes = await this.file.slice(this.offset, this.offset + this.piece).arrayBuffer();
    } catch {
      throw new Failed(this.field.words.changed);
    }
    const headers = { "Upload-Offset": this.offset, "Content-Type": "application/offset+octet-stream" };
    const checksum = await checksumOf(bytes);
    if (checksum) headers["Upload-Checksum"] = checksum;
    if (this.halted) throw new Stopped();
    const begun = performance.now();
    this.asking = true; // until the answer is there
    this.mark(this.offset);
    const answer = await this.call("PATCH", this.address, headers, bytes, (loaded) => {
      this.mark(this.offset + loaded);
      progress(loaded);
    });
    this.asking = false;
    this.offset = Number(answer.getResponseHeader("Upload-Offset"));
    this.fit(bytes.byteLength, Math.max(0.05, (performance.now() - begun) / 1000));
    progress(0);
  }

  /* The next piece is as large as this line carries in some seconds: a lost line then costs no more than that. */
  fit(sent, seconds) {
    const fitting = (sent / seconds) * PIECE_SECONDS;
    this.piece = Math.round(Math.min(this.field.chunk, Math.max(LEAST_PIECE, Math.min(fitting, this.piece * 2))));
    if (this.ceiling) this.piece = Math.min(this.piece, this.ceiling);
  }

  mark(done) {
    const now = performance.now();
    this.marks.push({ now, done });
    while (this.marks.length > 2 && this.marks[1].now < now - RATE_OVER_MS) this.marks.shift();
    const [first] = this.marks;
    if (now - first.now >= RATE_AFTER_MS) this.rate = Math.max(0, ((done - first.done) * 1000) / (now - first.now));
  }

  stop() {
    this.halted = true;
    this.request?.abort();
    this.asking = Boolean(this.address);
  }

  throwAway() {
    this.halted = this.unwanted = true;
    this.request?.abort();
    if (this.address) this.call("DELETE", this.address, {}).catch(() => {}); // else the server sweeps it in some days
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

  /* What lies in the piece and not in the line is said as what it is. */
  whyOf(status) {
    if (status === 460) return this.field.words.damaged;
    return status === 409 || status === 423 ? this.field.words.compared : "";
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
    if (status === 401) throw new SignedOut();
    if (status === 409 || status === 423 || status === 460 || status === 429 || status >= 500) {
      this.asking = Boolean(this.address);
      const why = status === 503 && ours ? detailOf(request) : this.whyOf(status);
      throw why ? new Busy(why) : new Error("to be tried again");
    }
    throw new Failed(detailOf(request) || this.field.words.changed);
  }
}
