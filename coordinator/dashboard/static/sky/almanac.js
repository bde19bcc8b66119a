// Sun, Moon and the horizon of a site at an instant (seconds after the epoch), from what the scene brings.
import { circleAbout, dot, normalised, place, RAD, unit } from "./sphere.js";

// The stretch that holds a time, else the nearest.
export function almanacAt(stretches, at) {
  const away = ({ begin_s, step_s, sun }) => Math.max(begin_s - at, at - begin_s - step_s * (sun.length - 1), 0);
  return [...stretches].sort((a, b) => away(a) - away(b))[0];
}

// Sun and Moon as directions; null where the almanac does not reach.
export function bodies(almanac, at) {
  const row = (at - almanac.begin_s) / almanac.step_s, first = Math.floor(row);
  if (!(row >= 0) || first >= almanac.sun.length) return null;
  const next = Math.min(first + 1, almanac.sun.length - 1), part = row - first;
  const mix = (list) => normalised(unit(...list[first]).map((one, i) => one * (1 - part) + unit(...list[next])[i] * part));
  return { sun: mix(almanac.sun), moon: mix(almanac.moon), lit: almanac.moon_lit[first] };
}

// Zenith, north and east of a site in ICRS.
export function axesOf(almanac, site, at) {
  const theta = (almanac.rotation_deg + almanac.rotation_deg_s * at + site.longitude_deg) * RAD, lat = site.latitude_deg * RAD;
  const turned = (v) => [0, 1, 2].map((i) => v[0] * almanac.to_cirs[0][i] + v[1] * almanac.to_cirs[1][i] + v[2] * almanac.to_cirs[2][i]);
  return {
    up: turned([Math.cos(lat) * Math.cos(theta), Math.cos(lat) * Math.sin(theta), Math.sin(lat)]),
    north: turned([-Math.sin(lat) * Math.cos(theta), -Math.sin(lat) * Math.sin(theta), Math.cos(lat)]),
    east: turned([-Math.sin(theta), Math.cos(theta), 0]),
  };
}

export const altitude = ({ up }, direction) => Math.asin(Math.max(-1, Math.min(1, dot(up, direction)))) / RAD;

// The line that a site cannot look below: its least altitude, and its own mask where it has one.
export function horizonOf(axes, site) {
  if (!site.horizon.length) return circleAbout(axes.up, 90 - site.min_altitude_deg);
  const mask = [...site.horizon].sort((a, b) => a[0] - b[0]);
  return Array.from({ length: 180 }, (_, i) => {
    const azimuth = 2 * i, height = Math.max(site.min_altitude_deg, between(mask, azimuth)) * RAD, cos = Math.cos(height);
    return place(axes.up.map((one, k) => one * Math.sin(height) + cos * (axes.north[k] * Math.cos(azimuth * RAD) + axes.east[k] * Math.sin(azimuth * RAD))));
  });
}

function between(mask, azimuth) {
  const after = mask.findIndex(([at]) => at >= azimuth), [b, a] = after < 0 ? [0, mask.length - 1] : [after, (after - 1 + mask.length) % mask.length];
  const span = (mask[b][0] - mask[a][0] + 360) % 360 || 360, part = ((azimuth - mask[a][0] + 360) % 360) / span;
  return mask[a][1] + (mask[b][1] - mask[a][1]) * part;
}
