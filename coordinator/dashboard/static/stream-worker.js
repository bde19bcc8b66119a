// One stream for all tabs of a browser, which opens no more than six connections to a server. It lives as long as one of them.
import { Line } from "./line.js";

const KEPT = 200;
const ports = new Set();
let line = null, clock = null, recent = [];

function tell(message) {
  if (message.topic === "clock") clock = { message, at: performance.now() };
  if (message.topic === "resync") recent = [];
  if (message.seq != null) recent.push(message);
  if (recent.length > KEPT) recent.shift();
  for (const port of ports) port.postMessage(message);
}

// What came after the number that a page was made of, and the clock with its age.
function join(port, after) {
  ports.add(port);
  if (!line) {
    line = new Line(after, tell);
    return;
  }
  if (clock) port.postMessage({ ...clock.message, age_ms: performance.now() - clock.at });
  const known = after >= (recent[0]?.seq ?? line.cursor + 1) - 1;
  const missed = known ? recent.filter(({ seq }) => seq > after) : [{ topic: "resync", seq: line.cursor, data: { seq: line.cursor } }];
  for (const message of missed) port.postMessage(message);
}

function leave(port) {
  ports.delete(port);
  port.close();
  if (ports.size) return;
  line?.close();
  line = clock = null;
  recent = [];
}

self.addEventListener("connect", ({ ports: [port] }) => {
  port.onmessage = ({ data }) => ("after" in data ? join(port, data.after) : leave(port));
  port.onclose = () => leave(port); // its tab died; where browsers do not say so, what is told to it is heard by nobody
});
