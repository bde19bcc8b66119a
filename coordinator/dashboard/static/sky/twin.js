// The table twin: the same things as on the canvas, for whoever cannot use it.
import { altitude } from "./almanac.js";
import { make, number, probability, signed, sinceT0, utc } from "./elements.js";
import { place } from "./sphere.js";

const PAGE = 100, CHOSEN = ["field", "candidate", "event"];
const HEAD = ["what", "telescope or verdict", "state", "RA deg", "Dec deg", "angle deg", "start UTC", "after T0", "filter", "visit", "p new", "limit mag AB"];

// Rows of everything that is shown; `key` is what a selection names.
export function rowsOf({ scene, at, clock, contours, others, site, bodies, galaxies }) {
  const { epoch, head } = scene, hasT0 = head.t0 != null;
  const fields = scene.shown.map((i) => scene.fields[i]).sort((a, b) => a.start_s - b.start_s || scene.numberOf(a) - scene.numberOf(b));
  const around = ([ra, dec]) => [number(ra, 4), signed(dec, 4)];
  return [
    ...contours.map((c) => ({ kind: "contour", key: `contour-${c.level}`, cells: [`${100 * c.level} % region`, "", `${number(c.area_deg2, 1)} deg²`] })),
    ...others.map(({ key, name, contours: its, centre }) => ({ kind: "event", key, cells: [`event ${name}`, "open", its.map((c) => `${100 * c.level} % ${number(c.area_deg2, 1)} deg²`).join(", "), ...(centre ? around([centre.ra, centre.dec]) : [])] })),
    ...(bodies ? [["Sun", bodies.sun], ["Moon", bodies.moon]].map(([name, v]) => ({ kind: "body", key: name, cells: [name, site ? `altitude ${number(altitude(site.axes, v), 1)}° at ${site.id}` : "", name === "Moon" ? `lit ${number(bodies.lit, 2)}` : "", ...around(place(v))] })) : []),
    ...scene.candidatesAt(at).map((c) => ({ kind: "candidate", key: c.id, cells: [`candidate ${c.id}, rank ${c.rank}`, c.verdict, `p ${probability(c.probability)}`, ...around([c.ra_deg, c.dec_deg])] })),
    ...fields.map((f) => ({
      kind: "field", key: f.id,
      cells: [`field ${f.id ?? "…"}`, f.camera.telescope, `${scene.state(f)}${f.late ? " late" : ""}`, ...around([f.ra_deg, f.dec_deg]), number(f.position_angle_deg, 1),
        utc(epoch + f.start_s), sinceT0(f.start_s, hasT0), f.filter ?? "—", f.visit ?? "—", probability(f.new_probability), number(f.limit_mag_ab, 1)],
    })),
    ...galaxies.map((g, i) => ({ kind: "galaxy", key: `galaxy-${i}`, cells: [`galaxy ${i + 1}`, "", `${number(g.distance_mpc, 1)} Mpc`, ...around([g.ra_deg, g.dec_deg]), "", "", "", "", "", probability(g.probability)] })),
  ];
}

export class Twin {
  constructor(select) {
    this.page = 0;
    this.wanted = "";
    this.rows = [];
    this.body = make("tbody", { onclick: (e) => this.#clicked(e, select), onkeydown: (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); this.#clicked(e, select); } } });
    this.says = make("output", { class: "as-of" });
    this.filter = make("input", { type: "search", "aria-label": "Show rows that contain", placeholder: "rows that contain …", oninput: () => { this.wanted = this.filter.value.toLowerCase(); this.page = 0; this.#write(); } });
    const turn = (by) => () => { this.page += by; this.#write(); };
    this.back = make("button", { type: "button", onclick: turn(-1) }, "before");
    this.on = make("button", { type: "button", onclick: turn(1) }, "after");
    this.csv = make("button", { type: "button", onclick: () => this.#save() }, "CSV");
    this.element = make("div", { class: "sky-twin", hidden: true },
      make("div", { class: "sky-bar" }, this.filter, this.back, this.on, this.csv, this.says),
      make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Everything on the sky as a table" },
        make("table", {}, make("thead", {}, make("tr", {}, ...HEAD.map((name) => make("th", { scope: "col" }, name)))), this.body)));
  }

  show(rows, selected) {
    Object.assign(this, { rows, selected });
    this.#write();
  }

  #clicked(event, select) {
    const row = event.target.closest("tr[data-key]");
    if (row && CHOSEN.includes(row.dataset.kind)) select(row.dataset.kind, row.dataset.key);
  }

  #found() {
    return this.wanted ? this.rows.filter((row) => row.cells.join(" ").toLowerCase().includes(this.wanted)) : this.rows;
  }

  #write() {
    const found = this.#found(), pages = Math.max(1, Math.ceil(found.length / PAGE)), focus = document.activeElement?.closest?.("tr")?.dataset.key;
    this.page = Math.max(0, Math.min(this.page, pages - 1));
    const shown = found.slice(this.page * PAGE, (this.page + 1) * PAGE);
    this.body.replaceChildren(...shown.map(({ kind, key, cells }) => make("tr", { "data-key": key, "data-kind": kind, tabindex: CHOSEN.includes(kind) ? 0 : null, "aria-current": key != null && key === this.selected ? "true" : null },
      ...HEAD.map((_, i) => make("td", { class: i > 2 ? "n" : null }, cells[i] ?? "")))));
    if (focus) [...this.body.children].find((row) => row.dataset.key === focus)?.focus({ preventScroll: true });
    this.says.textContent = `${found.length} of ${this.rows.length} rows, page ${this.page + 1} of ${pages}`;
    this.back.disabled = this.page === 0;
    this.on.disabled = this.page === pages - 1;
  }

  #save() {
    const quoted = (cell) => `"${String(cell ?? "").replaceAll('"', '""')}"`, lines = [HEAD, ...this.#found().map((row) => row.cells)].map((cells) => HEAD.map((_, i) => quoted(cells[i])).join(","));
    const address = URL.createObjectURL(new Blob([lines.join("\r\n")], { type: "text/csv" }));
    make("a", { href: address, download: "sky.csv" }).click();
    URL.revokeObjectURL(address);
  }
}
