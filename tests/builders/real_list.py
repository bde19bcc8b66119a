"""The real list of S190814bv, kilonovae that are put into it, and laws of the unrelated that were fitted elsewhere."""

import csv
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from coordinator.lightcurves.cosmology import redshift_at
from coordinator.lightcurves.declines import UNRELATED, Rate
from coordinator.lightcurves.kilonova import distance_modulus
from coordinator.lightcurves.transients import SUPERNOVAE, supernova_abs_mag
from coordinator.simulation.world.draw import distance_from_map, place_from_map
from coordinator.simulation.world.glow import AS_AT2017GFO, drawn_glow, glow_abs_mag
from coordinator.simulation.world.make import WHOLE_SKY
from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.case import Atlas, Case
from coordinator.vetting.checks import fade
from coordinator.vetting.checks.registry import CHECKS
from coordinator.vetting.combine import Assessed, assess
from coordinator.vetting.facts import CheckResult
from coordinator.vetting.rule import CAPS
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.slopes import WINDOW_D, Slope, slopes_of

T0 = datetime(2019, 8, 14, 21, 10, 39, tzinfo=UTC)
MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)
APART_D = 2.0
SLOPE_ERR_MAG_D = 0.15
ERR_MAG = SLOPE_ERR_MAG_D * APART_D / math.sqrt(2.0)
HOSTS_KNOWN = 0.6
REFERENCE_LIMIT_MAG, REFERENCE_SCALE_MPC = 20.5, 500.0
REFERENCE_RATE_MAG_D = 0.83


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a table."""
    with path.open() as file:
        return list(csv.DictReader(file))


def found_in(row: dict[str, str], limit_mag: float) -> Sighting:
    """Its discovery: place, day, and its host's redshift; a photometric one is no better than 0.02 (1 + z)."""
    kind = row["use_redshift"]
    z = float(row[f"{kind}_z"]) if kind not in ("", "--") else None
    least = 0.0 if kind == "spec" else 0.02 * (1 + (z or 0.0))
    return Sighting(
        f"{row['name']}-found",
        float(row["ra"]),
        float(row["dec"]),
        datetime.fromisoformat(row["discovery_date"]).replace(tzinfo=UTC),
        host_redshift=z if z and z > 0 else None,
        host_redshift_err=None if z is None else max(float(row[f"{kind}_z_err"] or 0), least),
        limiting_mag_ab=limit_mag,
    )


def listed(row: dict[str, str], limit_mag: float) -> Candidate:
    """One of the list as it was measured: found once, brightness and slope by band, its host's redshift.

    A slope of exactly 1 is a fit that never moved. The two days between a slope's ends are those of `injected`.
    """
    found = found_in(row, limit_mag)
    seen = [found]
    for band in (b for b in "irz" if row[f"{b}_absmag"]):
        mag, time = float(row[f"{band}_absmag"]) + float(row["dm"]), T0 + timedelta(float(row[f"{band}_absmag_date"]))
        slope, err = row[f"{band}_var"], row[f"{band}_var_err"]
        moved = bool(slope and err and float(slope) != 1.0)
        each = max(float(err), 0.01) * APART_D / math.sqrt(2.0) if moved else 0.1
        first = replace(found, id=f"{row['name']}-{band}", time=time, filter=band, mag_ab=mag, mag_err=each)
        seen.append(first)
        if moved:
            later = {"time": time + timedelta(APART_D), "mag_ab": mag + APART_D * float(slope)}
            seen.append(replace(first, id=f"{first.id}-later", **later))
    return candidate_of(seen, id=row["name"])


def injected(seed: int, atlas: Atlas, limit_mag: float, *, light: str, epochs: int = 2) -> Candidate:
    """A kilonova in r; place and distance are drawn from the map, six of ten have a host with a redshift.

    Parameters
    ----------
    light : str
        "rate": all fade by 0.83 mag/d; "world": mass, speed and angle are drawn as for simulated worlds.
    """
    rng = np.random.default_rng(seed)
    place = place_from_map(rng, atlas.sky, WHOLE_SKY)
    assert place is not None
    distance = distance_from_map(rng, atlas.sky, *place) or 1.0
    z = float(redshift_at(distance)) if rng.random() < HOSTS_KNOWN else None
    days = rng.uniform(0.5, 1.5) + np.array([0.0, APART_D])
    inclined = math.degrees(math.acos(rng.uniform(-1.0, 1.0)))
    glow = drawn_glow(rng, inclined) if light == "world" else AS_AT2017GFO
    mags = glow_abs_mag(glow, "r", days) + distance_modulus(distance)
    if light == "rate":
        mags[1] = mags[0] + APART_D * REFERENCE_RATE_MAG_D
    mags = mags + rng.normal(0.0, ERR_MAG, 2)
    seen = [
        Sighting(f"x{n}", *place, T0 + timedelta(days[n]), "r", float(mags[n]), ERR_MAG, limit_mag, host_redshift=z)
        for n in range(epochs)
    ]
    return candidate_of(seen, id=f"injected-{seed:03d}")


@dataclass(frozen=True, slots=True)
class Weighing:
    """How a list is weighed: by which rates of the unrelated, and without what some of it cannot be asked.

    The list says of nobody how often it was seen, so nobody gets or misses what a repetition is worth.
    """

    rates: tuple[Rate, ...] = UNRELATED
    without: frozenset[str] = frozenset({"repeat detection"})

    def of(self, case: Case) -> Assessed:
        """Ask every check, and put the fade law's other background in."""
        told = assess(case)
        slopes = slopes_of(case.candidate.sightings, case.t0 or T0, known_t0=case.t0 is not None)
        own = {"fade": fade.log_bayes_of(slopes, case.afterglow_share, self.rates)} if slopes else {}
        kept = [
            replace(c, log_bayes=own.get(c.name, c.log_bayes))
            for c in told.checks
            if c.name not in self.without and not c.name.endswith(" cap")
        ]
        return replace(told, checks=(*kept, *self._caps(told, {c.name: c.log_bayes for c in kept})))

    def _caps(self, told: Assessed, said: dict[str, float]) -> list[CheckResult]:
        caps: list[CheckResult] = []
        for group, (low, high) in CAPS.items():
            total = math.fsum(said.get(c.name, 0.0) for c in CHECKS if c.group == group)
            caps.append(replace(told.checks[0], name=f"{group} cap", log_bayes=min(max(total, low), high) - total))
        return caps


def slopes_of_ztf(folder: Path) -> list[tuple[str, Slope]]:
    """Slopes of what ZTF saw brighter than before, asteroids left out: six days by six days, with the object's name."""
    points: dict[tuple[str, str], dict[str, Sighting]] = defaultdict(dict)
    for name in ("ztf_alerts_20240115", "ztf_alerts_labelled"):
        alerts = rows_of(folder / f"{name}.csv")
        rocks = {r["objectId"] for r in alerts if r["fink_roid"] in ("2", "3")}
        for r in [*alerts, *rows_of(folder / f"{name}_history.csv")]:
            if r["objectId"] in rocks or not r["magpsf"] or r["isdiffpos"] not in ("t", "1"):
                continue
            band = {"1": "g", "2": "r", "3": "i"}[r["fid"]]
            time = MJD_EPOCH + timedelta(float(r["jd"]) - 2400000.5)
            seen = Sighting(r["jd"], 0.0, 0.0, time, band, float(r["magpsf"]), float(r["sigmapsf"]))
            points[r["objectId"], band].setdefault(r["jd"], seen)
    return [(key[0], slope) for key, its in points.items() for slope in _windows(sorted(its.values(), key=_time))]


def _time(seen: Sighting) -> datetime:
    return seen.time or MJD_EPOCH


def _windows(seen: list[Sighting]) -> list[Slope]:
    """Measure slope after slope along a light curve, as the check does; nights apart."""
    found: list[Slope] = []
    while seen:
        start = _time(seen[0])
        near = [s for s in seen if _time(s) - start <= timedelta(WINDOW_D)]
        found += [s for s in slopes_of(near, start, known_t0=False) if s.days[1] - s.days[0] >= 0.5]
        seen = seen[len(near) :]
    return found


def fitted(slopes: list[tuple[str, Slope]]) -> tuple[Rate, ...]:
    """Fit the shares of `declines.UNRELATED` by expectation and maximisation.

    Every object counts once, and each behaviour as if it had been seen in one object more (Laplace's rule): what was
    not seen among a hundred may still be there.
    """
    several = Counter(name for name, _ in slopes)
    weight = np.array([1.0 / several[name] for name, _ in slopes])
    rate, err = np.array([(s.mag_d, s.err_mag_d) for _, s in slopes]).T
    sigma = np.array([np.hypot(c.sigma_mag_d, err) for c in UNRELATED])
    chance = np.exp(-0.5 * ((rate - np.array([[c.mean_mag_d] for c in UNRELATED])) / sigma) ** 2) / sigma
    share = np.full(len(UNRELATED), 1.0 / len(UNRELATED))
    for _ in range(500):
        belongs = share[:, None] * chance
        belongs /= belongs.sum(axis=0)
        share = (belongs * weight).sum(axis=1) + 1.0
        share /= share.sum()
    return tuple(replace(c, share=float(s)) for c, s in zip(UNRELATED, share, strict=True))


def scale_of_supernovae_mpc(limit_mag: float) -> float:
    """How far supernovae lie that a search to this depth finds, by their peaks, rises and falls alone.

    ``D_0`` of ``p(D) ~ D^2 exp(-(D / D_0)^2)`` has ``<D^2> = 1.5 D_0^2``. Types as they are found: Ia 0.35, II 0.35,
    Ib/c 0.1 of all; seen from 1 to 30 days after the explosion; places even in space.
    """
    rng = np.random.default_rng(0)
    squares = 0.0
    for name, share in (("SN Ia", 0.4375), ("SN II", 0.4375), ("SN Ibc", 0.125)):
        law = SUPERNOVAE[name]
        distance = 3000.0 * np.cbrt(rng.random(200_000))
        absolute = supernova_abs_mag(law, rng.uniform(1.0, 30.0, distance.size))
        mags = absolute + rng.normal(0.0, law.scatter_mag, distance.size) + 5.0 * np.log10(distance) + 25.0
        squares += share * float(np.mean(distance[mags < limit_mag] ** 2))
    return math.sqrt(squares / 1.5)


def limit_for(scale_mpc: float) -> float:
    """The depth for which the check of hosts takes this scale: the list itself gave it 500 Mpc at 20.5 mag."""
    return REFERENCE_LIMIT_MAG + 5.0 * math.log10(scale_mpc / REFERENCE_SCALE_MPC)
