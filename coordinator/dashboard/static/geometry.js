// Sky to canvas. Angles in degrees (ICRS); RA increases to the left, north is up.
const RADIANS = Math.PI / 180;

// Difference of two right ascensions, -180 to 180.
export const wrapped = (degrees) => ((degrees + 540) % 360 + 360) % 360 - 180;

// Auxiliary angle of Mollweide's projection: 2t + sin 2t = pi sin dec.
function auxiliary(dec) {
  if (Math.abs(dec) > 89.9999) return Math.sign(dec) * Math.PI / 2;
  const wanted = Math.PI * Math.sin(dec * RADIANS);
  let t = dec * RADIANS;
  for (let i = 0; i < 12; i++) {
    const step = (2 * t + Math.sin(2 * t) - wanted) / (2 + 2 * Math.cos(2 * t));
    t -= step;
    if (Math.abs(step) < 1e-9) break;
  }
  return t;
}

// All sky in an ellipse, `centre` in the middle. `point` takes an unwrapped offset from the centre.
export function mollweide(width, height, centre) {
  const scale = Math.min(width / 2, height) / 2 - 6;
  const point = (offset, dec) => {
    const t = auxiliary(dec);
    return [width / 2 - 2 * scale * (offset / 180) * Math.cos(t), height / 2 - scale * Math.sin(t)];
  };
  return { point, scale, centre, allSky: true, project: (ra, dec) => point(wrapped(ra - centre), dec) };
}

// Tangent plane about a place; `field` degrees fit into the smaller side. Null behind the horizon.
export function gnomonic(width, height, ra0, dec0, field) {
  const scale = Math.min(width, height) / 2 / Math.tan(field / 2 * RADIANS);
  const sin0 = Math.sin(dec0 * RADIANS), cos0 = Math.cos(dec0 * RADIANS);
  const project = (ra, dec) => {
    const turn = (ra - ra0) * RADIANS, sin = Math.sin(dec * RADIANS), cos = Math.cos(dec * RADIANS);
    const depth = sin0 * sin + cos0 * cos * Math.cos(turn);
    if (depth < 0.1) return null;
    const x = cos * Math.sin(turn) / depth, y = (cos0 * sin - sin0 * cos * Math.cos(turn)) / depth;
    return [width / 2 - x * scale, height / 2 - y * scale];
  };
  return { project, allSky: false, centre: ra0 };
}

// Mean direction of points and the largest distance from it, degrees.
export function extent(points) {
  const sum = [0, 0, 0];
  const unit = ([ra, dec]) => [
    Math.cos(dec * RADIANS) * Math.cos(ra * RADIANS), Math.cos(dec * RADIANS) * Math.sin(ra * RADIANS), Math.sin(dec * RADIANS)];
  for (const p of points) unit(p).forEach((v, i) => { sum[i] += v; });
  const length = Math.hypot(...sum) || 1;
  const mean = sum.map((v) => v / length);
  const nearest = Math.min(...points.map((p) => unit(p).reduce((dot, v, i) => dot + v * mean[i], 0)));
  return {
    ra: (Math.atan2(mean[1], mean[0]) / RADIANS + 360) % 360,
    dec: Math.asin(Math.max(-1, Math.min(1, mean[2]))) / RADIANS,
    radius: points.length ? Math.acos(Math.max(-1, Math.min(1, nearest))) / RADIANS : 0,
  };
}

// The paths of a closed polygon on the canvas: on the whole sky one that crosses the seam is drawn at both rims.
export function paths(projection, polygon) {
  if (!projection.allSky) {
    const path = polygon.map(([ra, dec]) => projection.project(ra, dec));
    return path.includes(null) ? [] : [path];
  }
  let before = wrapped(polygon[0][0] - projection.centre);
  const offsets = polygon.map(([ra]) => (before += wrapped(ra - projection.centre - before)));
  const shifts = [0];
  if (Math.min(...offsets) < -180) shifts.push(360);
  if (Math.max(...offsets) > 180) shifts.push(-360);
  return shifts.map((shift) => polygon.map(([, dec], i) => projection.point(offsets[i] + shift, dec)));
}
