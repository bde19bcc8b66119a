// A telescope's agent in 200 lines of JavaScript: it accepts what it is offered, and only says that it observes.
//
//   node client.mjs PROTOS HOST:PORT TELESCOPE STATE_FILE [STOP_AFTER]
//
// `known` grows for ever here: an agent for years forgets what ended long ago.
//
// PROTOS is the folder that holds armillary/telescope/v1/telescope.proto; STATE_FILE keeps the cursor and what is not
// answered yet; after STOP_AFTER completed pointings the program ends (left out: never).
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";

const [protos, address, telescope, stateFile, stopAfter = "Infinity"] = process.argv.slice(2);
const FILE = "armillary/telescope/v1/telescope.proto";
const options = { includeDirs: [protos], keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true };
const definition = protoLoader.loadSync(FILE, options);
const { TelescopeService } = grpc.loadPackageDefinition(definition).armillary.telescope.v1;
const client = new TelescopeService(address, grpc.credentials.createInsecure(), {
  "grpc.keepalive_time_ms": 10000, // not more often than every 5 s, or the gateway hangs up
  "grpc.keepalive_timeout_ms": 8000,
  "grpc.keepalive_permit_without_calls": 1,
});

// What must survive a restart: the cursor of each journal, reports that nobody answered, what is already known.
const memory = existsSync(stateFile)
  ? JSON.parse(readFileSync(stateFile, "utf8"))
  : { journal: "", cursors: {}, agentSeq: 0, unsent: [], known: {} };

function remember() {
  writeFileSync(`${stateFile}.new`, JSON.stringify(memory));
  renameSync(`${stateFile}.new`, stateFile); // all of it or nothing
}

const now = () => ({ seconds: Math.floor(Date.now() / 1000), nanos: (Date.now() % 1000) * 1e6 });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function call(method, request, seconds = 10) {
  return new Promise((resolve, reject) => {
    const deadline = new Date(Date.now() + seconds * 1000);
    client[method](request, { deadline }, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

const camera = {
  instrument_id: "main",
  filters: ["clear", "g", "r"],
  footprint: { rectangle: { width_deg: 1.0, height_deg: 1.0 } },
};
let session = "";
let completed = 0;
let running = Promise.resolve(); // one pointing after the other

async function openSession() {
  const grant = await call("OpenSession", {
    telescope_id: telescope,
    agent_version: "node-client 1",
    boot_id: randomUUID(),
    journal_id: memory.journal,
    last_applied_seq: memory.cursors[memory.journal] ?? 0,
    capabilities: { drivers: ["simulated"], instruments: [camera] },
    client_time: now(),
  });
  session = grant.session_id;
  const known = memory.cursors[grant.journal_id];
  memory.journal = grant.journal_id;
  if (grant.snapshot_required || known === undefined) await listPointings();
  remember();
  console.log(`session ${grant.session_epoch} open, commands after ${memory.cursors[memory.journal]}`);
}

// After a gap the list stands in for the commands: what is offered there is answered, then the stream goes on.
async function listPointings() {
  let token = "";
  let asOf;
  do {
    const page = await call("ListPointings", { session_id: session, page_size: 100, page_token: token });
    asOf ??= page.as_of_seq;
    for (const { pointing, state } of page.pointings) if (state === "POINTING_STATE_OFFERED") consider(pointing);
    token = page.next_page_token;
  } while (token);
  memory.cursors[memory.journal] = asOf;
}

function consider(pointing) {
  const key = `${pointing.pointing_id}/${pointing.revision}`;
  if (memory.known[key]) return; // a command can come twice
  memory.known[key] = true;
  const mine = pointing.telescope_id === telescope && Math.abs(pointing.dec_deg) <= 90 && pointing.exposures.length > 0;
  if (!mine) return report(pointing, "REJECTED", { reason: "REASON_INTERNAL", detail: "not for this telescope" });
  report(pointing, "ACCEPTED");
  running = running.then(() => observe(pointing));
}

// Here a real agent checks its limits, moves the mount and opens the shutter.
async function observe(pointing) {
  const start = now();
  report(pointing, "SLEWING");
  report(pointing, "EXPOSING", { fraction_done: 0.0 });
  const exposures = pointing.exposures.flatMap((block) =>
    Array.from({ length: block.count }, () => ({ filter: block.filter, exposure_s: block.exposure_s })),
  ).map((one, exposure_index) => ({ ...one, exposure_index, window: { start_time: start, end_time: now() } }));
  report(pointing, "COMPLETED", {
    fraction_done: 1.0,
    actual_ra_deg: pointing.ra_deg,
    actual_dec_deg: pointing.dec_deg,
    exposures,
  });
  await send();
}

function report(pointing, state, more = {}) {
  memory.agentSeq += 1;
  memory.unsent.push({
    report_id: randomUUID(),
    pointing_id: pointing.pointing_id,
    revision: pointing.revision,
    state: `POINTING_STATE_${state}`,
    report_time: now(),
    agent_seq: memory.agentSeq,
    ...more,
  });
  remember(); // durable before it is sent
}

let sending = Promise.resolve();
const send = () => (sending = sending.then(sendAll));

async function sendAll() {
  while (memory.unsent.length > 0) {
    const reports = memory.unsent.slice(0, 500);
    const acked_seq = memory.cursors[memory.journal] ?? 0;
    let answer;
    try {
      answer = await call("ReportPointings", { session_id: session, acked_seq, reports });
    } catch (error) {
      console.error(`reports wait: ${error.message}`);
      return; // they are sent again, under the same ids, in the next session
    }
    for (const { item_id, code, reason, current_state } of answer.results) {
      const sent = reports.find((r) => r.report_id === item_id);
      if (code !== 0 && code !== 6) console.error(`${sent.pointing_id}: refused, ${reason}`);
      else console.log(`${sent.pointing_id} ${sent.state} -> ${current_state}`);
      if (sent.state === "POINTING_STATE_COMPLETED" && (code === 0 || code === 6)) completed += 1;
    }
    const answered = new Set(answer.results.map((r) => r.item_id));
    memory.unsent = memory.unsent.filter((r) => !answered.has(r.report_id));
    remember();
  }
  if (completed >= Number(stopAfter)) process.exit(0);
}

// The stream ends with a drain (watch again, same session), or with an error (open a session again).
function watch() {
  return new Promise((resolve) => {
    const stream = client.WatchCommands({ session_id: session, after_seq: memory.cursors[memory.journal] ?? 0 });
    let drained = false;
    stream.on("data", (said) => {
      if (said.command === "pointing") consider(said.pointing);
      if (said.command === "revocation") console.log(`asked back: ${said.revocation.pointing_id}`);
      if (said.command === "drain") drained = true;
      if (said.command === "pointing" || said.command === "revocation") {
        memory.cursors[memory.journal] = said.seq;
        remember();
        send();
      }
    });
    stream.on("error", (error) => {
      console.error(`stream ended: ${error.message}`);
      if (error.code === grpc.status.OUT_OF_RANGE) delete memory.cursors[memory.journal];
      resolve(false);
    });
    stream.on("end", () => resolve(drained));
  });
}

setInterval(() => {
  const acked_seq = memory.cursors[memory.journal] ?? 0;
  const status = { session_id: session, client_time: now(), safe: true, acked_seq };
  if (session) call("ReportStatus", status).catch((error) => console.error(`status: ${error.message}`));
}, 10000);

for (;;) {
  try {
    await openSession();
    send();
    while (await watch()) await sleep(200 + 800 * Math.random());
  } catch (error) {
    console.error(`no session: ${error.message}`);
  }
  await sleep(200 + 800 * Math.random()); // 200 agents must not come back in the same instant
}
