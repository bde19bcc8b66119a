"""Real light curves as candidates elsewhere on the sky, and the field of GW170817 with what may shine in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from builders.real_list import rows_of
from coordinator.simulation.world.contaminants import MAKERS, Surroundings
from coordinator.simulation.world.density import WorldDensity, counts, ecliptic_latitude_deg, per_deg2
from coordinator.simulation.world.draw import places_in
from coordinator.sky.ranges import Ranges
from coordinator.sky.regions import credible_ranges
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.candidate import Candidate, candidate_of, named
from coordinator.vetting.checks.host import background_scale_mpc
from coordinator.vetting.rows import Row, read_rows
from coordinator.vetting.sighting import Sighting
from telescopes.drivers.image import magnitude
from telescopes.drivers.world import SkySource

GW170817_T0 = datetime(2017, 8, 17, 12, 41, 4, tzinfo=UTC)
AT2017GFO = (197.450375, -23.381500)
MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)
LIMIT_MAG = 20.5
KNOWN_CURVES = ("SN2021gvm_ZTF21aaqjmps", "iPTF14gqr", "AT2018cbj_ZTF18aabcvnq", "EclBin_ZTFrlh6cyjh")
"""Light curves of what is surely no counterpart: two supernovae, a variable, a binary."""


def real_unrelated(data: Path) -> dict[str, Candidate]:
    """Every object of the data folder that is surely no counterpart, by name, with all its history and limits."""
    found: dict[str, Candidate] = {}
    for name in ("ztf_alerts_20240115", "ztf_alerts_labelled"):
        alerts = rows_of(data / "candidates" / f"{name}.csv")
        history = rows_of(data / "candidates" / f"{name}_history.csv")
        names = {r["objectId"] for r in alerts}
        every = {(r["objectId"], r["jd"]): r for r in (*history, *alerts) if r["objectId"] in names}
        found |= {c.id: c for c in _read([_row(r) for r in every.values()], name)}
    return found | {c.id: c for c in light_curves(data, *KNOWN_CURVES)}


def light_curves(data: Path, *names: str) -> list[Candidate]:
    """Whole light curves, limits included, all at one place."""
    found = []
    for name in names:
        place = {"id": name, "ra": "10", "dec": "10"}
        found += _read([place | r for r in rows_of(data / "lightcurves" / f"{name}.csv")], name)
    return found


def _read(rows: Sequence[Row], where: str) -> list[Candidate]:
    return named(read_rows(rows, {}, where).by_id or {})


def _row(alert: dict[str, str]) -> dict[str, str]:
    columns = ("objectId", "jd", "magpsf", "sigmapsf", "diffmaglim", "ra", "dec", "rb")
    limit = "" if alert["magpsf"] else "True"
    return {k: alert[k] for k in columns} | {"filter": "?gri"[int(alert["fid"])], "upper_limit": limit}


def moved(one: Candidate, place: tuple[float, float], times: tuple[datetime | None, datetime]) -> Candidate | None:
    """Put an object elsewhere, with what was seen of it between two times; None: nothing was seen then."""
    since, until = times

    def there(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
        return tuple(
            replace(s, ra_deg=place[0] + s.ra_deg - one.ra_deg, dec_deg=place[1] + s.dec_deg - one.dec_deg)
            for s in sightings
            if s.time is not None and s.time <= until and (since is None or s.time >= since)
        )

    seen = there(one.sightings)
    return replace(candidate_of(seen, id=one.id), limits=there(one.limits)) if seen else None


def at2017gfo(data: Path, until_d: float, bands: str = "gr") -> list[Sighting]:
    """What was really seen of it up to so many days after the merger, with its host."""
    host = {"host_redshift": 0.009787, "host_redshift_err": 2e-5, "host_separation_arcsec": 10.6}
    seen = [
        Sighting(
            f"gfo-{n}",
            *AT2017GFO,
            MJD_EPOCH + timedelta(float(r["mjd"])),
            r["band"],
            float(r["mag_ab"]),
            float(r["mag_err"] or 0.05),
            LIMIT_MAG,
            pos_err_arcsec=0.3,
            telescope="survey",
            **host,  # type: ignore[arg-type]
        )
        for n, r in enumerate(rows_of(data / "lightcurves" / "AT2017gfo.csv"))
        if r["upper_limit"] == "False" and r["band"] in bands
    ]
    return [s for s in seen if s.time is not None and s.time - GW170817_T0 <= timedelta(until_d)]


@dataclass(frozen=True, slots=True)
class Field:
    """What else was seen in a region."""

    sightings: tuple[Sighting, ...]
    area_deg2: float


def contaminated(sky: SkyMap, seed: int, looks_d: Sequence[float], bands: str = "gr") -> Field:
    """Sightings of made contaminants in a map's 95 % region, searched to 20.5 mag on so many days after GW170817.

    Densities are those of campaigns (vetting-science, section 2), asteroids by the ecliptic, and artefacts.
    """
    rng = np.random.default_rng(seed)
    region = credible_ranges(sky, 0.95)
    law = WorldDensity.of_transients(rng, 0.3)
    ra, dec = places_in(rng, region, 400)
    means = per_deg2(law, LIMIT_MAG, ecliptic_latitude_deg(ra, dec))
    scale = background_scale_mpc(LIMIT_MAG)
    world = Surroundings(-1.0, 100.0, LIMIT_MAG, scale, law.host_known, law.hosts)
    sightings: list[Sighting] = []
    for kind, n in counts(rng, means, region.area_deg2, law).items():
        for k, place in enumerate(zip(*places_in(rng, region, n), strict=True)):
            source = MAKERS[kind](rng, f"{kind}-{k}", float(place[0]), float(place[1]), world)
            sightings += _seen(rng, source, looks_d, bands)
    return Field(tuple(sightings), region.area_deg2)


def _seen(rng: np.random.Generator, source: SkySource, looks_d: Sequence[float], bands: str) -> list[Sighting]:
    found = []
    for day in looks_d:
        hours = 24.0 * (day - looks_d[0])
        for n, band in enumerate(bands):
            mag = magnitude(source, band, hours)
            if mag is None or mag > LIMIT_MAG:
                continue
            err = 0.2 * 10 ** (0.4 * (mag - LIMIT_MAG))
            found.append(
                Sighting(
                    f"{source.id}-{day}-{band}",
                    source.ra_deg + source.ra_rate_arcsec_h * hours / 3600 / np.cos(np.radians(source.dec_deg)),
                    source.dec_deg + source.dec_rate_arcsec_h * hours / 3600,
                    GW170817_T0 + timedelta(days=day, minutes=n),
                    band,
                    mag + float(rng.normal(0.0, err)),
                    err,
                    LIMIT_MAG,
                    real_bogus=source.real_bogus,
                    pos_err_arcsec=0.3,
                    telescope="survey",
                    host_redshift=source.host_redshift,
                    host_redshift_err=source.host_redshift_err,
                    host_separation_arcsec=source.host_separation_arcsec,
                )
            )
    return found


def strewn(data: Path, region: Ranges, seed: int, night: datetime) -> list[Candidate]:
    """The real objects of a night of ZTF, evenly over a region, their newest alert on a night, histories with them."""
    rng = np.random.default_rng(seed)
    every = [c for c in real_unrelated(data).values() if c.id.startswith("ZTF")]
    found = []
    for one, place in zip(every, zip(*places_in(rng, region, len(every)), strict=True), strict=True):
        later = night - (one.last.time or night)
        dated = replace(one, sightings=_dated(one.sightings, later), limits=_dated(one.limits, later))
        there = moved(dated, (float(place[0]), float(place[1])), (None, night))
        found += [there] if there is not None else []
    return found


def _dated(sightings: Iterable[Sighting], later: timedelta) -> tuple[Sighting, ...]:
    return tuple(replace(s, time=s.time + later) for s in sightings if s.time is not None)
