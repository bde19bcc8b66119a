// The sphere: directions, nested pixels, the Galactic plane. Angles in degrees, ICRS, unless a name says rad.
export const RAD = Math.PI / 180;
const TURN = 2 * Math.PI;

// An angle in radians, -pi to pi; in degrees, -180 to 180.
export const wrapRad = (a) => a - TURN * Math.round(a / TURN);
export const wrapped = (a) => a - 360 * Math.round(a / 360);

export function unit(ra, dec) {
  const cos = Math.cos(dec * RAD);
  return [cos * Math.cos(ra * RAD), cos * Math.sin(ra * RAD), Math.sin(dec * RAD)];
}

export function place([x, y, z]) {
  return [(Math.atan2(y, x) / RAD + 360) % 360, Math.atan2(z, Math.hypot(x, y)) / RAD];
}

export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
export const separation = (a, b) => 2 * Math.asin(Math.min(1, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 2)) / RAD;

export function normalised(v) {
  const length = Math.hypot(...v) || 1;
  return v.map((one) => one / length);
}

// Mean direction of points and the largest distance from it.
export function extent(points) {
  const units = points.map(([ra, dec]) => unit(ra, dec));
  const middle = normalised(units.reduce((sum, v) => sum.map((one, i) => one + v[i]), [0, 0, 0]));
  const [ra, dec] = place(middle);
  return { ra, dec, radius: units.reduce((far, v) => Math.max(far, separation(v, middle)), 0) };
}

// Points of a circle about a direction (unit vector), `radius` degrees away from it.
export function circleAbout(centre, radius, count = 120) {
  const side = normalised(cross(Math.abs(centre[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0], centre));
  const other = cross(centre, side), sin = Math.sin(radius * RAD), cos = Math.cos(radius * RAD);
  return Array.from({ length: count }, (_, i) => {
    const a = TURN * i / count, u = sin * Math.cos(a), v = sin * Math.sin(a);
    return place(centre.map((one, k) => cos * one + u * side[k] + v * other[k]));
  });
}

// The north Galactic pole (J2000), about which the plane is a great circle.
export const GALACTIC_POLE = unit(192.85948, 27.12825);

// Bits of a number up to 2^15 spread to every second place.
function spread(x) {
  x = (x | (x << 8)) & 0x00ff00ff;
  x = (x | (x << 4)) & 0x0f0f0f0f;
  x = (x | (x << 2)) & 0x33333333;
  return (x | (x << 1)) & 0x55555555;
}

// Nested HEALPix pixel (order up to 13) of z = sin dec and RA in radians: Gorski et al. 2005, section 5, turned round.
export function pixel(order, z, phi) {
  const nside = 1 << order, last = nside - 1, high = Math.abs(z);
  let quarter = phi * (2 / Math.PI);
  quarter -= 4 * Math.floor(quarter / 4);
  if (quarter >= 4) quarter = 0;
  if (high <= 2 / 3) {
    const along = nside * (0.5 + quarter), across = nside * 0.75 * z;
    const down = Math.floor(along - across), up = Math.floor(along + across);
    const west = down >> order, east = up >> order;
    const face = west === east ? west | 4 : west < east ? west : east + 8;
    return face * nside * nside + spread(up & last) + 2 * spread(last - (down & last));
  }
  const face = Math.min(3, Math.floor(quarter)), part = quarter - face, ring = nside * Math.sqrt(3 * (1 - high));
  const a = Math.min(last, Math.floor(part * ring)), b = Math.min(last, Math.floor((1 - part) * ring));
  return z >= 0 ? face * nside * nside + spread(last - b) + 2 * spread(last - a) : (face + 8) * nside * nside + spread(a) + 2 * spread(b);
}

const two = (n) => String(Math.floor(n)).padStart(2, "0");

// Hours, minutes, seconds and degrees, minutes, seconds, as people paste it elsewhere.
export function sexagesimal(ra, dec) {
  const s = Math.round(ra * 2400) / 10 % 86400, d = Math.round(Math.abs(dec) * 3600);
  return `${two(s / 3600)}:${two(s / 60 % 60)}:${(s % 60).toFixed(1).padStart(4, "0")} ${dec < 0 ? "-" : "+"}${two(d / 3600)}:${two(d / 60 % 60)}:${two(d % 60)}`;
}
