"""What would have been covered, when and by whom, and when somebody would have looked where the source was."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.book import Book
from coordinator.lightcurves.bands import band_of
from coordinator.planning.document import iso
from coordinator.planning.recount import Pieces, Sight, best_value
from coordinator.planning.value import SkyValue
from coordinator.services.facts import fact_of
from coordinator.simulation.past.events import Found, PastEvent
from coordinator.simulation.past.replay import shine_of
from coordinator.simulation.verdict import SAME_PLACE_DEG, NightResult
from coordinator.simulation.world.depth import ranges_hold
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_areas
from coordinator.vetting.facts import DetectionsStored
from telescopes.description.geometry import separation_deg, unit_vectors
from telescopes.description.telescope import Telescope

MARKS_H = (1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 18.0, 24.0, 36.0, 48.0)
"""Hours after the event at which coverage is told, as far as they go."""

ASSUMED = (
    "today's network, every site clear and well, nobody hesitates",
    "nothing in the sky but the source, which shines as AT2017gfo at its distance",
)


def past_document(
    event: PastEvent, telescopes: Sequence[Telescope], hours: float, played: NightResult
) -> dict[str, Any]:
    """Return armillary.past/1."""
    book = played.state.pointings
    looks = sorted((a for a in book.assignments.values() if a.observed), key=lambda a: a.ended)
    maps = [(w.issued, read_skymap(w.data)) for w in event.words if w.is_map]
    last = SkyValue.of(ProbabilityCurve.of(maps[-1][1]), "detection")
    own = {t.id: [a for a in looks if a.telescope == t.id] for t in telescopes}
    return {
        "schema": "armillary.past/1",
        "event": event.name,
        "also": event.also,
        "t0": iso(event.t0),
        "hours": hours,
        "assumed": list(ASSUMED),
        "words": [
            {"file": w.file, "issued": iso(w.issued), "after_s": _after_s(event, w.issued), **_areas(maps, w.issued)}
            for w in event.words
        ],
        "first_offer_after_s": min(
            (_after_s(event, s.entry.sky_time) for s in played.entries if s.entry.kind == "pointing_offered"),
            default=None,
        ),
        "first_look_after_s": min((_after_s(event, a.began) for a in looks), default=None),
        "covered": [
            {
                "after_h": mark,
                **_covered(last, book, [a for a in looks if _after_s(event, a.ended) <= 3600.0 * mark]),
            }
            for mark in (m for m in MARKS_H if m <= hours)
        ],
        "telescopes": [
            {
                "id": name,
                "looks": len(its),
                "first_look_after_s": min((_after_s(event, a.began) for a in its), default=None),
                **_covered(last, book, its),
            }
            for name, its in own.items()
        ],
        "source": None if event.source is None else _source(event, event.source, looks, played),
        "broken": list(played.broken),
        "state_hash": played.state_hash,
    }


def _areas(maps: Iterable[tuple[datetime, Any]], issued: datetime) -> dict[str, Any]:
    """Areas of the map that came then; a notice without one has none."""
    for at, sky in maps:
        if at == issued:
            return dict(zip(("area50_deg2", "area90_deg2"), _rounded(credible_areas(sky, (0.5, 0.9))), strict=True))
    return {"area50_deg2": None, "area90_deg2": None}


def _covered(sky: SkyValue, book: Book, looks: Sequence[Assignment]) -> dict[str, float]:
    """Weigh what was looked at: probability inside, and the chance that the source assumed there was seen."""
    sights = [Sight(book.ranges(a), sky.depth(a.depth_mag_ab)) for a in looks]
    union = Ranges.union_of(s.ranges for s in sights)
    seen = best_value(Pieces.of(sights, sky), range(len(sights))) if sights else 0.0
    return {
        "probability": round(sky.curve.probability(union), 4),
        "detection": round(seen, 4),
        "area_deg2": round(union.area_deg2, 1),
    }


def _source(event: PastEvent, found: Found, looks: Sequence[Assignment], played: NightResult) -> dict[str, Any]:
    """Say who looked at the place of the source first, how deep, and when it was detected."""
    book = played.state.pointings
    there = [a for a in looks if ranges_hold(book.ranges(a), found.ra_deg, found.dec_deg)]
    seen = [_after_s(event, at) for at in _detected(found, played)]
    return {
        "name": found.name,
        "ra_deg": found.ra_deg,
        "dec_deg": found.dec_deg,
        "distance_mpc": found.distance_mpc,
        "looks": [_look(event, found, a) for a in sorted(there, key=lambda a: a.began)],
        "detected_after_s": min(seen, default=None),
        "rank": played.rank(event.key),
    }


def _look(event: PastEvent, found: Found, one: Assignment) -> dict[str, Any]:
    begun, filter_ = one.began, one.offered.pointing.exposures[0].filter
    hours = np.array([(begun - event.t0).total_seconds() / 3600.0])
    mag = float(shine_of(found, 0.0).mags(band_of(filter_), hours)[0])
    return {
        "telescope": one.telescope,
        "visit": one.key[1],
        "start": iso(begun),
        "after_s": _after_s(event, begun),
        "filter": filter_,
        "limit_mag_ab": None if one.depth_mag_ab is None else round(one.depth_mag_ab, 2),
        "source_mag_ab": round(mag, 2),
    }


def _detected(found: Found, played: NightResult) -> Iterable[datetime]:
    """Yield mid-exposures of what was detected at the source's place."""
    there = unit_vectors(found.ra_deg, found.dec_deg)
    for stored in played.entries:
        fact = fact_of(stored.entry) if stored.entry.kind == "detections_stored" else None
        for one in fact.detections if isinstance(fact, DetectionsStored) else ():
            seen = one.detection
            if float(separation_deg(unit_vectors(seen.ra_deg, seen.dec_deg), there)) < SAME_PLACE_DEG:
                yield seen.mid_exposure


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(float(v), 1) for v in values]


def _after_s(event: PastEvent, when: datetime) -> float:
    return round((when - event.t0).total_seconds(), 1)
