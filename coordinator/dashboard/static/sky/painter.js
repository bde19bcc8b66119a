// Paints in layers, each on a canvas of its own, and only those that changed, at most once a frame.
import { boxOf, drawFields } from "./fields.js";
import { make } from "./elements.js";
import { drawBodies, drawCandidates, drawChosenEvent, drawContours, drawGalaxies, drawGround, drawHorizon, drawLabels, drawOthers } from "./overlays.js";
import { dot, RAD } from "./sphere.js";
import { shade } from "./skymap.js";

const LAYERS = ["ground", "fields", "lines", "cursor"], SHARPEST = 2, FEW = 60;
const AT_REST = 2, MOVING = 5; // CSS pixels to a shaded one

export class Painter {
  // `look` says what to draw when it is drawn.
  constructor(camera, colours, look) {
    Object.assign(this, { camera, colours, look, dirty: new Set(), changed: [], moving: false });
    this.canvases = Object.fromEntries(LAYERS.map((name) => [name, make("canvas", { class: `sky-${name}`, "aria-hidden": "true" })]));
    this.contexts = Object.fromEntries(LAYERS.map((name) => [name, this.canvases[name].getContext("2d")]));
    this.frame = null;
    this.painted = () => {};
  }

  #manner() {
    return { pixelsPerDegree: this.camera.pixelsPerDegree, moving: this.moving, sharp: this.sharp };
  }

  resize(width, height) {
    const sharp = this.sharp = Math.min(SHARPEST, window.devicePixelRatio || 1);
    for (const name of LAYERS) {
      Object.assign(this.canvases[name], { width: Math.round(width * sharp), height: Math.round(height * sharp) });
      this.contexts[name].setTransform(sharp, 0, 0, sharp, 0, 0);
    }
    this.camera.resize(width, height);
    this.wants();
  }

  // Some layers, or all, are to be painted with the next frame.
  wants(...layers) {
    for (const name of layers.length ? layers : LAYERS) this.dirty.add(name);
    this.frame ??= requestAnimationFrame(() => this.paint());
  }

  // A few fields changed: only their boxes are painted again.
  wantsFields(numbers) {
    if (numbers.length > FEW || this.changed.length > FEW) { this.wants("fields"); return; }
    this.changed.push(...numbers);
    this.frame ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    if (!this.sharp) return; // it has no size yet
    const look = this.look(), { projection } = this.camera;
    if (!this.dirty.has("fields") && this.changed.length) this.#patch(look, projection);
    for (const name of LAYERS) {
      if (!this.dirty.has(name)) continue;
      const context = this.contexts[name];
      context.clearRect(0, 0, projection.width, projection.height);
      context.save();
      if (projection.allSky) { context.beginPath(); projection.rim(context); context.clip(); }
      this[`_${name}`](context, projection, look);
      context.restore();
      if (name === "lines") this.#frame(context, projection);
    }
    this.dirty.clear();
    this.changed = [];
    this.painted();
  }

  _ground(context, projection, { map, layers }) {
    if (map && layers.probability) shade(context, projection, map, this.colours.ramp, this.moving ? MOVING : AT_REST);
    drawGround(context, projection, this.colours, this.camera, layers);
  }

  _fields(context, projection, { scene, hues, layers }) {
    if (layers.fields) drawFields(context, projection, scene, this.colours, hues, this.#manner());
  }

  _lines(context, projection, { contours, others, horizon, galaxies, bodies, candidates, layers }) {
    if (layers.others) drawOthers(context, projection, this.colours, others, this.moving);
    if (layers.contours) drawContours(context, projection, this.colours, contours, this.moving);
    if (horizon) drawHorizon(context, projection, this.colours, horizon);
    if (layers.galaxies) drawGalaxies(context, projection, this.colours, galaxies, this.camera);
    if (layers.bodies && bodies) drawBodies(context, projection, this.colours, bodies);
    if (layers.candidates) drawCandidates(context, projection, this.colours, candidates);
  }

  _cursor(context, projection, { scene, chosen, hovered }) {
    for (const [field, width] of [[hovered, 1.5], [chosen?.field, 2.5]]) {
      if (!field || field.now < 0) continue;
      this.#outline(context, projection, scene, field, width);
    }
    if (chosen?.event) drawChosenEvent(context, projection, this.colours, chosen.event);
    if (chosen?.candidate) {
      const at = projection.point(chosen.candidate.ra_deg, chosen.candidate.dec_deg);
      if (at) this.#ring(context, at, 12);
    }
  }

  #outline(context, projection, scene, field, width) {
    const number = scene.numberOf(field), at = projection.point(field.ra_deg, field.dec_deg);
    if (number === undefined) return;
    context.setLineDash([]);
    for (const [colour, wide] of [[this.colours.ground, width + 2.5], [this.colours.accent, width]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: wide });
      context.beginPath();
      projection.trace(context, scene.outlines, number, true);
      context.stroke();
    }
    if (at && 2 * field.camera.reach * this.camera.pixelsPerDegree < 14) this.#ring(context, at, 12);
  }

  #ring(context, at, radius) {
    Object.assign(context, { strokeStyle: this.colours.accent, lineWidth: 2 });
    context.setLineDash([]);
    context.beginPath();
    context.arc(...at, radius, 0, 7);
    context.stroke();
  }

  // Clears the boxes of changed fields and paints what touches them.
  #patch(look, projection) {
    const { scene, hues } = look, fields = this.changed.map((i) => scene.fields[i]), pixels = this.camera.pixelsPerDegree;
    const boxes = fields.map((field) => boxOf(projection, field, pixels));
    if (boxes.includes(null) || !look.layers.fields) { this.dirty.add("fields"); return; }
    const far = 6 / pixels;
    const widest = Math.max(...[...scene.cameras.values()].map((camera) => camera.reach));
    const about = fields.map((f) => [f.axes.centre, Math.cos(Math.min(179, 2.6 * f.camera.reach + widest + far) * RAD)]);
    const touched = scene.shown.filter((i) => about.some(([centre, cos]) => dot(scene.fields[i].axes.centre, centre) > cos));
    const context = this.contexts.fields;
    context.save();
    context.beginPath();
    for (const box of boxes) { context.rect(...box); context.clearRect(...box); }
    context.clip();
    if (projection.allSky) { context.beginPath(); projection.rim(context); context.clip(); }
    drawFields(context, projection, scene, this.colours, hues, this.#manner(), touched);
    context.restore();
  }

  #frame(context, projection) {
    if (projection.allSky) {
      Object.assign(context, { strokeStyle: this.colours.quiet, lineWidth: 1.2 });
      context.setLineDash([]);
      context.beginPath();
      projection.rim(context);
      context.stroke();
    }
    drawLabels(context, projection, this.colours, this.camera);
  }
}
