// What is on the sky: fields with their states now and before, candidates, galaxies. It draws nothing.
import { axes, camera, covers, onSky } from "./cameras.js";
import { Shapes } from "./shapes.js";
import { dot, pixel, RAD, separation, unit } from "./sphere.js";

export const HIDDEN = -1;
const COPIED = ["ra_deg", "dec_deg", "position_angle_deg", "start_s", "limit_mag_ab", "new_probability", "late"];

export class Scene {
  constructor() {
    this.fields = []; // {id, camera, live, now, ra_deg, …}; `live` is the newest state, `now` that of the time shown
    this.number = new Map(); // by id, where that is known, and by what is known in its place
    this.outlines = new Shapes();
    this.candidates = [];
    this.telescopes = [];
    this.galaxies = [];
    this.history = null;
    this.order = null;
  }

  // Takes the whole of a scene's document, or what is new of it; returns the numbers of the fields that changed.
  take(told) {
    if (told.whole) {
      this.fields = []; this.number.clear(); this.outlines = new Shapes(4 * told.fields.camera.length + 64); this.cameras = new Map();
      Object.assign(this, { telescopes: told.telescopes, almanacs: told.almanacs, states: told.states, named: false, wholeSeq: told.as_of.seq });
    }
    this.head = told;
    this.epoch = Date.parse(told.epoch) / 1000;
    const changed = this.#takeFields(told, false);
    if (told.candidates) this.candidates = rows(told.candidates).map((c, i) => ({ ...c, rank: i + 1, direction: unit(c.ra_deg, c.dec_deg) }));
    return changed;
  }

  #takeFields(told, ghost) {
    const cameras = told.cameras.map((one) => this.#camera(one)), columns = told.fields, changed = [];
    for (let i = 0; i < columns.camera.length; i++) {
      const camera = cameras[columns.camera[i]], names = namesOf(camera.telescope, columns.command_seq[i], told.plan_sha256, columns.plan_row[i]);
      const id = columns.id?.[i], known = this.number.get(id) ?? this.#known(names);
      if (ghost && known !== undefined) { this.#name(known, id); continue; }
      const field = { id: id ?? this.fields[known]?.id, names, camera, live: ghost ? HIDDEN : columns.state[i], now: HIDDEN, ghost };
      for (const name of COPIED) field[name] = columns[name][i];
      field.end_s = field.start_s + columns.length_s[i];
      field.filter = columns.filter[i] == null ? null : told.words[columns.filter[i]];
      field.visit = columns.visit[i] == null ? null : told.words[columns.visit[i]];
      field.axes = axes(field.ra_deg, field.dec_deg, field.position_angle_deg);
      const number = known ?? this.fields.length;
      field.place = pixel(9, field.axes.centre[2], field.ra_deg * RAD);
      this.fields[number] = field;
      for (const name of id ? [id, ...names] : names) this.number.set(name, number);
      this.outlines.set(number, onSky(field.camera.hull, field.axes), true);
      changed.push(number);
    }
    return changed;
  }

  #known(names) {
    return this.number.get(names.find((name) => this.number.has(name)));
  }

  #name(number, id) {
    this.fields[number].id = id;
    this.number.set(id, number);
  }

  // A field's number now, also if it was found before the scene was told anew; undefined: it is no longer there.
  numberOf(field) {
    return this.number.get(field.id) ?? this.#known(field.names);
  }

  // Takes the ids of all fields, which are hashes and asked for by those who need them.
  takeNames(told) {
    const { id, camera, command_seq, plan_row } = told.names;
    for (let i = 0; i < id.length; i++) {
      const number = this.#known(namesOf(told.cameras[camera[i]].telescope, command_seq[i], told.plan_sha256, plan_row[i]));
      if (number === undefined) continue; // it is news that is on its way
      this.#name(number, id[i]);
    }
    this.named = told.plan_sha256 === this.head.plan_sha256 && told.as_of.seq >= this.wholeSeq;
  }

  // Sets the newest state of some fields alone; the order of all is kept where none comes or goes.
  refresh(numbers) {
    for (const number of numbers) {
      this.fields[number].now = this.fields[number].live;
      if (!this.ordered?.has(number)) this.order = null;
    }
  }

  // Whether something that was planned is shown after its end.
  overdue(clock) {
    const planned = this.states?.indexOf("planned");
    return this.fields.some((f) => f.now === planned && f.end_s <= clock);
  }

  #camera(told) {
    const name = JSON.stringify([told.telescope, told.instrument, told.polygons]);
    if (!this.cameras.has(name)) this.cameras.set(name, camera(told));
    return this.cameras.get(name);
  }

  // Every detector of a field with more than one, as shapes; made when it is looked at closely.
  details(field) {
    if (!field.details) {
      field.details = new Shapes(8 * field.camera.polygons.length);
      for (const polygon of field.camera.polygons) field.details.add(onSky(polygon, field.axes), true);
    }
    return field.details;
  }

  takeHistory(told) {
    this.history = { ...told, plans: [...told.plans].sort((a, b) => a.at_s - b.at_s), plan: new Map() };
  }

  // Takes the fields that an earlier plan meant; those that were never offered are drawn in its time alone.
  takePlan(sha256, told) {
    this.#takeFields(told, true);
    this.history.plan.set(sha256, told.fields.id);
  }

  // The plan in force at a time (seconds after the epoch), of those that the history tells.
  planAt(at) {
    return this.history?.plans.findLast((p) => p.at_s <= at) ?? null;
  }

  revisionAt(at) {
    return this.history?.revisions.findLast((r) => r.at_s <= at) ?? null;
  }

  // Sets each field's state to that of a time; null: the newest that is known, `clock` being the time now.
  show(at, clock) {
    const planned = this.states.indexOf("planned");
    if (at == null || at >= clock) {
      for (const field of this.fields) {
        const passed = field.live === planned && (at == null ? field.end_s <= clock : field.start_s > at);
        field.now = passed ? HIDDEN : field.live;
      }
    } else this.#showPast(at, planned);
    this.order = null;
  }

  #showPast(at, planned) {
    for (const field of this.fields) field.now = HIDDEN;
    const { pointings, moves } = this.history, numbers = pointings.map((id) => this.number.get(id));
    for (let i = 0; i < moves.at_s.length; i++) {
      const field = moves.at_s[i] <= at && this.fields[numbers[moves.pointing[i]]];
      if (field) field.now = moves.state[i];
    }
    const plan = this.planAt(at);
    for (const id of (plan && this.history.plan.get(plan.plan_sha256)) ?? []) {
      const field = this.fields[this.number.get(id)];
      if (field?.now === HIDDEN && field.end_s > at) field.now = planned;
    }
  }

  candidatesAt(at) {
    const first = this.history?.first_scored_s;
    return at == null || !first ? this.candidates : this.candidates.filter((c) => !(first[c.id] > at));
  }

  // Numbers of the fields that are shown, neighbours beside each other: then few strokes cover little canvas each.
  get shown() {
    if (!this.order) {
      this.order = this.fields.map((_, i) => i).filter((i) => this.fields[i].now !== HIDDEN).sort((a, b) => this.fields[a].place - this.fields[b].place);
      this.ordered = new Set(this.order);
    }
    return this.order;
  }

  state(field) {
    return field.now === HIDDEN ? null : this.states[field.now];
  }

  // Fields that cover a direction, the smallest first.
  at(direction) {
    const found = this.shown.map((i) => this.fields[i]).filter((f) => dot(f.axes.centre, direction) > Math.cos(Math.min(90, f.camera.reach * 1.05 + 0.01) * RAD) && covers(f.camera, f.axes, direction));
    return found.sort((a, b) => a.camera.reach - b.camera.reach || b.now - a.now);
  }

  candidateNear(direction, radius, at) {
    const near = this.candidatesAt(at).map((c) => [separation(c.direction, direction), c]).filter(([apart, c]) => apart < radius && c.verdict !== "rejected");
    return near.sort((a, b) => a[0] - b[0])[0]?.[1] ?? null;
  }

  counts() {
    const found = new Map();
    for (const i of this.shown) found.set(this.state(this.fields[i]), (found.get(this.state(this.fields[i])) ?? 0) + 1);
    return [...found].sort((a, b) => b[1] - a[1]);
  }
}

// What a field is known by where its id is not told: its number in its telescope's command log, its row in a plan.
function namesOf(telescope, commandSeq, plan, planRow) {
  return [...(commandSeq == null ? [] : [`${telescope} ${commandSeq}`]), ...(planRow == null ? [] : [`${plan} ${planRow}`])];
}

// Columns to rows.
export function rows(columns) {
  const names = Object.keys(columns);
  return columns[names[0]].map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
}
