// <sky-view event="…">: the sky of one event, live or as of a time, with a table that says the same; with `others` also
// the contours of all other open events that the page lists.
import { almanacAt, axesOf, bodies, horizonOf } from "./almanac.js";
import { Camera } from "./camera.js";
import { Clock } from "./clock.js";
import { Controls, legend } from "./controls.js";
import { make } from "./elements.js";
import { huesOf } from "./fields.js";
import { listen } from "./gestures.js";
import { contourShapes, horizonShape } from "./overlays.js";
import { Painter } from "./painter.js";
import { palette } from "./palette.js";
import { Scene } from "./scene.js";
import { SkyMap } from "./skymap.js";
import { Source } from "./source.js";
import { extent } from "./sphere.js";
import { choose } from "./tables.js";
import { rowsOf, Twin } from "./twin.js";
import { reading, sentence, summary } from "./words.js";

const SETTLE_MS = 160, NEWS_MS = 100, FLY_MS = 260, SAY_MS = 400, RETRY_MS = 3000, CANDIDATE_PIXELS = 9;
const NO_OTHERS = { list: [], drawn: [], left: 0, look() {}, read() {}, of: () => null, at: () => [], mark() {} };
const LULL_S = 12 * 3600; // so long after the last field the time bar goes on

class SkyView extends HTMLElement {
  connectedCallback() {
    this.camera = new Camera();
    this.painter = new Painter(this.camera, palette(), () => this.#look());
    this.painter.painted = () => { if (this.scene?.head && this.mapShown !== undefined) this.dataset.ready = String(this.scene.head.as_of.seq); };
    this.clock = new Clock((at) => this.#showTime(at), () => this.#wantHistory());
    this.controls = new Controls({ all: () => this.#fly([this.camera.ra, 0, 360]), region: () => this.#fly(this.region), zoom: (f) => this.#zoomed(f), table: () => this.#toggleTable(), changed: () => this.#changed() }, this.hasAttribute("others"));
    this.others = NO_OTHERS;
    this.twin = new Twin((kind, id) => choose(kind, id, "sky"));
    this.#build();
    listen(this.stage, { pan: (dx, dy) => this.#panned(dx, dy), zoom: (f, x, y) => this.#zoomed(f, x, y), click: (x, y) => this.#clicked(x, y), hover: (x, y) => this.#hovered(x, y), key: (name) => this.#key(name) });
    new ResizeObserver(([{ contentRect: box }]) => { if (box.width) this.painter.resize(Math.round(box.width), Math.round(box.height)); }).observe(this.stage);
    this.brought = this.hasAttribute("others") ? this.#bringOthers() : null;
    for (const [name, does] of [["armillary:news", () => this.#hear()], ["armillary:page", () => this.#page()], ["armillary:choose", ({ detail }) => this.#choose(detail)]]) document.addEventListener(name, does);
    setInterval(() => this.#tick(), 1000);
    this.load(this.getAttribute("event"));
  }

  // A page of one event has no use for them, and a sky without them is better than none.
  async #bringOthers() {
    try {
      const { Others } = await import("./others.js");
      this.others = new Others(() => this.#changed(), (key) => choose("event", key, "legend"));
      this.legend.after(this.others.element);
    } catch (error) {
      console.error("the other open events are not drawn:", error);
    }
  }

  #build() {
    this.stage = make("div", { class: "sky-stage", tabindex: 0, role: "group", "aria-label": "Sky: arrows move, plus and minus zoom, 0 region, 9 all sky, n and p choose fields, Enter goes to the row, brackets change the revision, v table" }, ...Object.values(this.painter.canvases));
    this.picture = this.painter.canvases.lines;
    this.picture.removeAttribute("aria-hidden");
    this.picture.setAttribute("role", "img");
    this.picture.setAttribute("aria-label", "Map of the sky; nothing is drawn on it yet");
    this.readout = make("p", { class: "sky-readout" }, "\u00a0");
    this.says = make("p", { class: "sky-chosen", "aria-live": "polite" });
    this.note = make("p", { class: "as-of", id: "sky-note" }, "The sky is being fetched.");
    this.legend = make("ul", { class: "legend" });
    this.replaceChildren(this.controls.element, this.stage, this.readout, this.says, this.clock.element, this.legend, this.note, this.twin.element);
  }

  async load(event) {
    Object.assign(this, { event, source: new Source(event), scene: new Scene(), contours: [], map: null, mapShown: undefined, galaxies: [], chosen: null, at: null, region: null });
    const source = this.source;
    const told = event && await source.scene();
    await this.brought;
    if (source !== this.source) return;
    this.#lookAround();
    if (!told) { if (event) setTimeout(() => { if (source === this.source) this.load(event); }, RETRY_MS); else this.note.textContent = "No event: its sky will appear here when an alert comes."; return; }
    this.scene.take(told);
    this.#told();
    this.#restore();
    if (this.news) this.#hear();
    await this.#showMap(told.skymap_sha256);
    if (!this.region) this.#frameRegion();
    const galaxies = await source.galaxies();
    if (source === this.source && galaxies) { this.galaxies = galaxies.items; this.#changed(); }
    if (source === this.source) this.others.read(source);
  }

  // Which other events the page lists as open now.
  #lookAround() {
    this.others.look(this.event ?? "");
  }

  // Everything that follows from a scene that is new as a whole.
  #told() {
    const sites = this.scene.telescopes, withFields = [...new Set(this.scene.fields.map((f) => f.camera.telescope))].sort();
    this.controls.tell(sites, withFields);
    this.heard = performance.now();
    this.scene.show(this.at, this.#now());
    this.#changed();
    if (this.chosen?.field && !this.scene.named) this.#named(); // so that it is found again
  }

  // Ids are asked for when somebody needs them: they would weigh as much as all the rest of the sky.
  async #named() {
    const { scene, source } = this;
    if (!scene.head || scene.named) return;
    const told = await source.names();
    if (scene !== this.scene) return;
    if (!told) { clearTimeout(this.naming); this.naming = setTimeout(() => this.#say(), RETRY_MS); return; } // for the table
    scene.takeNames(told);
    if (!this.twin.element.hidden) this.twin.show(this.#rows(), this.chosen?.id);
    this.painter.wants("cursor");
  }

  // Sky time now, seconds after the epoch, by the page's own clock.
  #now() {
    const { head, epoch } = this.scene;
    return Date.parse(head.sky_time) / 1000 - epoch + (performance.now() - this.heard) / 1000 * head.sky_rate;
  }

  #tick() {
    if (!this.scene?.head) return;
    const { t0 } = this.scene.head, last = this.scene.fields.reduce((late, f) => Math.max(late, f.live >= 0 ? f.end_s : late), 0);
    const first = this.scene.history?.revisions[0]?.at_s ?? this.scene.fields.reduce((least, f) => Math.min(least, f.start_s), Infinity);
    const now = this.#now(), begin = t0 == null ? Math.min(first, now) : Math.min(0, first);
    if (this.at == null && this.scene.overdue(now)) { this.scene.show(null, now); this.painter.wants("fields"); this.#say(); }
    this.clock.tell(begin, now, Math.max(last, Math.min(now, last + LULL_S)), this.scene.epoch, t0 != null);
  }

  // Fetches and shows a map: its contours, then its shading.
  async #showMap(sha256) {
    const { source } = this;
    this.wanted = sha256;
    const [told, cells] = sha256 ? await Promise.all([source.contours(sha256), source.cells(sha256)]) : [null, null];
    if (source !== this.source || this.wanted !== sha256) return;
    if (sha256 && !told) setTimeout(() => { if (this.wanted === sha256 && source === this.source) this.#showMap(sha256); }, RETRY_MS);
    this.contours = contourShapes(told ?? []);
    this.map = cells ? new SkyMap(cells) : null;
    this.mapShown = sha256 ?? null;
    if (!this.region) this.#frameRegion();
    this.#changed();
  }

  #frameRegion() {
    const widest = this.contours.at(-1)?.polygons.flat(), points = widest?.length ? widest : this.scene.shown.map((i) => [this.scene.fields[i].ra_deg, this.scene.fields[i].dec_deg]);
    if (!points.length) return;
    const { ra, dec, radius } = extent(points);
    this.region = [ra, dec, Math.max(1, 2.4 * radius)];
    const all = this.others.list.length && !this.takenOver; // a new event is looked at by itself
    if (!this.restored) this.camera.look(...(all ? [ra, 0, 360] : this.region));
    this.painter.wants();
  }

  #look() {
    const { scene, contours, map, galaxies, chosen, hovered } = this, { layers } = this.controls;
    const shown = scene.head ? { bodies: this.sky?.bodies, horizon: this.sky?.horizon, candidates: scene.candidatesAt(this.at) } : { candidates: [] };
    return { scene, contours, others: this.#besides(), map, galaxies, chosen, hovered, layers, hues: this.hues ?? new Map(), ...shown };
  }

  // The other events are as they are now, and not drawn into the past.
  #besides() {
    return this.at == null ? this.others.drawn : [];
  }

  // What depends on the time shown, the site, or what is known: worked out again, then painted.
  #changed() {
    if (!this.scene.head) return;
    const at = this.at ?? this.#now(), site = this.scene.telescopes.find((s) => s.id === this.controls.site.value);
    const almanac = almanacAt(this.scene.almanacs, at), axes = site && axesOf(almanac, site, at);
    this.sky = { bodies: bodies(almanac, at), site: site && { ...site, axes }, horizon: site && horizonShape(horizonOf(axes, site)) };
    this.hues = huesOf(this.scene, this.controls.telescopes);
    this.legend.replaceChildren(...legend(this.hues));
    this.#tick();
    this.#say();
    this.painter.wants();
  }

  #say() {
    if (!this.scene.head) return;
    const { label, note } = summary(this.scene, this.at, this.contours, this.mapShown, { drawn: this.#besides(), left: this.others.left });
    this.picture.setAttribute("aria-label", label);
    this.note.textContent = note;
    if (!this.twin.element.hidden) this.#tell();
  }

  // The table's rows; their names follow where they are not known yet.
  #tell() {
    this.twin.show(this.#rows(), this.chosen?.id);
    if (!this.scene.named) this.#named();
  }

  #rows() {
    return rowsOf({ scene: this.scene, at: this.at, clock: this.#now(), contours: this.contours, others: this.#besides(), site: this.sky?.site, bodies: this.sky?.bodies, galaxies: this.galaxies });
  }

  // News of the journal: what is new is fetched, one question at a time, ten in a second at most, until it has come.
  async #hear() {
    this.news = true;
    if (this.fetching) return;
    this.fetching = true;
    try {
      while (this.news && this.scene.head) { // what comes while a scene is fetched is asked for when it is there
        this.news = false;
        const came = await this.#fetchNews();
        if (!came) this.news = true;
        await new Promise((done) => setTimeout(done, came ? NEWS_MS : RETRY_MS));
      }
    } finally {
      this.fetching = false;
    }
  }

  async #fetchNews() {
    const { scene, source } = this, told = await source.scene(scene.head.as_of.seq);
    if (source !== this.source) return true;
    if (!told) return false;
    if (told.as_of.seq < scene.head.as_of.seq && !told.whole) return true;
    const before = scene.fields.length, changed = scene.take(told);
    if (scene.history && (changed.length || told.candidates)) scene.history.old = true;
    this.heard = performance.now();
    if (told.whole || told.candidates || scene.fields.length !== before) {
      if (told.whole) scene.history = null;
      this.#told();
      if (told.skymap_sha256 !== this.mapShown && this.at == null) await this.#showMap(told.skymap_sha256);
      if (this.at != null) await this.#wantHistory();
      return true;
    }
    if (this.at == null) { scene.refresh(changed); this.painter.wantsFields(changed); }
    this.saying ??= setTimeout(() => { this.saying = null; this.#say(); }, SAY_MS);
    return true;
  }

  #page() {
    const shown = document.getElementById("pointings")?.dataset.event;
    if (shown === undefined || shown === (this.event ?? "")) {
      this.#hear();
      this.#lookAround();
      if (this.mapShown !== undefined) this.others.read(this.source);
      return;
    }
    history.replaceState(history.state, "", location.pathname + location.search); // place and time were of the event before
    this.clock.forget();
    this.takenOver = true;
    this.load(shown || null);
  }

  // The time bar.
  async #wantHistory() {
    const { scene, source } = this;
    if (!scene.head || (scene.history && !scene.history.old) || this.asking === scene) return;
    this.asking = scene;
    const upto = this.#now(), [told] = await Promise.all([source.history(), this.#named()]).finally(() => { if (this.asking === scene) this.asking = null; });
    if (scene !== this.scene) return;
    if (!told || !scene.named) { // it tells of fields by name
      clearTimeout(this.wanting);
      this.wanting = setTimeout(() => { if (scene === this.scene) this.#wantHistory(); }, RETRY_MS);
      return;
    }
    scene.takeHistory({ ...told, upto });
    this.#tick();
    this.clock.revisions(told.revisions, (r) => this.clock.set(r.at_s + 1));
    this.#showTime(this.at);
  }

  async #showTime(at) {
    this.at = at;
    const { scene } = this;
    if (!scene.head) return;
    const now = this.#now();
    if (at != null && at < now && !(scene.history?.old ? at <= scene.history.upto : scene.history)) { this.#wantHistory(); return; }
    scene.show(at, now);
    this.#changed();
    const past = at != null && at < now, wanted = past ? scene.revisionAt(at)?.skymap_sha256 ?? null : scene.head.skymap_sha256, plan = past ? scene.planAt(at) : null;
    if (wanted !== this.mapShown && wanted !== this.wanted) this.#showMap(wanted);
    if (plan && !scene.history.plan.has(plan.plan_sha256)) {
      const { history } = scene, told = await this.source.plan(plan.plan_sha256, scene.epoch);
      if (told && scene === this.scene && scene.history === history) { scene.takePlan(plan.plan_sha256, told); if (this.at === at) this.#showTime(at); }
    }
  }

  // Moving about.
  #moved() {
    this.painter.moving = true;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => { this.painter.moving = false; this.painter.wants(); this.#remember(); }, SETTLE_MS);
    this.stage.dataset.whole = String(this.camera.field > 0.98 * this.camera.widest);
    this.painter.wants();
  }

  #panned(dx, dy) {
    this.flying = null;
    this.camera.pan(dx, dy);
    this.#moved();
  }

  #zoomed(factor, x, y) {
    this.flying = null;
    this.camera.zoom(factor, x, y);
    this.#moved();
  }

  #fly(to) {
    if (!to) return;
    const from = { ra: this.camera.ra, dec: this.camera.dec, field: this.camera.field }, began = performance.now(), [ra, dec, field] = to;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches, mine = this.flying = {};
    const step = () => {
      if (this.flying !== mine) return;
      const part = still ? 1 : Math.min(1, (performance.now() - began) / FLY_MS);
      this.camera.look(...Camera.between(from, { ra, dec, field: Math.min(field, this.camera.widest) }, part * (2 - part)));
      this.#moved();
      if (part < 1) requestAnimationFrame(step);
    };
    step();
  }

  #remember() {
    if (!this.scene.head) return;
    const words = new URLSearchParams({ sky: this.camera.words, ...(this.controls.site.value && { site: this.controls.site.value }), ...(this.at != null && { at: String(Math.round(this.at)) }) });
    history.replaceState(history.state, "", `#${words}`);
  }

  #restore() {
    const words = new URLSearchParams(location.hash.slice(1)), look = words.get("sky")?.split(",").map(Number);
    this.restored = look?.length === 3 && look.every(Number.isFinite);
    if (this.restored) this.camera.look(...look);
    if (words.get("site")) this.controls.site.value = words.get("site");
    if (words.get("at")) this.clock.set(Number(words.get("at")));
  }

  // Choosing.
  async #choose({ kind, id, from }) {
    const { scene } = this, wish = this.wish = {};
    if (kind === "field" && !scene.number.has(id)) await this.#named();
    if (wish !== this.wish || scene !== this.scene) return; // something else was chosen meanwhile
    const field = kind === "field" ? this.scene.fields[this.scene.number.get(id)] : null, candidate = kind === "candidate" ? this.scene.candidates.find((c) => c.id === id) : null;
    const event = kind === "event" ? this.#eventOf(id) : null;
    this.chosen = field || candidate || kind === "event" ? { kind, id, field, candidate, event } : null;
    this.others.mark(kind === "event" ? id : null);
    const target = field ?? candidate ?? (event?.centre && { ra_deg: event.centre.ra, dec_deg: event.centre.dec });
    if (from !== "sky" && target) {
      const at = this.camera.projection.point(target.ra_deg, target.dec_deg);
      if (!at || at[0] < 0 || at[1] < 0 || at[0] > this.camera.width || at[1] > this.camera.height) this.#fly([target.ra_deg, target.dec_deg, this.camera.field]);
    }
    this.says.textContent = sentence(this.scene, this.chosen);
    this.painter.wants("cursor");
    if (!this.twin.element.hidden && scene.head) this.#tell();
  }

  // An event that is drawn: the one whose sky this is, or another.
  #eventOf(key) {
    if (key !== this.event) return this.others.of(key);
    const { contours, scene, region } = this;
    return contours.length && region ? { key, name: scene.head.name, contours, centre: { ra: region[0], dec: region[1] } } : null;
  }

  #under(x, y) {
    const direction = this.scene.head && this.camera.projection.inverse(x, y);
    return direction ? { direction, candidate: this.scene.candidateNear(direction, CANDIDATE_PIXELS / this.camera.pixelsPerDegree, this.at), fields: this.scene.at(direction) } : null;
  }

  // A click again on the same place goes on to the next field there.
  #clicked(x, y) {
    const under = this.#under(x, y), fields = under?.fields ?? [];
    if (under?.candidate) choose("candidate", under.candidate.id, "sky");
    else if (fields.length) this.#chooseField(this.#after(fields, 1), "sky");
    else this.#clickedEvent(x, y);
  }

  // An event whose contours lie about a place; a click again goes on to the next there.
  #clickedEvent(x, y) {
    const there = this.at == null && this.scene.head && this.controls.layers.others ? this.others.at(this.camera.projection, x, y) : [];
    const next = there[(there.findIndex((one) => one.key === this.chosen?.event?.key) + 1) % there.length];
    if (next) choose("event", next.key, "sky"); else choose(null, null, "sky");
  }

  // The field so many places after the one that is chosen.
  #after(fields, by) {
    const here = this.chosen?.field ? fields.indexOf(this.scene.fields[this.scene.numberOf(this.chosen.field)]) : -1;
    return fields[(here + by + fields.length) % fields.length];
  }

  async #chooseField(field, from) {
    if (field.id == null) await this.#named();
    if (field.id != null) choose("field", field.id, from);
    else this.says.textContent = "What it is called cannot be asked now: the server is away.";
  }

  #hovered(x, y) {
    const under = x == null ? null : this.#under(x, y), hovered = under?.fields[0] ?? null;
    if (hovered !== this.hovered) { this.hovered = hovered; this.painter.wants("cursor"); }
    this.readout.textContent = under ? reading(under, this.map, this.sky?.site) : "\u00a0";
  }

  #key(name) {
    const does = {
      0: () => this.#fly(this.region), 9: () => this.#fly([this.camera.ra, 0, 360]), v: () => this.#toggleTable(), n: () => this.#next(1), p: () => this.#next(-1),
      "[": () => this.#revision(-1), "]": () => this.#revision(1), Enter: () => this.#toRow(), Escape: () => choose(null, null, "sky"),
    }[name];
    does?.();
    return Boolean(does);
  }

  async #revision(by) {
    await this.#wantHistory();
    if (this.scene.head) this.clock.step(by, (r) => this.clock.set(r.at_s + 1));
  }

  // The next field by start; those out of sight are looked for.
  #next(by) {
    const order = this.scene.shown.map((i) => this.scene.fields[i]).sort((a, b) => a.start_s - b.start_s || this.scene.numberOf(a) - this.scene.numberOf(b));
    if (order.length) this.#chooseField(this.#after(order, by), "keys");
  }

  #toRow() {
    const ofEvent = this.chosen?.kind === "event" ? "#events tr.chosen" : "#pointings tr.chosen, #candidates tr.chosen";
    const row = document.querySelector(ofEvent) ?? this.twin.element.querySelector("tr[aria-current]");
    row?.focus();
  }

  #toggleTable() {
    const { element } = this.twin;
    element.hidden = !element.hidden;
    this.controls.table.setAttribute("aria-pressed", String(!element.hidden));
    if (!element.hidden && this.scene.head) this.#tell();
  }
}

customElements.define("sky-view", SkyView);
