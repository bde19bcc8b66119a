// Draws what the tables say: fields by state, contours, candidates. Nothing is drawn that no table holds.
import { extent, gnomonic, mollweide, paths } from "./geometry.js";

const LARGEST_CLOSE_UP = 60;
const FORMS = {
  planned: { stroke: "--planned", dash: [4, 3] },
  offered: { stroke: "--offered" }, accepted: { stroke: "--offered", width: 1.8 },
  slewing: { stroke: "--exposing", fill: 0.35 }, exposing: { stroke: "--exposing", fill: 0.9 },
  completed: { stroke: "--done", fill: 0.4 }, partial: { stroke: "--done", fill: 0.2 },
  failed: { stroke: "--failed", dash: [2, 3], width: 1.6 }, rejected: { stroke: "--failed", dash: [2, 3], width: 1.6 },
  expired: { stroke: "--failed", dash: [2, 3], width: 1.6 }, revoked: { stroke: "--failed", dash: [2, 3], width: 1.6 },
};
const ORDER = ["planned", "failed", "rejected", "expired", "revoked", "completed", "partial", "offered", "accepted", "slewing", "exposing"];
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function readFields(table) {
  return [...table.querySelectorAll("tr[data-outline]")]
    .filter((row) => row.dataset.outline)
    .map((row) => ({ state: row.dataset.state, polygons: JSON.parse(row.dataset.outline) }))
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

export function readCandidates(table) {
  return [...table.querySelectorAll("tr[data-ra]")].map((row, rank) => (
    { ra: Number(row.dataset.ra), dec: Number(row.dataset.dec), verdict: row.dataset.verdict, rank: rank + 1 }));
}

function trace(context, path) {
  context.beginPath();
  path.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}

function stroke(context, projection, polygon, style) {
  for (const path of paths(projection, polygon)) {
    trace(context, path);
    context.setLineDash(style.dash ?? []);
    if (style.fill) {
      context.globalAlpha = style.fill;
      context.fillStyle = colour(style.stroke);
      context.fill();
      context.globalAlpha = 1;
    }
    context.lineWidth = style.width ?? 1.2;
    context.strokeStyle = colour(style.stroke);
    context.stroke();
  }
}

function line(context, projection, points) {
  context.beginPath();
  let drawing = false;
  for (const [ra, dec] of points) {
    const at = projection.allSky ? projection.point(ra, dec) : projection.project(ra + projection.centre, dec);
    if (at) drawing ? context.lineTo(...at) : context.moveTo(...at);
    drawing = Boolean(at);
  }
  context.stroke();
}

function graticule(context, projection, step) {
  context.setLineDash([]);
  context.lineWidth = 0.6;
  context.strokeStyle = colour("--grid");
  const round = Array.from({ length: 181 }, (_, i) => 2 * i - 180), up = Array.from({ length: 91 }, (_, i) => 2 * i - 90);
  for (let dec = -90 + step; dec < 90; dec += step) line(context, projection, round.map((ra) => [ra, dec]));
  const first = projection.allSky ? 0 : projection.centre % step;
  for (let ra = -180; ra <= 180; ra += step) line(context, projection, up.map((dec) => [ra - first, dec]));
}

function label(context, text, at) {
  if (!at) return;
  context.fillStyle = colour("--quiet");
  context.fillText(text, at[0] + 3, at[1] - 3);
}

function rim(context, projection, width, height) {
  context.beginPath();
  context.ellipse(width / 2, height / 2, 2 * projection.scale, projection.scale, 0, 0, 2 * Math.PI);
}

function drawOn(canvas, projection, sky, step) {
  const context = canvas.getContext("2d"), { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  context.font = "12px sans-serif";
  context.save();
  if (projection.allSky) { rim(context, projection, width, height); context.clip(); }
  graticule(context, projection, step);
  for (const field of sky.fields) for (const polygon of field.polygons) stroke(context, projection, polygon, FORMS[field.state] ?? FORMS.failed);
  for (const { level, polygons } of sky.contours) {
    const style = level < 0.7 ? { stroke: "--level50", width: 2 } : { stroke: "--level90", width: 1.6, dash: [6, 4] };
    for (const polygon of polygons) {
      stroke(context, projection, polygon, { stroke: "--ground", width: style.width + 2 });
      stroke(context, projection, polygon, style);
    }
  }
  for (const candidate of sky.candidates.filter((c) => c.verdict !== "rejected").reverse()) mark(context, projection, candidate);
  context.restore();
  if (projection.allSky) {
    rim(context, projection, width, height);
    context.setLineDash([]);
    context.strokeStyle = colour("--quiet");
    context.stroke();
    for (const dec of [-60, -30, 30, 60]) label(context, `${dec > 0 ? "+" : ""}${dec}°`, projection.point(0, dec));
    for (const ra of [60, 120, 180, 240, 300, 360]) label(context, `${ra % 360}°`, projection.project(ra, 0));
  }
}

function mark(context, projection, { ra, dec, verdict, rank }) {
  const at = projection.project(ra, dec);
  if (!at) return;
  context.beginPath();
  context.arc(...at, verdict === "promising" ? 7 : 4, 0, 2 * Math.PI);
  context.setLineDash([]);
  context.lineWidth = rank === 1 ? 2.4 : 1.2;
  context.strokeStyle = colour("--bad");
  context.stroke();
  if (rank <= 3) label(context, String(rank), [at[0] + 5, at[1]]);
}

// Draws both views; a region wider than 60 degrees has no close-up.
export function draw(allSky, closeUp, sky) {
  const outer = sky.contours.filter((c) => c.level >= 0.7).flatMap((c) => c.polygons.flat());
  const points = outer.length ? outer : sky.fields.flatMap((f) => f.polygons.flat());
  const region = extent(points);
  drawOn(allSky, mollweide(allSky.width, allSky.height, points.length ? region.ra : 0), sky, 30);
  const field = Math.max(2 * region.radius * 1.15, 2);
  closeUp.hidden = !points.length || field > LARGEST_CLOSE_UP;
  if (!closeUp.hidden) drawOn(closeUp, gnomonic(closeUp.width, closeUp.height, region.ra, region.dec, field), sky, field > 20 ? 10 : field > 6 ? 5 : 1);
  describe(allSky, closeUp, sky, region);
}

function describe(allSky, closeUp, sky, region) {
  const counts = Object.entries(sky.fields.reduce((n, f) => ({ ...n, [f.state]: (n[f.state] ?? 0) + 1 }), {}));
  const areas = sky.contours.map((c) => `${100 * c.level} % in ${c.area_deg2.toFixed(1)} square degrees`);
  const fields = counts.map(([state, n]) => `${n} fields ${state}`);
  const text = [...areas, ...fields, `${sky.candidates.length} candidates`].join(", ");
  allSky.setAttribute("aria-label", `Map of the sky: ${text}`);
  closeUp.setAttribute("aria-label", `The region about RA ${region.ra.toFixed(1)}, Dec ${region.dec.toFixed(1)}: ${text}`);
}
