// The stream, followed for ever: a native EventSource gives up after a 503, and hears nothing after a laptop's sleep.
// This one opens a new one from where it stood. Pages and the worker that they share use the same.
export const LOST_MS = 30_000;
const LOOK_MS = 1_000, FIRST_BACKOFF_MS = 500, LONGEST_BACKOFF_MS = 3_000;
const TOPICS = ["revision", "event", "plan", "pointing", "telescope", "candidate", "log", "clock-set", "resync"];

export class Line {
  // `tell` is given `{ topic, seq, data }` of each entry, "clock" without a number, and "open" and "away" of the line itself.
  constructor(after, tell) {
    Object.assign(this, { cursor: after, tell, heardAt: performance.now(), backoff: FIRST_BACKOFF_MS });
    this.watch = setInterval(() => this.#look(), LOOK_MS);
    this.#open();
  }

  close() {
    clearInterval(this.watch);
    clearTimeout(this.opening);
    this.source.close();
  }

  #open() {
    const source = this.source = new EventSource(`/stream?after=${this.cursor}`);
    this.openedAt = performance.now();
    for (const topic of TOPICS) source.addEventListener(topic, (message) => this.#news(topic, message));
    source.addEventListener("clock", ({ data }) => this.#told({ topic: "clock", data: JSON.parse(data) }));
    source.onopen = () => {
      this.backoff = FIRST_BACKOFF_MS;
      this.#told({ topic: "open" });
    };
    source.onerror = () => this.#again();
  }

  #news(topic, { lastEventId, data }) {
    this.cursor = Number(lastEventId);
    this.#told({ topic, seq: this.cursor, data: JSON.parse(data) });
  }

  #told(message) {
    this.heardAt = performance.now();
    this.tell(message);
  }

  // Dead without a word: nothing was heard for long, and nothing was tried since.
  #look() {
    if (performance.now() - Math.max(this.heardAt, this.openedAt) > LOST_MS) this.#again();
  }

  #again() {
    this.source.close();
    this.openedAt = performance.now();
    this.tell({ topic: "away" });
    clearTimeout(this.opening); // after a sleep one may be due already: there is never more than one stream
    this.opening = setTimeout(() => this.#open(), this.backoff * (0.5 + Math.random()));
    this.backoff = Math.min(this.backoff * 2, LONGEST_BACKOFF_MS);
  }
}
