// The other open events of the page, as its table of events has them: the contours of each by a hue and its name.
import { make } from "./elements.js";
import { contourShapes } from "./overlays.js";
import { HUES } from "./palette.js";
import { extent } from "./sphere.js";

const AGAIN_MS = 30_000; // a map that could not be had is not asked for again before
const MOST = 20; // as many maps as the server keeps at hand, with some to spare
const probe = document.createElement("canvas").getContext("2d");

export class Others {
  // `source` fetches contours; `changed` is told when there is more or less to draw, `choose` whom somebody pressed.
  constructor(changed, choose) {
    Object.assign(this, { changed, choose, list: [], left: 0, hues: new Map(), known: new Map(), missed: new Map(), reading: false, again: false });
    this.element = make("ul", { class: "legend sky-others", "aria-label": "Other open events", hidden: true });
  }

  // Looks which events are open and have a map, the newest word first; `shown` is drawn by itself.
  look(shown) {
    const rows = [...document.querySelectorAll("#events tr[data-sky]")].filter((row) => row.dataset.key !== shown);
    this.left = Math.max(0, rows.length - MOST);
    this.#forget(new Set(rows.map((row) => row.dataset.sky)));
    const list = rows.slice(0, MOST).map(({ dataset: { key, name, sky } }) => ({ key, name, sky, hue: this.#hue(key), ...this.known.get(sky) }));
    const same = JSON.stringify(list.map(told)) === JSON.stringify(this.list.map(told));
    this.list = list;
    if (!same) this.#tell();
  }

  // Fetches what is not known of them yet, one after the other: the event that is shown comes first.
  async read(source) {
    this.again = true;
    if (this.reading) return;
    this.reading = true;
    try {
      while (this.again) {
        this.again = false;
        for (const { sky } of [...this.list]) if (!this.known.has(sky) && !this.#missedLately(sky)) await this.#fetch(sky, source);
      }
    } finally {
      this.reading = false;
    }
  }

  async #fetch(sky, source) {
    const told = await source.contours(sky);
    if (!told) { this.missed.set(sky, performance.now()); return; }
    const contours = contourShapes(told), points = contours.flatMap((c) => c.polygons.flat());
    this.known.set(sky, { contours, ...(points.length && { centre: extent(points) }) });
    this.list = this.list.map((one) => (one.sky === sky ? { ...one, ...this.known.get(sky) } : one));
    this.#tell();
  }

  #missedLately(sky) {
    return performance.now() - (this.missed.get(sky) ?? -Infinity) < AGAIN_MS;
  }

  // What no open event has any more.
  #forget(still) {
    for (const kept of [this.known, this.missed]) for (const sky of [...kept.keys()]) if (!still.has(sky)) kept.delete(sky);
  }

  get drawn() {
    return this.list.filter((one) => one.contours);
  }

  of(key) {
    return this.drawn.find((one) => one.key === key) ?? null;
  }

  // Events whose widest contour is about a place of the canvas, the smallest first.
  at(projection, x, y) {
    const about = this.drawn.filter(({ contours }) => {
      const path = new Path2D(), { shapes } = contours.at(-1);
      for (let i = 0; i < shapes.count; i++) projection.trace(path, shapes, i, true);
      return probe.isPointInPath(path, x, y, "evenodd");
    });
    return about.sort((a, b) => a.contours.at(-1).area_deg2 - b.contours.at(-1).area_deg2);
  }

  // Marks whom somebody chose.
  mark(key) {
    for (const button of this.element.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.key === key));
  }

  #hue(key) {
    if (!this.hues.has(key)) this.hues.set(key, this.hues.size % HUES);
    return this.hues.get(key);
  }

  #tell() {
    const focus = this.element.contains(document.activeElement) ? document.activeElement.dataset.key : null, pressed = this.element.querySelector("[aria-pressed='true']")?.dataset.key;
    this.element.replaceChildren(...this.list.map(({ key, name, hue, contours }) => make("li", { class: `band-${hue}` },
      make("button", { type: "button", class: "link", "data-key": key, "aria-pressed": String(key === pressed), onclick: () => this.choose(key) }, name), contours ? "" : " (its map is being read, or cannot be)")));
    this.element.hidden = !this.list.length;
    if (focus) this.element.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
    this.changed();
  }
}

const told = ({ key, name, sky, contours }) => [key, name, sky, Boolean(contours)];
