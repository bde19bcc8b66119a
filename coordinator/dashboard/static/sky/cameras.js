// Footprints: a telescope's field is its camera's polygons, laid on the sky by centre and position angle.
import { cross, dot, normalised, place, RAD, unit } from "./sphere.js";

const LONGEST_EDGE = 4; // degrees; longer ones are drawn in parts, for they bend on the whole sky's map

// A camera ready for use: its detectors, one outline about them, and how far they reach (degrees).
export function camera(described) {
  const polygons = described.polygons.map(parted), hull = polygons.length > 1 ? parted(hullOf(described.polygons.flat())) : polygons[0] ?? [];
  const reach = Math.max(0, ...described.polygons.flat().map(([x, y]) => Math.atan(Math.hypot(x, y) * RAD) / RAD));
  return { ...described, polygons, hull, reach, corners: described.polygons };
}

// The axes of a field: x (east at position angle 0), y (north), centre.
export function axes(ra, dec, angle) {
  const centre = unit(ra, dec), east = normalised([-Math.sin(ra * RAD), Math.cos(ra * RAD), 0]), north = cross(centre, east);
  const cos = Math.cos(angle * RAD), sin = Math.sin(angle * RAD);
  return { x: east.map((one, i) => one * cos - north[i] * sin), y: east.map((one, i) => one * sin + north[i] * cos), centre };
}

// Corners in the tangent plane (degrees) to places on the sky.
export function onSky(corners, { x, y, centre }) {
  return corners.map(([a, b]) => place(centre.map((one, i) => one + RAD * (a * x[i] + b * y[i]))));
}

// Whether a field covers a direction.
export function covers(its, field, direction) {
  const depth = dot(direction, field.centre);
  if (depth <= 0) return false;
  const a = dot(direction, field.x) / depth / RAD, b = dot(direction, field.y) / depth / RAD;
  return its.corners.some((polygon) => inside(polygon, a, b));
}

function inside(polygon, a, b) {
  let odd = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [ax, ay] = polygon[i], [bx, by] = polygon[j];
    if ((ay > b) !== (by > b) && a < (bx - ax) * (b - ay) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

function parted(polygon) {
  return polygon.flatMap(([ax, ay], i) => {
    const [bx, by] = polygon[(i + 1) % polygon.length], parts = Math.max(1, Math.ceil(Math.hypot(bx - ax, by - ay) / LONGEST_EDGE));
    return Array.from({ length: parts }, (_, k) => [ax + (bx - ax) * k / parts, ay + (by - ay) * k / parts]);
  });
}

// Convex hull of points in the plane (Andrew's monotone chain).
function hullOf(points) {
  const sorted = [...points].sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  const half = (some) => some.reduce((kept, p) => {
    while (kept.length > 1 && turn(kept.at(-2), kept.at(-1), p) <= 0) kept.pop();
    return [...kept, p];
  }, []).slice(0, -1);
  return [...half(sorted), ...half(sorted.toReversed())];
}

const turn = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
