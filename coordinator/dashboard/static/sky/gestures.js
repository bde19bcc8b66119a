// Pointer, wheel, touch and keyboard, turned into pans, zooms and looks; it knows no sky.
const CLICK = 5, KEY_STEP = 60, WHEEL = 0.0016, LINE = 16;

// `on` has pan(dx, dy), zoom(factor, x, y), click(x, y), hover(x, y) or hover(null), and key(name) that says whether it did.
export function listen(stage, on) {
  const held = new Map();
  let moved = 0;
  const at = (e) => { const box = stage.getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top]; };

  stage.addEventListener("pointerdown", (e) => {
    if (e.button) return;
    held.set(e.pointerId, at(e));
    moved = held.size > 1 ? Infinity : 0;
    stage.setPointerCapture(e.pointerId);
    stage.focus({ preventScroll: true });
  });

  stage.addEventListener("pointermove", (e) => {
    const now = at(e), before = held.get(e.pointerId);
    if (!before) { on.hover(...now); return; }
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    moved += Math.hypot(dx, dy);
    if (held.size === 1 && moved > CLICK) on.pan(dx, dy);
    if (held.size === 2) {
      const [, other] = [...held].find(([id]) => id !== e.pointerId);
      const apart = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
      on.zoom(apart(now) / apart(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
      on.pan(dx / 2, dy / 2);
    }
    if (held.size > 1 || moved > CLICK) held.set(e.pointerId, now);
  });

  const release = (e) => {
    if (held.delete(e.pointerId) && e.type === "pointerup" && moved <= CLICK) on.click(...at(e));
  };
  stage.addEventListener("pointerup", release);
  stage.addEventListener("pointercancel", release);
  stage.addEventListener("pointerleave", () => { if (!held.size) on.hover(null); });

  stage.addEventListener("wheel", (e) => {
    e.preventDefault();
    on.zoom(Math.exp(-e.deltaY * (e.deltaMode ? LINE : 1) * WHEEL), ...at(e));
  }, { passive: false });

  stage.addEventListener("dblclick", (e) => on.zoom(2, ...at(e)));

  stage.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const pan = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key];
    if (pan) on.pan(...pan.map((one) => one * KEY_STEP * (e.shiftKey ? 3 : 1)));
    else if (e.key === "+" || e.key === "=") on.zoom(1.5);
    else if (e.key === "-") on.zoom(1 / 1.5);
    else if (!on.key(e.key)) return;
    e.preventDefault();
  });
}
