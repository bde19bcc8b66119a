// The time bar: the sky as of a time, from the first word to the end of the plan; at its mark "now" it is live.
import { make, sinceT0, utc } from "./elements.js";

const STEPS = 2000;

export class Clock {
  // `changed` is called with seconds after the epoch, or null for now; `wanted` when somebody reaches for the bar.
  constructor(changed, wanted) {
    this.changed = changed;
    this.range = make("input", {
      type: "range", min: 0, max: STEPS, step: 1, "aria-label": "Time of the sky shown",
      oninput: () => this.#moved(), onpointerdown: wanted, onfocus: wanted,
    });
    this.says = make("output", { class: "sky-when" });
    this.now = make("button", { type: "button", "aria-pressed": "true", onclick: () => this.set(null) }, "now");
    this.play = make("button", { type: "button", "aria-pressed": "false", onclick: () => { wanted(); this.#play(); } }, "play");
    this.words = make("div", { class: "sky-revisions", role: "group", "aria-label": "Revisions" });
    this.element = make("div", { class: "sky-time" }, this.now, this.play, this.range, this.says, this.words);
    this.at = null;
    this.begin = 0;
  }

  // The stretch of the bar, all in seconds after the epoch, and the clock at this moment.
  tell(begin, now, end, epoch, hasT0) {
    Object.assign(this, { begin: Math.min(begin, end - 60), clock: now, end, epoch, hasT0 });
    this.#write();
  }

  revisions(list, going) {
    this.list = list;
    this.words.replaceChildren(...list.map((r) => make("button", {
      type: "button", class: "link", title: `${utc(this.epoch + r.at_s)} UTC`, onclick: () => going(r),
    }, `revision ${r.revision}${r.retracted ? " RETRACTED" : ""}${r.area90_deg2 == null ? "" : `, 90 % in ${r.area90_deg2.toFixed(1)} deg²`}`)));
  }

  // To the revision before or after the one that is shown.
  step(by, going) {
    if (!this.list?.length) return;
    const at = this.at ?? this.clock, here = this.list.findLastIndex((r) => r.at_s <= at);
    const next = this.list[Math.max(0, Math.min(this.list.length - 1, here + by))];
    if (by > 0 && here === this.list.length - 1) this.set(null); else going(next);
  }

  set(at) {
    if (this.epoch == null) return; // nothing is told yet
    this.at = at;
    this.#write();
    this.changed(at);
  }

  #moved() {
    const at = this.begin + (this.end - this.begin) * Number(this.range.value) / STEPS;
    const close = Math.abs(at - Math.min(this.clock, this.end)) < (this.end - this.begin) / STEPS;
    this.set(close ? null : at);
  }

  #play() {
    if (this.epoch == null) return;
    if (this.timer) { clearInterval(this.timer); this.timer = null; } else {
      if (this.at == null || this.at >= this.clock) this.set(this.begin);
      this.timer = setInterval(() => {
        const live = Math.min(this.clock, this.end), next = this.at + (live - this.begin) / 300;
        if (next < live) { this.set(next); return; }
        this.#play();
        this.set(null);
      }, 50);
    }
    this.play.setAttribute("aria-pressed", String(Boolean(this.timer)));
  }

  #write() {
    const at = this.at ?? this.clock, kind = this.at == null ? "now" : this.at < this.clock ? "as it was" : "as planned";
    this.range.value = Math.round(STEPS * (Math.min(at, this.end) - this.begin) / (this.end - this.begin));
    this.now.setAttribute("aria-pressed", String(this.at == null));
    const text = `${utc(this.epoch + at)} UTC ${sinceT0(at, this.hasT0)}, ${kind}`;
    this.says.textContent = text;
    this.range.setAttribute("aria-valuetext", text);
  }

  // Another event: nothing is told of it yet, and it begins live.
  forget() {
    clearInterval(this.timer);
    Object.assign(this, { at: null, timer: null, list: null, epoch: null });
    this.play.setAttribute("aria-pressed", "false");
    this.words.replaceChildren();
  }
}
