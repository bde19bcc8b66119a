// Draws many small closed shapes into a picture by hand: strokes of the canvas cost ten times as much, and at a few
// pixels nobody sees the difference. It has the words of a path, so that a projection can trace into it.
const SMALLEST = 1, LARGEST = 4096, DOT = 4; // pixels

export class Raster {
  constructor() {
    this.canvas = new OffscreenCanvas(1, 1);
    this.points = new Float64Array(512);
  }

  // Begins an empty picture of a size in CSS pixels, `sharp` of its own to each.
  begin(width, height, sharp) {
    const [w, h] = [width, height].map((one) => Math.max(SMALLEST, Math.min(LARGEST, Math.round(one * sharp))));
    if (w !== this.width || h !== this.height) {
      Object.assign(this.canvas, { width: w, height: h });
      this.context = this.canvas.getContext("2d", { willReadFrequently: true });
      this.image = this.context.createImageData(w, h);
      this.words = new Uint32Array(this.image.data.buffer);
    } else this.words.fill(0);
    Object.assign(this, { width: w, height: h, sharp, used: 0 });
  }

  // How the next shapes look: a colour (0xBBGGRR), a pattern of eight pixels, a second pixel beside each, a fill.
  style({ colour, pattern, thick, fill }) {
    Object.assign(this, { colour, pattern, thick, fill: Math.round(255 * fill) });
  }

  moveTo(x, y) {
    this.used = 0;
    this.lineTo(x, y);
  }

  lineTo(x, y) {
    if (this.used + 2 > this.points.length) return;
    this.points[this.used++] = x * this.sharp;
    this.points[this.used++] = y * this.sharp;
  }

  closePath() {
    const { points, used, width, height } = this;
    let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
    for (let i = 0; i < used; i += 2) {
      left = Math.min(left, points[i]); right = Math.max(right, points[i]);
      top = Math.min(top, points[i + 1]); bottom = Math.max(bottom, points[i + 1]);
    }
    if (right < 0 || bottom < 0 || left >= width || top >= height) return;
    if (right - left < DOT && bottom - top < DOT) { this.#dot(left | 0, right | 0, top | 0, bottom | 0); return; }
    if (this.fill) this.#paint(Math.max(0, Math.ceil(top)), Math.min(height - 1, Math.floor(bottom)));
    this.step = 0;
    for (let i = 0; i < used; i += 2) {
      const j = (i + 2) % used;
      this.#line(points[i] | 0, points[i + 1] | 0, points[j] | 0, points[j + 1] | 0);
    }
  }

  // A shape of a few pixels is its box.
  #dot(left, right, top, bottom) {
    const { words, width, height, pattern } = this, word = 0xff000000 | this.colour;
    for (let y = Math.max(0, top); y <= bottom && y < height; y++) {
      for (let x = Math.max(0, left); x <= right && x < width; x++) {
        const inner = x > left && x < right && y > top && y < bottom;
        if (inner && this.fill) this.#over(y * width + x);
        else if (!inner && (pattern >> ((x + y) & 7)) & 1) words[y * width + x] = word;
      }
    }
  }

  // Bresenham's line; what is off the picture is walked over.
  #line(x, y, toX, toY) {
    const { words, width, height, pattern, thick } = this, word = 0xff000000 | this.colour;
    const dx = Math.abs(toX - x), dy = -Math.abs(toY - y), sx = x < toX ? 1 : -1, sy = y < toY ? 1 : -1;
    if (dx - dy > LARGEST) return;
    for (let error = dx + dy, step = this.step; ; step++) {
      if ((pattern >> (step & 7)) & 1 && x >= 0 && y >= 0 && x < width && y < height) {
        words[y * width + x] = word;
        if (thick && x + 1 < width) words[y * width + x + 1] = word;
      }
      if (x === toX && y === toY) { this.step = step; return; }
      const twice = 2 * error;
      if (twice >= dy) { error += dy; x += sx; }
      if (twice <= dx) { error += dx; y += sy; }
    }
  }

  // Fills row by row between crossings of the edge.
  #paint(top, bottom) {
    const { points, used, width } = this;
    for (let y = top; y <= bottom; y++) {
      let low = Infinity, high = -Infinity;
      for (let i = 0; i < used; i += 2) {
        const j = (i + 2) % used, ay = points[i + 1], by = points[j + 1];
        if ((ay > y) === (by > y)) continue;
        const x = points[i] + (points[j] - points[i]) * (y - ay) / (by - ay);
        low = Math.min(low, x); high = Math.max(high, x);
      }
      for (let x = Math.max(0, Math.ceil(low)), at = y * width + x; x <= high && x < width; x++, at++) this.#over(at);
    }
  }

  // Lays the fill over a pixel: its colour is the newest, its cover grows.
  #over(at) {
    const cover = this.words[at] >>> 24;
    this.words[at] = ((cover + ((255 - cover) * this.fill >> 8)) << 24) | this.colour;
  }

  end(context) {
    this.context.putImageData(this.image, 0, 0);
    context.drawImage(this.canvas, 0, 0, this.width / this.sharp, this.height / this.sharp);
  }
}
