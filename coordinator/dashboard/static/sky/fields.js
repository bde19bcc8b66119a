// Draws fields: the state by form, the telescope by hue. Strokes are batched: one long path is many times as dear.
import { HUES } from "./palette.js";

const BATCH = 48, DASHES_FROM = 7, DETAILS_FROM = 22; // pixels on the canvas
export const FORMS = {
  planned: { colour: "planned", dash: [4, 3], width: 1 },
  failed: { colour: "failed", dash: [1.5, 3], width: 1.6 }, rejected: { colour: "failed", dash: [1.5, 3], width: 1.6 },
  expired: { colour: "failed", dash: [1.5, 3], width: 1.6 }, revoked: { colour: "failed", dash: [1.5, 3], width: 1.6 },
  completed: { colour: "done", width: 1.2, fill: 0.38 }, partial: { colour: "done", width: 1.2, fill: 0.2 },
  offered: { colour: "offered", width: 1.3 }, accepted: { colour: "offered", width: 2 },
  slewing: { colour: "exposing", width: 1.6, fill: 0.35 }, exposing: { colour: "exposing", width: 1.6, fill: 0.9 },
};
const ORDER = Object.keys(FORMS);

// Which telescopes have a hue of their own: those chosen, else all where they are few.
export function huesOf(scene, chosen) {
  const every = [...new Set(scene.fields.map((f) => f.camera.telescope))].sort();
  const some = chosen.length ? chosen : every.length > 1 && every.length <= HUES ? every : [];
  return new Map(some.slice(0, HUES).map((id, i) => [id, `band${i}`]));
}

// Draws some fields (numbers, neighbours beside each other), or all that are shown.
export function drawFields(context, projection, scene, colours, hues, pixelsPerDegree, only = scene.shown) {
  const groups = new Map();
  for (const i of only) {
    const field = scene.fields[i];
    if (field.now < 0 || !projection.near(scene.outlines, i, field.camera.reach)) continue;
    const state = scene.state(field), size = 2 * field.camera.reach * pixelsPerDegree, hue = hues.get(field.camera.telescope);
    const name = `${ORDER.indexOf(state)} ${hue ?? ""} ${size >= DASHES_FROM}`;
    if (!groups.has(name)) groups.set(name, { style: styleOf(state, hue, colours, size, hues.size > 0), shapes: [] });
    groups.get(name).shapes.push(size >= DETAILS_FROM && field.camera.polygons.length > 1 ? [scene.details(field), null] : [scene.outlines, i]);
  }
  for (const [, { style, shapes }] of [...groups].sort((a, b) => parseInt(a[0], 10) - parseInt(b[0], 10))) drawGroup(context, projection, style, shapes);
}

function styleOf(state, hue, colours, size, someHaveHues) {
  const form = FORMS[state] ?? FORMS.failed, small = size < DASHES_FROM;
  return {
    colour: colours[hue ?? (someHaveHues && form.colour !== "exposing" ? "quiet" : form.colour)],
    width: small ? Math.min(form.width, 0.9) : form.width,
    dash: small ? [] : form.dash ?? [],
    fill: form.fill ?? 0,
  };
}

function drawGroup(context, projection, style, shapes) {
  context.setLineDash(style.dash);
  context.lineWidth = style.width;
  context.strokeStyle = context.fillStyle = style.colour;
  for (let from = 0; from < shapes.length; from += BATCH) {
    context.beginPath();
    for (let k = from; k < Math.min(from + BATCH, shapes.length); k++) {
      const [its, number] = shapes[k];
      if (number != null) projection.trace(context, its, number, true);
      else for (let i = 0; i < its.count; i++) projection.trace(context, its, i, true);
    }
    if (style.fill) {
      context.globalAlpha = style.fill;
      context.fill();
      context.globalAlpha = 1;
    }
    context.stroke();
  }
}

// The box on the canvas that a field covers, a little wider; null: it cannot be told, so all is drawn again.
export function boxOf(projection, field, pixelsPerDegree) {
  const at = projection.point(field.ra_deg, field.dec_deg), far = field.camera.reach * pixelsPerDegree * (projection.allSky ? 2.5 : 1.3) + 6;
  const edge = projection.allSky && Math.hypot((at[0] - projection.middleX) / 2, at[1] - projection.middleY) > 1.3 * projection.scale;
  return !at || edge ? null : [at[0] - far, at[1] - far, 2 * far, 2 * far];
}
