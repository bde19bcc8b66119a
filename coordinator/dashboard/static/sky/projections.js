// Sky to canvas and back. RA increases to the left, north is up; both projections know the same three words:
// trace (add a shape to a path), point (a place to pixels) and inverse (pixels to a direction).
import { auxiliary } from "./shapes.js";
import { cross, dot, normalised, RAD, unit, wrapRad } from "./sphere.js";

const WIDE = 2 * Math.SQRT2 / Math.PI, HIGH = Math.SQRT2, BEHIND = 0.08;

// Mollweide's equal-area ellipse, or a part of it: `scale` pixels a radian, (ra0, dec0) in the middle of the canvas.
export class Mollweide {
  constructor(width, height, ra0, dec0, scale) {
    Object.assign(this, { width, height, scale, allSky: true, ra0: ra0 * RAD });
    this.middleX = width / 2;
    this.middleY = height / 2 + scale * HIGH * Math.sin(auxiliary(Math.sin(dec0 * RAD)));
    this.whole = 4 * HIGH * scale <= width && 2 * HIGH * scale <= height;
  }

  trace(path, shapes, i, closed) {
    const from = shapes.from[i], end = from + shapes.size[i], { ra, cosT, sinT } = shapes;
    if (from === end) return;
    const base = wrapRad(ra[from] - this.ra0) - ra[from], low = shapes.low[i] + base, high = shapes.high[i] + base;
    for (let turn = Math.floor((low + Math.PI) / (2 * Math.PI)); turn <= Math.floor((high + Math.PI) / (2 * Math.PI)); turn++) {
      const offset = base - turn * 2 * Math.PI, across = -this.scale * WIDE, up = -this.scale * HIGH;
      path.moveTo(this.middleX + across * (ra[from] + offset) * cosT[from], this.middleY + up * sinT[from]);
      for (let k = from + 1; k < end; k++) path.lineTo(this.middleX + across * (ra[k] + offset) * cosT[k], this.middleY + up * sinT[k]);
      if (closed) path.closePath();
    }
  }

  point(ra, dec) {
    const t = auxiliary(Math.sin(dec * RAD));
    return [this.middleX - this.scale * WIDE * wrapRad(ra * RAD - this.ra0) * Math.cos(t), this.middleY - this.scale * HIGH * Math.sin(t)];
  }

  inverse(x, y) {
    const sinT = (this.middleY - y) / (this.scale * HIGH);
    if (Math.abs(sinT) > 1) return null;
    const t = Math.asin(sinT), offset = (this.middleX - x) / (this.scale * WIDE * Math.cos(t));
    if (!(Math.abs(offset) <= Math.PI)) return null;
    const z = (2 * t + Math.sin(2 * t)) / Math.PI, cos = Math.sqrt(Math.max(0, 1 - z * z)), ra = this.ra0 + offset;
    return [cos * Math.cos(ra), cos * Math.sin(ra), z];
  }

  // Whether a shape, whose corners are `radius` degrees about its middle, may be on the canvas.
  near(shapes, i, radius) {
    if (this.whole) return true;
    const from = shapes.from[i], px = this.middleX - this.scale * WIDE * wrapRad(shapes.ra[from] - this.ra0) * shapes.cosT[from];
    const py = this.middleY - this.scale * HIGH * shapes.sinT[from], far = 5 * this.scale * radius * RAD + 4;
    const out = px < -far || px > this.width + far, seam = Math.PI * this.scale * WIDE * shapes.cosT[from] - Math.abs(px - this.middleX) < far;
    return (!out || seam) && py > -far && py < this.height + far;
  }

  rim(path) {
    path.ellipse(this.middleX, this.middleY, 2 * HIGH * this.scale, HIGH * this.scale, 0, 0, 2 * Math.PI);
  }
}

// The tangent plane about (ra0, dec0): great circles are straight.
export class Gnomonic {
  constructor(width, height, ra0, dec0, scale) {
    const centre = unit(ra0, dec0), east = normalised([-Math.sin(ra0 * RAD), Math.cos(ra0 * RAD), 0]);
    Object.assign(this, { width, height, scale, allSky: false, centre, east, north: cross(centre, east) });
    this.middleX = width / 2;
    this.middleY = height / 2;
    this.reach = Math.atan(Math.hypot(width, height) / 2 / scale) / RAD;
  }

  trace(path, shapes, i, closed) {
    const from = shapes.from[i], end = from + shapes.size[i], { x, y, z } = shapes, { centre: c, east: e, north: n } = this;
    let drawing = false;
    for (let k = from; k < end; k++) {
      const depth = x[k] * c[0] + y[k] * c[1] + z[k] * c[2];
      if (depth < BEHIND) { drawing = false; continue; }
      const px = this.middleX - this.scale * (x[k] * e[0] + y[k] * e[1]) / depth;
      const py = this.middleY - this.scale * (x[k] * n[0] + y[k] * n[1] + z[k] * n[2]) / depth;
      if (drawing) path.lineTo(px, py); else path.moveTo(px, py);
      drawing = true;
    }
    if (closed && drawing) path.closePath();
  }

  point(ra, dec) {
    const v = unit(ra, dec), depth = dot(v, this.centre);
    if (depth < BEHIND) return null;
    return [this.middleX - this.scale * dot(v, this.east) / depth, this.middleY - this.scale * dot(v, this.north) / depth];
  }

  inverse(x, y) {
    const u = (this.middleX - x) / this.scale, v = (this.middleY - y) / this.scale;
    return normalised(this.centre.map((one, i) => one + u * this.east[i] + v * this.north[i]));
  }

  near({ from, x, y, z }, i, radius) {
    const at = from[i], cos = x[at] * this.centre[0] + y[at] * this.centre[1] + z[at] * this.centre[2];
    return cos > Math.cos(Math.min(this.reach + 2 * radius, 88) * RAD);
  }
}
