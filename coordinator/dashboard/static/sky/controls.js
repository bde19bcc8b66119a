// The bar over the sky: looks, layers, the site whose horizon is drawn, the telescopes that have a colour of their own.
import { make } from "./elements.js";
import { HUES } from "./palette.js";

const LAYERS = {
  probability: "probability", contours: "50 and 90 % contours", fields: "fields", candidates: "candidates", galaxies: "galaxies (close up)",
  bodies: "Sun and Moon", plane: "Galactic plane",
};

export class Controls {
  // `on` has all(), region(), zoom(factor), table(), and changed() for layers, site and telescopes; `hasOthers`: whether
  // other events are drawn besides the one that is shown.
  constructor(on, hasOthers) {
    const every = hasOthers ? { ...LAYERS, others: "other open events" } : LAYERS;
    this.layers = Object.fromEntries(Object.keys(every).map((name) => [name, true]));
    this.telescopes = [];
    this.on = on;
    const button = (text, does, more = {}) => make("button", { type: "button", onclick: does, ...more }, text);
    this.site = make("select", { "aria-label": "Site whose horizon is drawn", onchange: on.changed }, make("option", { value: "" }, "no horizon"));
    this.hued = make("details", { class: "sky-menu" }, make("summary", {}, "telescopes"), this.hues = make("div", { class: "sky-choices" }));
    this.table = button("table", on.table, { "aria-pressed": "false" });
    const checks = Object.entries(every).map(([name, says]) => make("label", {}, make("input", { type: "checkbox", checked: true, onchange: (e) => { this.layers[name] = e.target.checked; on.changed(); } }), says));
    this.element = make("div", { class: "sky-bar" },
      button("all sky", on.all), button("region", on.region), button("+", () => on.zoom(1.6), { "aria-label": "nearer" }), button("−", () => on.zoom(1 / 1.6), { "aria-label": "wider" }),
      make("details", { class: "sky-menu" }, make("summary", {}, "layers"), make("div", { class: "sky-choices" }, ...checks)), this.hued, this.site, this.table);
  }

  // Telescopes to choose from: their sites for the horizon, and those with fields for hues.
  tell(sites, withFields) {
    const wanted = this.site.value;
    this.site.replaceChildren(make("option", { value: "" }, "no horizon"), ...sites.map((s) => make("option", { value: s.id }, `horizon of ${s.id}`)));
    this.site.value = sites.some((s) => s.id === wanted) ? wanted : "";
    this.telescopes = this.telescopes.filter((id) => withFields.includes(id));
    this.hued.hidden = withFields.length < 2;
    this.hues.replaceChildren(...withFields.map((id) => make("label", {}, make("input", { type: "checkbox", value: id, checked: this.telescopes.includes(id), onchange: () => this.#chosen() }), id)));
  }

  #chosen() {
    const boxes = [...this.hues.querySelectorAll("input")];
    this.telescopes = boxes.filter((box) => box.checked).map((box) => box.value);
    for (const box of boxes) box.disabled = !box.checked && this.telescopes.length >= HUES;
    this.on.changed();
  }
}

// What forms and hues mean, as a list; the telescopes with a hue of their own come last.
export function legend(hues) {
  const forms = [
    ["planned", "planned"], ["offered", "offered, accepted"], ["exposing", "slewing, exposing"], ["completed", "completed, partial"],
    ["failed", "failed, given back"], ["level50", "50 %"], ["level90", "90 %"], ["candidate", "promising, with rank"], ["possible-mark", "possible"],
    ["galaxy-mark", "galaxy"], ["plane-mark", "Galactic plane"], ["horizon-mark", "horizon"],
  ];
  return [...forms, ...[...hues].map(([id, band]) => [band.replace("band", "band-"), id])].map(([kind, says]) => make("li", { class: kind }, says));
}
