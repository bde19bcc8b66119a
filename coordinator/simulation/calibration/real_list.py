"""The real list of S190814bv as a labelled set: 189 unrelated candidates, and kilonovae that are put in among them.

Half of the lists hold a kilonova, as often as the vetter believes beforehand. It is measured as its neighbours are: a
redshift of the host as often as they have one that tells a distance, a slope in r as often as they have one, with the
error of one of theirs. Nobody but the vetter's door sees the list.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from coordinator.alerts.alert import Localization
from coordinator.events.event import Event
from coordinator.lightcurves.cosmology import redshift_at
from coordinator.simulation.calibration.labels import COUNTERPART
from coordinator.simulation.calibration.record import Record
from coordinator.simulation.world.draw import distance_from_map, place_from_map
from coordinator.simulation.world.make import WHOLE_SKY
from coordinator.sky.read import read_skymap
from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.case import Atlas
from coordinator.vetting.checks.repeat import AGAIN
from coordinator.vetting.combine import Memo, score
from coordinator.vetting.facts import CandidatesScored
from coordinator.vetting.prior import prior_of
from coordinator.vetting.sighting import Sighting

T0 = datetime(2019, 8, 14, 21, 10, 39, tzinfo=UTC)
LIMIT_MAG = 20.5
HOSTS_KNOWN = 0.6
SLOPE_MAG_D, SLOPE_SPREAD_MAG_D = 0.83, 0.35
"""r of AT2017gfo over its first days, and how much kilonovae differ from one another (vetting science, section 5)."""

APART_D = 2.0
DENSITY_DEG2 = 3.88
NAME = "injected"
INJECTED_SHARE = 0.5
_PLACEHOLDER = 1.0
_COLOUR_Z = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class RealList:
    """The list, its sky, and the errors of its slopes in r."""

    atlas: Atlas
    others: tuple[Candidate, ...]
    slope_errs: tuple[float, ...]

    @property
    def sloped(self) -> float:
        """Share of them with a slope in r."""
        return len(self.slope_errs) / len(self.others)


def read_list(folder: Path) -> RealList:
    """Read the list and its map from the folder of candidates."""
    atlas = Atlas.of(read_skymap((folder / "GW190814_skymap.fits.gz").read_bytes()))
    with (folder / "S190814bv_candidates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    errs = tuple(err for row in rows if (err := _slope(row, "r")[1]) is not None)
    return RealList(atlas, tuple(_candidate(row) for row in rows), errs)


def played_lists(real: RealList, seed: int, numbers: Sequence[int]) -> Iterator[Record]:
    """Yield a record for each list."""
    event = Event("lvk:S190814bv", "S190814bv", 1, False, "gw", None, None, None, T0, None, Localization("multiorder"))
    # All in the list are confirmed, and counted so.
    prior, memo = replace(prior_of(density_deg2=DENSITY_DEG2), confirmed=AGAIN), Memo()
    for number in numbers:
        rng = np.random.default_rng([seed, number, 190814])
        injected = (_injected(rng, real),) if rng.random() < INJECTED_SHARE else ()
        yield _record(number, score([*real.others, *injected], real.atlas, event, prior, memo=memo), bool(injected))


def _record(number: int, scored: CandidatesScored, injected: bool) -> Record:
    label = tuple(COUNTERPART if c.id == NAME else "other" for c in scored.candidates)
    return Record(
        number=number,
        kind="list with a kilonova" if injected else "list without",
        covered=injected,
        nights_detected=2 if injected else 0,
        distance_mpc=None,
        q=0.5,
        p_none=scored.p_none,
        said=tuple(c.probability for c in scored.candidates),
        label=label,
        word=tuple(c.verdict for c in scored.candidates),
        rest=0,
        rest_sum=0.0,
        rank=label.index(COUNTERPART) + 1 if injected else None,
        kinds={},
    )


def _candidate(row: Mapping[str, str]) -> Candidate:
    z, err = _redshift(row)
    time = datetime.fromisoformat(row["discovery_date"]).replace(tzinfo=UTC)
    first = Sighting(
        f"{row['name']}-1",
        float(row["ra"]),
        float(row["dec"]),
        time=time,
        limiting_mag_ab=LIMIT_MAG,
        host_redshift=z,
        host_redshift_err=err,
    )
    slopes = [(band, *_slope(row, band)) for band in "irz"]
    pairs = [
        p
        for band, slope, its in slopes
        if slope is not None and its is not None
        for p in _pair(first, band, slope, its)
    ]
    return candidate_of([first, *pairs, _again(first)], id=row["name"])


def _again(first: Sighting) -> Sighting:
    """Show it a second time: nothing gets into a published list that was seen once."""
    assert first.time is not None
    return replace(first, id=f"{first.id}-again", time=first.time + timedelta(days=APART_D))


def _pair(first: Sighting, band: str, slope: float, err: float) -> Iterator[Sighting]:
    assert first.time is not None
    for day in (0.0, APART_D):
        yield Sighting(
            f"{first.id}-{band}{day:g}",
            first.ra_deg,
            first.dec_deg,
            time=first.time + timedelta(days=day),
            filter=band,
            mag_ab=20.0 + day * slope,
            mag_err=err * APART_D / np.sqrt(2.0),
        )


def _slope(row: Mapping[str, str], band: str) -> tuple[float | None, float | None]:
    slope, err = row.get(f"{band}_var") or "", row.get(f"{band}_var_err") or ""
    if not slope or not err or float(slope) == _PLACEHOLDER:
        return None, None
    return float(slope), max(float(err), 0.01)


def _redshift(row: Mapping[str, str]) -> tuple[float | None, float | None]:
    kind = row["use_redshift"]
    if kind in ("", "--"):
        return None, None
    z = float(row[f"{kind}_z"])
    least = 0.0 if kind == "spec" else _COLOUR_Z * (1.0 + z)
    return (z, max(float(row[f"{kind}_z_err"] or 0.0), least)) if z > 0 else (None, None)


def _injected(rng: np.random.Generator, real: RealList) -> Candidate:
    """Draw a kilonova by the map: place, distance, when it was found, what is known of its host, and how it fades."""
    place = place_from_map(rng, real.atlas.sky, WHOLE_SKY) or (0.0, 0.0)
    z = float(redshift_at(distance_from_map(rng, real.atlas.sky, *place) or 1.0))
    known = rng.random() < HOSTS_KNOWN
    first = Sighting(
        f"{NAME}-1",
        *place,
        time=T0 + timedelta(days=float(rng.uniform(0.5, 1.5))),
        limiting_mag_ab=LIMIT_MAG,
        host_redshift=z if known else None,
        host_redshift_err=_COLOUR_Z * (1.0 + z) if known else None,
    )
    sloped, err = rng.random() < real.sloped, float(rng.choice(real.slope_errs))
    slope = float(rng.normal(SLOPE_MAG_D, np.hypot(SLOPE_SPREAD_MAG_D, err)))
    pair = _pair(first, "r", slope, err) if sloped else ()
    return candidate_of([first, *pair, _again(first)], id=NAME)
