// Draws fields: the state by form, the telescope by hue. Large ones are strokes of the canvas, batched, for one long
// path is many times as dear; small ones, and all while the sky moves, are drawn by hand.
import { HUES, word } from "./palette.js";
import { Raster } from "./raster.js";

const BATCH = 48, STROKED_FROM = 10, DETAILS_FROM = 22; // pixels on the canvas
const LINE = 0xff;
const ENDED = { colour: "failed", dash: [1.5, 3], pattern: 0b00110011, width: 1.6 };
export const FORMS = {
  planned: { colour: "planned", dash: [4, 3], pattern: 0b00001111, width: 1 },
  failed: ENDED, rejected: ENDED, expired: ENDED, revoked: ENDED,
  completed: { colour: "done", width: 1.2, fill: 0.26 }, partial: { colour: "done", width: 1.2, fill: 0.12 },
  offered: { colour: "offered", width: 1.3 }, accepted: { colour: "offered", width: 2 },
  slewing: { colour: "exposing", width: 1.6, fill: 0.35 }, exposing: { colour: "exposing", width: 1.6, fill: 0.9 },
};
const ORDER = Object.keys(FORMS), raster = new Raster();

// Which telescopes have a hue of their own: those chosen, else all where they are few.
export function huesOf(scene, chosen) {
  const every = [...new Set(scene.fields.map((f) => f.camera.telescope))].sort();
  const some = chosen.length ? chosen : every.length > 1 && every.length <= HUES ? every : [];
  return new Map(some.slice(0, HUES).map((id, i) => [id, `band${i}`]));
}

// Draws some fields (numbers, neighbours beside each other), or all that are shown.
export function drawFields(context, projection, scene, colours, hues, { pixelsPerDegree, moving, sharp }, only = scene.shown) {
  const groups = new Map(), places = [...hues.keys()];
  for (const i of only) {
    const field = scene.fields[i];
    if (field.now < 0 || !projection.near(scene.outlines, i, field.camera.reach)) continue;
    const size = 2 * field.camera.reach * pixelsPerDegree, stroked = !moving && size >= STROKED_FROM;
    const key = 16 * field.now + 2 * (hues.size ? 1 + places.indexOf(field.camera.telescope) : 0) + stroked;
    let group = groups.get(key);
    if (!group) groups.set(key, group = { stroked, state: scene.state(field), hue: hues.get(field.camera.telescope), shapes: [] });
    group.shapes.push(size >= DETAILS_FROM && field.camera.polygons.length > 1 ? scene.details(field) : i);
  }
  const inOrder = [...groups.values()].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const byHand = inOrder.filter((group) => !group.stroked), styleOf = ({ state, hue }) => {
    const form = FORMS[state] ?? FORMS.failed;
    return { ...form, colour: colours[hue ?? (hues.size && form.colour !== "exposing" ? "quiet" : form.colour)] };
  };
  if (byHand.length) {
    raster.begin(projection.width, projection.height, moving ? 1 : sharp);
    for (const group of byHand) {
      const { colour, pattern = LINE, width, fill = 0 } = styleOf(group);
      raster.style({ colour: word(colour), pattern, thick: width > 1.9, fill });
      for (const shape of group.shapes) trace(raster, projection, scene, shape);
    }
    raster.end(context);
  }
  for (const group of inOrder.filter((one) => one.stroked)) drawGroup(context, projection, scene, styleOf(group), group.shapes);
}

// Adds a field to a path: its outline by number, or each of its detectors.
function trace(path, projection, scene, shape) {
  if (typeof shape === "number") projection.trace(path, scene.outlines, shape, true);
  else for (let i = 0; i < shape.count; i++) projection.trace(path, shape, i, true);
}

function drawGroup(context, projection, scene, { colour, dash = [], width, fill = 0 }, shapes) {
  context.setLineDash(dash);
  context.lineWidth = width;
  context.strokeStyle = context.fillStyle = colour;
  for (let from = 0; from < shapes.length; from += BATCH) {
    context.beginPath();
    for (const shape of shapes.slice(from, from + BATCH)) trace(context, projection, scene, shape);
    if (fill) {
      context.globalAlpha = fill;
      context.fill();
      context.globalAlpha = 1;
    }
    context.stroke();
  }
}

// The box on the canvas that a field covers, a little wider; null: it cannot be told, so all is drawn again.
export function boxOf(projection, field, pixelsPerDegree) {
  const at = projection.point(field.ra_deg, field.dec_deg);
  if (!at) return null;
  const far = field.camera.reach * pixelsPerDegree * (projection.allSky ? 2.5 : 1.3) + 6;
  const edge = projection.allSky && Math.hypot((at[0] - projection.middleX) / 2, at[1] - projection.middleY) > 1.3 * projection.scale;
  return edge ? null : [at[0] - far, at[1] - far, 2 * far, 2 * far];
}
