// Draws what lies under and over the fields: graticule, Galactic plane, contours, horizon, galaxies, bodies, candidates.
import { Shapes } from "./shapes.js";
import { circleAbout, GALACTIC_POLE, place } from "./sphere.js";

const FONT = "12px 'DejaVu Sans', system-ui, sans-serif";
const MOST_GALAXIES_FIELD = 60, NAMED = 3;

function shapesOf(lines, closed) {
  const made = new Shapes();
  for (const line of lines) made.add(line, closed);
  return made;
}

const ring = (points) => [...points, points[0]];
export const PLANE = shapesOf([ring(circleAbout(GALACTIC_POLE, 90, 180))], false);
export const contourShapes = (contours) => contours.map((c) => ({ ...c, shapes: shapesOf(c.polygons.map(ring), false) }));
export const horizonShape = (points) => shapesOf([ring(points)], false);

const nets = new Map();
function net(step) {
  if (!nets.has(step)) {
    const parallels = range(-90 + step, 90, step).map((dec) => range(0, 361, Math.min(step, 3)).map((ra) => [ra, dec]));
    const meridians = range(0, 360, step).map((ra) => range(-90, 90.01, Math.min(step, 3)).map((dec) => [ra, dec]));
    nets.set(step, shapesOf([...parallels, ...meridians], false));
  }
  return nets.get(step);
}

const range = (from, end, step) => Array.from({ length: Math.max(0, Math.ceil((end - from) / step)) }, (_, i) => from + i * step);
const stepFor = (field) => (field > 90 ? 30 : field > 25 ? 10 : field > 10 ? 5 : field > 2.5 ? 1 : 0.5);

function strokeAll(context, projection, shapes) {
  context.beginPath();
  for (let i = 0; i < shapes.count; i++) projection.trace(context, shapes, i, false);
  context.stroke();
}

export function drawGround(context, projection, colours, camera, layers) {
  context.setLineDash([]);
  context.lineWidth = 0.6;
  context.strokeStyle = colours.grid;
  context.globalAlpha = 0.55;
  if (stepFor(camera.field) >= 5) strokeAll(context, projection, net(stepFor(camera.field)));
  else strokeAll(context, projection, localNet(camera, stepFor(camera.field)));
  context.globalAlpha = 1;
  if (layers.plane) {
    context.strokeStyle = colours.plane;
    context.lineWidth = 1.2;
    context.setLineDash([10, 3, 2, 3]);
    strokeAll(context, projection, PLANE);
  }
}

// A net of small steps, as far as the canvas reaches.
function localNet({ ra, dec, field, width, height }, step) {
  const far = field * Math.max(1, width / height), wide = Math.min(180, far / Math.max(0.05, Math.cos(dec * Math.PI / 180)));
  const firstRa = Math.floor((ra - wide) / step) * step, firstDec = Math.max(-90, Math.floor((dec - far) / step) * step), lastDec = Math.min(90, dec + far);
  const parallels = range(firstDec, lastDec, step).map((d) => range(firstRa, ra + wide, step / 4).map((r) => [r, d]));
  const meridians = range(firstRa, ra + wide, step).slice(0, 360).map((r) => range(firstDec, lastDec + step / 4, step / 4).map((d) => [r, Math.min(90, d)]));
  return shapesOf([...parallels, ...meridians], false);
}

export function drawLabels(context, projection, colours, camera) {
  context.font = FONT;
  context.fillStyle = colours.quiet;
  if (!camera.allSky) return;
  for (const dec of [-60, -30, 30, 60]) write(context, colours, `${dec > 0 ? "+" : ""}${dec}°`, projection.point(camera.ra - 177, dec), 4);
  for (let ra = 0; ra < 360; ra += 60) write(context, colours, `${ra}°`, projection.point(ra, 0), 3);
}

export function write(context, colours, text, at, dx = 6, colour = colours.quiet) {
  if (!at) return;
  context.lineWidth = 3;
  context.setLineDash([]);
  context.strokeStyle = colours.ground;
  context.strokeText(text, at[0] + dx, at[1] - 4);
  context.fillStyle = colour;
  context.fillText(text, at[0] + dx, at[1] - 4);
}

// With a halo in the colour of the ground and in dashes, but for the short while in which the sky moves.
export function drawContours(context, projection, colours, contours, moving) {
  for (const { level, shapes } of contours) {
    const [name, width, dash] = level < 0.7 ? ["level50", 2, []] : ["level90", 1.8, [7, 4]];
    for (const [colour, wide, dashes] of [[colours.ground, width + 2.5, []], [colours[name], width, dash]].slice(moving ? 1 : 0)) {
      Object.assign(context, { strokeStyle: colour, lineWidth: wide });
      context.setLineDash(moving ? [] : dashes);
      strokeAll(context, projection, shapes);
    }
  }
}

// Contours of other events, thin and by hue, each with its name; the same forms as those of the event that is shown.
export function drawOthers(context, projection, colours, others, moving) {
  for (const { contours, hue } of others) {
    for (const { level, shapes } of contours) {
      for (const [colour, wide, dashes] of [[colours.ground, 3.2, []], [colours[`band${hue}`], 1.3, level < 0.7 ? [] : [7, 4]]].slice(moving ? 1 : 0)) {
        Object.assign(context, { strokeStyle: colour, lineWidth: wide });
        context.setLineDash(moving ? [] : dashes);
        strokeAll(context, projection, shapes);
      }
    }
  }
  context.font = FONT;
  for (const { name, hue, centre } of others) if (centre) write(context, colours, name, projection.point(centre.ra, centre.dec), 6, colours[`band${hue}`]);
}

// The contours of an event that somebody chose.
export function drawChosenEvent(context, projection, colours, { contours }) {
  context.setLineDash([]);
  for (const [colour, wide] of [[colours.ground, 5], [colours.accent, 2.5]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: wide });
    for (const { shapes } of contours) strokeAll(context, projection, shapes);
  }
}

export function drawHorizon(context, projection, colours, shape) {
  context.strokeStyle = colours.horizon;
  context.lineWidth = 2;
  context.setLineDash([2, 3]);
  strokeAll(context, projection, shape);
}

// Galaxies as small diamonds, the likelier the larger; on the whole sky they would be noise.
export function drawGalaxies(context, projection, colours, galaxies, camera) {
  if (camera.field > MOST_GALAXIES_FIELD) return;
  const most = Math.max(...galaxies.map((g) => g.probability), 1e-12);
  context.setLineDash([]);
  context.lineWidth = 1;
  context.strokeStyle = colours.galaxy;
  context.beginPath();
  for (const galaxy of galaxies) {
    const at = projection.point(galaxy.ra_deg, galaxy.dec_deg), size = 2 + 5 * Math.sqrt(galaxy.probability / most);
    if (at) for (const [i, [dx, dy]] of [[0, -1], [1, 0], [0, 1], [-1, 0], [0, -1]].entries()) context[i ? "lineTo" : "moveTo"](at[0] + size * dx, at[1] + size * dy);
  }
  context.stroke();
}

export function drawBodies(context, projection, colours, { sun, moon }) {
  context.font = FONT;
  context.setLineDash([]);
  const [sunAt, moonAt] = [sun, moon].map((direction) => projection.point(...place(direction)));
  context.lineWidth = 1.6;
  context.strokeStyle = context.fillStyle = colours.text;
  if (sunAt) {
    context.beginPath();
    context.arc(...sunAt, 6, 0, 7);
    context.moveTo(sunAt[0] + 1.5, sunAt[1]);
    context.arc(...sunAt, 1.5, 0, 7);
    context.stroke();
    write(context, colours, "Sun", sunAt, 9);
  }
  if (moonAt) {
    context.beginPath();
    context.arc(...moonAt, 6, Math.PI / 2, 3 * Math.PI / 2);
    context.quadraticCurveTo(moonAt[0] + 3, moonAt[1], moonAt[0], moonAt[1] + 6);
    context.strokeStyle = colours.text;
    context.stroke();
    write(context, colours, "Moon", moonAt, 9);
  }
}

// The promising as rings with their rank, the possible as crosses, the unlikely as points; the rejected are not drawn.
export function drawCandidates(context, projection, colours, candidates) {
  context.font = FONT;
  context.setLineDash([]);
  const of = (verdict) => candidates.filter((c) => c.verdict === verdict).map((c) => [c, projection.point(c.ra_deg, c.dec_deg)]).filter(([, at]) => at && at[0] > -9 && at[0] < projection.width + 9 && at[1] > -9 && at[1] < projection.height + 9);
  context.fillStyle = context.strokeStyle = colours.bad;
  for (const [, [x, y]] of of("unlikely")) context.fillRect(x - 1, y - 1, 2, 2);
  context.lineWidth = 1.3;
  batched(context, of("possible"), ([x, y]) => { context.moveTo(x - 3, y - 3); context.lineTo(x + 3, y + 3); context.moveTo(x - 3, y + 3); context.lineTo(x + 3, y - 3); });
  context.lineWidth = 2;
  batched(context, of("promising"), ([x, y]) => { context.moveTo(x + 7, y); context.arc(x, y, 7, 0, 7); });
  for (const [candidate, at] of of("promising")) if (candidate.rank <= NAMED) write(context, colours, String(candidate.rank), at, 9, colours.bad);
}

function batched(context, marks, trace) {
  for (let from = 0; from < marks.length; from += 64) {
    context.beginPath();
    for (const [, at] of marks.slice(from, from + 64)) trace(at);
    context.stroke();
  }
}
