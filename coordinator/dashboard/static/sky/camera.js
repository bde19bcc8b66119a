// Where one looks: a centre and how many degrees fit into the height. Wide looks are Mollweide, others gnomonic.
import { Gnomonic, Mollweide } from "./projections.js";
import { place, RAD, unit, dot, wrapped } from "./sphere.js";

const GNOMONIC_BELOW = 60, NARROWEST = 0.02, RIM = 0.965, HIGH = Math.SQRT2;

export class Camera {
  constructor() {
    Object.assign(this, { ra: 0, dec: 0, field: 180, width: 2, height: 1 });
  }

  resize(width, height) {
    const whole = this.field >= 0.999 * this.widest;
    Object.assign(this, { width, height });
    if (whole) this.field = this.widest;
    this.look(this.ra, this.dec, this.field);
  }

  // Degrees of the height with which the whole ellipse is seen.
  get widest() {
    return this.height / RAD / this.#wholeScale();
  }

  #wholeScale() {
    return RIM * Math.min(this.width / (4 * HIGH), this.height / (2 * HIGH));
  }

  get allSky() {
    return this.field > GNOMONIC_BELOW;
  }

  look(ra, dec, field) {
    this.field = Math.min(this.widest, Math.max(NARROWEST, field));
    this.ra = ((ra % 360) + 360) % 360;
    const scale = this.height / (this.field * RAD), spare = HIGH - this.height / 2 / scale;
    const most = !this.allSky ? 89.9 : spare <= 0 ? 0 : latitude(Math.min(1, spare / HIGH));
    this.dec = Math.max(-most, Math.min(most, dec));
    this.made = null;
  }

  lookAll(ra = this.ra) {
    this.look(ra, 0, this.widest);
  }

  get projection() {
    if (!this.made) {
      const { width, height, ra, dec, field } = this;
      this.made = this.allSky
        ? new Mollweide(width, height, ra, dec, height / (field * RAD))
        : new Gnomonic(width, height, ra, dec, height / 2 / Math.tan(field / 2 * RAD));
    }
    return this.made;
  }

  // Drags the sky by pixels: what was under the pointer stays under it.
  pan(dx, dy) {
    const { projection } = this;
    if (projection.allSky) {
      const cosT = Math.sqrt(Math.max(0.04, 1 - ((projection.middleY - this.height / 2) / (projection.scale * HIGH)) ** 2));
      const sinT = (projection.middleY - this.height / 2 + dy) / (projection.scale * HIGH);
      this.look(this.ra + dx / (projection.scale * 2 * HIGH / Math.PI * cosT) / RAD, latitude(Math.max(-1, Math.min(1, sinT))), this.field);
      return;
    }
    const [ra, dec] = place(projection.inverse(this.width / 2 - dx, this.height / 2 - dy));
    this.look(Math.abs(this.dec) > 89.5 && Math.abs(dec) > 89.5 ? this.ra : ra, dec, this.field);
  }

  // Zooms about a pixel: what is under it stays there.
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const before = this.projection.inverse(x, y);
    this.look(this.ra, this.dec, this.field / factor);
    if (!before) return;
    const [ra, dec] = place(before), now = this.projection.point(ra, dec);
    if (now && dot(before, unit(this.ra, this.dec)) > 0) this.pan(x - now[0], y - now[1]);
  }

  // Pixels a degree in the middle.
  get pixelsPerDegree() {
    return this.projection.scale * RAD;
  }

  get words() {
    return `${this.ra.toFixed(4)},${this.dec.toFixed(4)},${this.field.toFixed(3)}`;
  }

  // Between two looks, for a smooth way: 0 is the first, 1 the second.
  static between(a, b, part) {
    const mix = (p, q) => p + (q - p) * part;
    return [a.ra + wrapped(b.ra - a.ra) * part, mix(a.dec, b.dec), a.field * (b.field / a.field) ** part];
  }
}

// Declination of a height on Mollweide's ellipse, as sine of the auxiliary angle.
function latitude(sinT) {
  const t = Math.asin(sinT);
  return Math.asin(Math.max(-1, Math.min(1, (2 * t + Math.sin(2 * t)) / Math.PI))) / RAD;
}
