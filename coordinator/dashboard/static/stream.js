// Where a page hears the stream: from the worker that all tabs share, or by a line of its own where there is none.
import { Line, LOST_MS } from "./line.js";

const WORKER = "/static/stream-worker.js", SPEECH = "armillary 1"; // what pages and worker say to each other: an old worker is not joined
const LOOK_MS = 1_000, DEAF_MS = LOST_MS + 15_000;

class Shared {
  constructor(after, tell, failed) {
    this.worker = new SharedWorker(WORKER, { type: "module", name: SPEECH });
    this.worker.onerror = failed;
    this.worker.port.onmessage = ({ data }) => tell(data);
    this.worker.port.postMessage({ after });
  }

  close() {
    this.worker.port.postMessage({ leave: true });
    this.worker.port.close();
  }
}

// Tells `heard` each message. `after` is the number that the page is made of, then the last that the stream brought: the
// worker's may be ahead of it. What a page shows may be ahead of the worker's, and is still brought.
export function follow(after, heard) {
  let cursor = after, source = null, alone = typeof SharedWorker === "undefined", toldAt = 0;

  const tell = (message) => {
    toldAt = performance.now();
    cursor = message.seq ?? cursor;
    heard(message);
  };
  const shared = () => {
    try {
      return new Shared(cursor, tell, () => { alone = true; again(); });
    } catch (error) {
      if (error.name !== "SecurityError") throw error; // a browser that keeps nothing for us shares no worker either
      alone = true;
      return null;
    }
  };
  const begin = () => {
    toldAt = performance.now();
    source = (alone ? null : shared()) ?? new Line(cursor, tell);
  };
  const again = () => {
    source.close();
    begin();
  };

  begin();
  // A worker that fell with the process that held it says nothing more, not even that it is away.
  setInterval(() => { if (!alone && performance.now() - toldAt > DEAF_MS) again(); }, LOOK_MS);
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", ({ persisted }) => { if (persisted) begin(); });
}
