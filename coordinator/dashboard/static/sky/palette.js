// Colours of the theme, read once: what is drawn is told apart by form first, then by these.
const NAMES = [
  "ground", "panel", "grid", "text", "quiet", "accent", "planned", "offered", "exposing", "done", "failed", "level50", "level90", "bad",
  "band0", "band1", "band2", "band3", "band4", "band5", "band6", "ramp0", "ramp1", "ramp2", "plane", "horizon", "galaxy",
];
export const HUES = 7;
const MIDDLE = 0.55, STEPS = 250;

export function palette() {
  const style = getComputedStyle(document.documentElement), found = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  return { ...found, ramp: ramp([found.ramp2, found.ramp1, found.ramp0].map(rgb)) };
}

export function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

// A colour as the low bits of a picture's 32-bit word.
export function word(hex) {
  const [r, g, b] = rgb(hex);
  return (b << 16) | (g << 8) | r;
}

// 256 colours by credible level as 32-bit words (little-endian RGBA): the best first, from 0.99 on nothing.
function ramp([best, middle, least]) {
  const words = new Uint32Array(256);
  for (let i = 0; i <= STEPS; i++) {
    const level = i / STEPS, [from, to, part] = level < MIDDLE ? [best, middle, level / MIDDLE] : [middle, least, (level - MIDDLE) / (1 - MIDDLE)];
    const [r, g, b] = from.map((one, k) => Math.round(one + (to[k] - one) * part));
    words[i] = (level >= 0.995 ? 0 : 0xff000000) | (b << 16) | (g << 8) | r;
  }
  return words;
}
