// The probability map: decoded once, looked up by direction, shaded pixel by pixel.
import { pixel, RAD } from "./sphere.js";

const ORDER = 12, TABLE_ORDER = 9, NOTHING = 255, STEPS = 250, HIGH = Math.SQRT2, WIDE = 2 * Math.SQRT2 / Math.PI;

export class SkyMap {
  constructor(buffer) {
    const count = new DataView(buffer).getUint32(0, true), numbers = new Uint32Array(buffer, 4, count + 1);
    this.edges = new Uint32Array(count + 1);
    for (let i = 0, at = 0; i <= count; i++) this.edges[i] = at += numbers[i];
    this.levels = new Uint8Array(buffer, 4 * (count + 2), count);
    this.table = coarse(this.edges, this.levels);
    this.last = 0;
  }

  // Credible level (0 best, 1 worst) of a direction; null: the map has no probability there.
  levelAt([x, y, z]) {
    const step = this.step(z, Math.atan2(y, x));
    return step === NOTHING ? null : step / STEPS;
  }

  // The level in 250 steps; neighbours are mostly in the stretch that was found last.
  step(z, phi) {
    const { edges } = this, p = pixel(ORDER, z, phi);
    let low = this.last;
    if (p < edges[low] || p >= edges[low + 1]) {
      low = 0;
      let high = edges.length - 1;
      if (p < edges[0] || p >= edges[high]) return NOTHING;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (edges[middle] <= p) low = middle; else high = middle;
      }
      this.last = low;
    }
    return this.levels[low];
  }
}

// The best level within each pixel of a coarser order, for looks at the whole sky.
function coarse(edges, levels) {
  const shift = 2 * (ORDER - TABLE_ORDER), table = new Uint8Array(12 << (2 * TABLE_ORDER)).fill(NOTHING);
  for (let i = 0; i < levels.length; i++) {
    const first = edges[i] >>> shift, last = (edges[i + 1] - 1) >>> shift;
    if (last - first > 8) table.fill(levels[i], first + 1, last);
    for (let p = first; p <= last; p += last - first > 8 ? last - first : 1) table[p] = Math.min(table[p], levels[i]);
  }
  return table;
}

// Shades a canvas through one picture `step` times smaller; `ramp` are 256 colours as the picture's 32-bit words.
export function shade(context, projection, map, ramp, step) {
  const width = Math.ceil(projection.width / step), height = Math.ceil(projection.height / step);
  const picture = scratch(width, height), words = picture.words.fill(0);
  if (projection.allSky) ellipse(projection, map.table, ramp, step, width, height, words);
  else plane(projection, map, ramp, step, width, height, words);
  picture.context.putImageData(picture.image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(picture.canvas, 0, 0, width, height, 0, 0, width * step, height * step);
}

function ellipse(projection, table, ramp, step, width, height, words) {
  const { middleX, middleY, scale, ra0 } = projection;
  for (let row = 0; row < height; row++) {
    const sinT = (middleY - (row + 0.5) * step) / (scale * HIGH);
    if (Math.abs(sinT) >= 1) continue;
    const t = Math.asin(sinT), z = (2 * t + Math.sin(2 * t)) / Math.PI, perPixel = 1 / (scale * WIDE * Math.cos(t));
    for (let column = 0, at = row * width; column < width; column++, at++) {
      const offset = (middleX - (column + 0.5) * step) * perPixel;
      if (offset <= Math.PI && offset >= -Math.PI) words[at] = ramp[table[pixel(TABLE_ORDER, z, ra0 + offset)]];
    }
  }
}

function plane({ middleX, middleY, scale, centre: c, east: e, north: n }, map, ramp, step, width, height, words) {
  const fine = step / scale / RAD < 0.12;
  for (let row = 0, at = 0; row < height; row++) {
    const v = (middleY - (row + 0.5) * step) / scale, x0 = c[0] + v * n[0], y0 = c[1] + v * n[1], z0 = c[2] + v * n[2];
    for (let column = 0; column < width; column++, at++) {
      const u = (middleX - (column + 0.5) * step) / scale, x = x0 + u * e[0], y = y0 + u * e[1];
      const z = z0 / Math.sqrt(x * x + y * y + z0 * z0), phi = Math.atan2(y, x);
      words[at] = ramp[fine ? map.step(z, phi) : map.table[pixel(TABLE_ORDER, z, phi)]];
    }
  }
}

// One picture of each size is kept: a pan draws into the same memory again.
const kept = new Map();
function scratch(width, height) {
  const name = `${width}x${height}`;
  if (!kept.has(name)) {
    if (kept.size > 3) kept.clear();
    const canvas = new OffscreenCanvas(width, height), context = canvas.getContext("2d"), image = context.createImageData(width, height);
    kept.set(name, { canvas, context, image, words: new Uint32Array(image.data.buffer) });
  }
  return kept.get(name);
}
