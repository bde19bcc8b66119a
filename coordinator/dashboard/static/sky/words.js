// What the sky says in words: under the pointer, of what is chosen, and of all of it.
import { altitude } from "./almanac.js";
import { number, probability, signed, sinceT0, utc } from "./elements.js";
import { place, sexagesimal } from "./sphere.js";

const at = (ra, dec) => `RA ${number(ra, 4)}° Dec ${signed(dec, 4)}°`;

const areasOf = (contours) => contours.map((c) => `${100 * c.level} % in ${c.area_deg2.toFixed(1)} deg²`);

// Of a field, a candidate or an event that is chosen; nothing, where nothing is.
export function sentence(scene, chosen) {
  if (!chosen) return "";
  const { field: f, candidate: c, event: e } = chosen;
  if (chosen.kind === "event") return e ? `Event ${e.name}: ${areasOf(e.contours).join(", ")}.` : "No contour of this event is drawn: it is not open, has no map, or its map is being read.";
  if (c) return `Candidate ${c.id}, rank ${c.rank}: ${c.verdict}, probability ${probability(c.probability)}, ${at(c.ra_deg, c.dec_deg)}.`;
  return [
    `${f.camera.telescope}, ${scene.state(f) ?? "not shown at this time"}: ${at(f.ra_deg, f.dec_deg)}, angle ${number(f.position_angle_deg, 1)}°`,
    `${utc(scene.epoch + f.start_s)} UTC ${sinceT0(f.start_s, scene.head.t0 != null)}`.trim(),
    f.filter ?? "filter unknown", `visit ${f.visit ?? "unknown"}`, `new probability ${probability(f.new_probability)}`,
    `limit ${number(f.limit_mag_ab, 1)} mag AB${f.camera.exact ? "" : "; its camera is not described here: a circle as wide as its sky"}.`,
  ].join(", ");
}

// Of what lies under the pointer.
export function reading({ direction, fields }, map, site) {
  const [ra, dec] = place(direction), level = map?.levelAt(direction), words = [`${at(ra, dec)} (${sexagesimal(ra, dec)})`];
  if (map) words.push(level == null ? "outside the map" : `credible level ${level.toFixed(2)}`);
  if (site) words.push(`altitude ${altitude(site.axes, direction).toFixed(1)}° at ${site.id}`);
  if (fields.length) words.push(`${fields.length} field${fields.length > 1 ? "s" : ""}: ${[...new Set(fields.map((f) => f.camera.telescope))].slice(0, 4).join(", ")}`);
  return words.join(", ");
}

// Of the whole picture: its label for those who do not see it, and the note below it.
export function summary(scene, time, contours, map, others) {
  const { head } = scene, areas = areasOf(contours);
  const fields = scene.counts().map(([state, n]) => `${n} fields ${state}`), candidates = scene.candidatesAt(time).length;
  const when = time == null ? `as of entry ${head.as_of.seq}` : `as of ${utc(scene.epoch + time)} UTC`;
  const its = map ? `${areas.join(", ") || "its map is being read, or cannot be"}; map ${map.slice(0, 8)}` : "no sky map";
  const besides = others.drawn.length ? ` Contours of other open events, as of now: ${others.drawn.map((one) => one.name).join(", ")}${others.left ? `, and not of ${others.left} more` : ""}.` : "";
  const plan = head.plan_known ? "" : " The plan cannot be read: what is planned is unknown.";
  return {
    label: `Map of the sky of ${head.name} ${when}: ${[...areas, ...fields, `${candidates} candidates`].join(", ")}.${besides}`,
    note: `ICRS degrees, RA increases to the left, north up. ${its[0].toUpperCase()}${its.slice(1)}. ${scene.shown.length} fields and ${candidates} candidates, ${when}.${besides}${plan}`,
  };
}
