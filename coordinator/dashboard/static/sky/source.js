// Asks the server for what is drawn. Nothing: it or the network is away or silent, and whoever asked asks again later.
import { asked } from "../patience.js";

export class Source {
  constructor(event) {
    this.base = `/api/v1/events/${encodeURIComponent(event)}`;
    this.kept = new Map();
  }

  // Never from the browser's cache: the sky's clock goes on while nothing else is new.
  async scene(after) {
    return opened(await answered(`${this.base}/scene${after == null ? "" : `?after=${after}`}`, "json", "no-store"));
  }

  // One question at a time, whoever needs them.
  names() {
    this.asking ??= answered(`${this.base}/names`).finally(() => { this.asking = null; });
    return this.asking;
  }

  history() {
    return answered(`${this.base}/history`);
  }

  galaxies() {
    return this.#once(`${this.base}/galaxies`);
  }

  // Times of a plan count from an epoch that a revision may move.
  async plan(sha256, epoch) {
    return opened(await this.#once(`${this.base}/planned/${sha256}`, "json", epoch));
  }

  async contours(sha256) {
    const told = await this.#once(`/api/v1/skies/${sha256}/contours`);
    return told?.contours.map((c) => ({ ...c, polygons: c.polygons.map((p) => points(unpacked(p, told.packed))) }));
  }

  cells(sha256) {
    return this.#once(`/api/v1/skies/${sha256}/cells`, "arrayBuffer");
  }

  // What never changes is asked for once; what did not come is asked for again.
  async #once(path, form, epoch) {
    const name = `${path} ${epoch}`;
    if (!this.kept.has(name)) this.kept.set(name, answered(path, form));
    const found = await this.kept.get(name);
    if (found == null) this.kept.delete(name);
    return found;
  }
}

// Columns as they were before they were packed: told as steps from the last that is known, in parts of their unit.
function unpacked(columns, { parts, steps }) {
  const made = { ...columns };
  for (const name of steps) {
    let last = 0;
    made[name] &&= made[name].map((step) => (step == null ? null : last += step));
  }
  for (const [name, many] of Object.entries(parts)) made[name] &&= made[name].map((value) => (value == null ? null : value / many));
  return made;
}

const points = ({ ra_deg, dec_deg }) => ra_deg.map((ra, i) => [ra, dec_deg[i]]);
const opened = (told) => told && { ...told, fields: unpacked(told.fields, told.packed), candidates: told.candidates && unpacked(told.candidates, told.packed) };

function answered(path, form = "json", cache = "default") {
  const options = { cache, headers: { Accept: "application/json, application/octet-stream" } };
  return asked(path, options, (answer) => (answer.ok ? answer[form]() : null));
}
