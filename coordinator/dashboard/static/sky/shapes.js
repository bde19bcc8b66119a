// Many lines on the sphere in typed arrays, made ready once for both projections. A shape keeps its number for life.
import { RAD, wrapRad } from "./sphere.js";

// The auxiliary angle of Mollweide's projection: 2t + sin 2t = pi sin dec.
export function auxiliary(sinDec) {
  const short = 1 - Math.abs(sinDec); // near a pole Newton's steps are small: there the angle's first term does
  if (short < 1e-4) return Math.sign(sinDec) * (Math.PI / 2 - Math.cbrt(0.75 * Math.PI * Math.max(0, short)));
  const wanted = Math.PI * sinDec;
  let t = Math.asin(sinDec);
  for (let i = 0; i < 20; i++) {
    const step = (2 * t + Math.sin(2 * t) - wanted) / (2 + 2 * Math.cos(2 * t));
    t -= step;
    if (Math.abs(step) < 1e-10) break;
  }
  return t;
}

const COLUMNS = ["ra", "cosT", "sinT", "x", "y", "z"];

export class Shapes {
  constructor(room = 1024) {
    this.count = 0; // shapes
    this.used = 0; // corners
    for (const name of COLUMNS) this[name] = new Float64Array(room);
    this.from = []; this.size = []; this.low = []; this.high = [];
  }

  // Puts a shape at a number; corners are [ra, dec] in degrees. RA is unwrapped: neighbours differ by less than half a turn.
  set(number, corners, closed) {
    const points = closed ? withPole(corners) : corners;
    const fits = number < this.count && this.size[number] === points.length;
    const from = fits ? this.from[number] : this.used;
    if (!fits) this.#grow(from + points.length);
    let before = points.length ? points[0][0] * RAD : 0, low = before, high = before;
    for (let i = 0; i < points.length; i++) {
      const [ra, dec] = points[i], at = from + i;
      before = i && !(closed && Math.abs(dec) === 90) ? before + wrapRad(ra * RAD - before) : ra * RAD;
      low = Math.min(low, before); high = Math.max(high, before);
      const sin = Math.sin(dec * RAD), cos = Math.cos(dec * RAD), t = auxiliary(sin);
      this.ra[at] = before; this.cosT[at] = Math.cos(t); this.sinT[at] = Math.sin(t);
      this.x[at] = cos * Math.cos(ra * RAD); this.y[at] = cos * Math.sin(ra * RAD); this.z[at] = sin;
    }
    this.from[number] = from; this.size[number] = points.length; this.low[number] = low; this.high[number] = high;
    this.count = Math.max(this.count, number + 1);
  }

  add(corners, closed) {
    this.set(this.count, corners, closed);
  }

  #grow(needed) {
    this.used = needed;
    if (needed <= this.ra.length) return;
    const room = Math.max(needed, 2 * this.ra.length);
    for (const name of COLUMNS) {
      const wider = new Float64Array(room);
      wider.set(this[name]);
      this[name] = wider;
    }
  }
}

// A closed shape about a pole goes on along the pole, so that it closes on the whole sky's map.
function withPole(corners) {
  let turned = 0;
  for (let i = 0; i < corners.length; i++) turned += wrapRad((corners[(i + 1) % corners.length][0] - corners[i][0]) * RAD);
  if (Math.abs(turned) < 3) return corners;
  const pole = Math.sign(corners.reduce((sum, [, dec]) => sum + dec, 0)) * 90, [ra, dec] = corners[0];
  const end = ra + turned / RAD;
  return [...corners, [end, dec], [end, pole], [ra, pole]];
}
