/* One file of the field as its row shows it: how far it is, pause, go on, throw away, and waiting for a lost line. */

import { AtOnce, Busy, Failed, SignedOut, Stopped, Transfer } from "./transfer.js";
import { filled, readable, timeLeft } from "./words.js";

const LONGEST_WAIT_S = 30;
const CHECK_MS = 1000;
let numbered = 0;
export const OVER = ["ready", "failed", "dropped"];

export class Piece {
  constructor(field, file, row) {
    this.field = field;
    this.file = file;
    this.row = row;
    this.transfer = new Transfer(field, file);
    this.state = "waiting";
    this.said = 0;
    row.querySelector("[data-name]").textContent = file.name;
    row.querySelector("[data-size]").textContent = readable(file.size);
    this.bar = row.querySelector("progress");
    this.bar.setAttribute("aria-label", file.name);
    const name = row.querySelector("[data-name]");
    name.id = `piece-${(numbered += 1)}`;
    for (const button of row.querySelectorAll("button")) button.setAttribute("aria-describedby", name.id);
    row.querySelector("[data-pause]").addEventListener("click", () => this.pause());
    row.querySelector("[data-go]").addEventListener("click", () => this.goOn());
    row.querySelector("[data-drop]").addEventListener("click", () => this.drop());
    this.show("waiting", field.words.waiting);
  }

  get token() {
    return this.transfer.token;
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
    return { done: readable(this.transfer.offset + extra), all: readable(this.file.size) };
  }

  showGoing(extra) {
    const { offset, rate } = this.transfer;
    const done = offset + extra;
    this.bar.value = done;
    const left = rate > 0 ? (this.file.size - done) / rate : Infinity;
    const words = this.field.words;
    const text = Number.isFinite(left)
      ? filled(words.going, { ...this.amounts(extra), rate: readable(rate), left: timeLeft(words, left) })
      : filled(words.begun, this.amounts(extra));
    const quarter = Math.floor((done / this.file.size) * 4);
    this.show("going", text, quarter > this.said);
    this.said = Math.max(quarter, this.said);
  }

  async run() {
    let wait = 1;
    while (!OVER.includes(this.state) && this.state !== "paused") {
      try {
        const before = this.transfer.offset;
        if (this.transfer.sent) await this.awaitChecked();
        else await this.transfer.step((loaded) => this.showGoing(loaded));
        if (this.transfer.offset > before) wait = 1;
      } catch (error) {
        if (error instanceof Stopped) return;
        if (error instanceof AtOnce) continue;
        if (error instanceof SignedOut) {
          this.show("stuck", this.field.words.signedOut, true);
          return;
        }
        if (error instanceof Failed) {
          this.show("failed", error.message, true);
          return;
        }
        await this.waitFor(wait, error instanceof Busy ? error.message : "");
        wait = Math.min(wait * 2, LONGEST_WAIT_S);
      }
    }
  }

  async awaitChecked() {
    if (this.state !== "checking") this.show("checking", this.field.words.checking, true);
    this.bar.removeAttribute("value");
    await this.transfer.ask();
    if (!this.transfer.checked) {
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
      return;
    }
    this.bar.value = this.file.size;
    this.show("ready", this.field.words.ready, true);
    this.field.keep(this);
  }

  async waitFor(seconds, why) {
    const words = this.field.words;
    for (let left = seconds; left > 0 && this.state !== "paused" && this.state !== "dropped"; left -= 1) {
      this.show("lost", filled(why ? words.busy : words.lost, { why, n: left }), left === seconds && seconds === 1);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 1000);
        const atOnce = () => {
          clearTimeout(timer);
          left = 0;
          resolve();
        };
        window.addEventListener("online", atOnce, { once: true });
        this.wake = atOnce;
      });
    }
  }

  pause() {
    this.show("paused", filled(this.field.words.paused, this.amounts()), true);
    this.transfer.stop();
    this.wake?.();
    this.row.querySelector("[data-go]").focus();
  }

  goOn() {
    this.transfer.halted = false;
    this.show("waiting", this.field.words.waiting);
    this.row.querySelector("[data-pause]").focus();
    this.field.work();
  }

  drop() {
    this.show("dropped", "");
    this.transfer.throwAway();
    this.wake?.();
    this.row.remove();
    this.field.input.focus();
    this.field.changed();
  }
}
