"""What a demonstration has to show: the contract armillary.demo/1, counted from the journal and what it names."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coordinator.demo.commands import all_commands_s, at_once, first_command_s
from coordinator.demo.stage import Stage
from coordinator.demo.witness import Witness
from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.book import Book
from coordinator.planning.document import iso
from coordinator.planning.recount import Pieces, Sight, best_value
from coordinator.planning.value import SkyValue
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from coordinator.store.blobs import FolderBlobs
from coordinator.vetting.facts import ScoredCandidate
from telescopes.description.geometry import separation_deg, unit_vectors
from telescopes.description.states import LATE_TRUTH, PointingState

SAME_PLACE_DEG = 5.0 / 3600.0


@dataclass(frozen=True, slots=True)
class Counts:
    """What only the telescopes' own memories know: detections that were sent."""

    detections_sent: int
    detections_stored: int


def summary_document(
    stage: Stage,
    witness: Witness,
    submitted: list[datetime],
    counts: Counts,
    *,
    state_hash: str,
    report: str,
    wall_s: float,
) -> dict[str, Any]:
    """Return armillary.demo/1."""
    book, curve = witness.state.pointings, ProbabilityCurve.of(stage.revisions[-1].sky)
    done = [a for a in book.assignments.values() if a.state in LATE_TRUTH]
    sites, record = {t.id: t for t in stage.cast.telescopes}, FolderBlobs(stage.state / "blobs").get_now
    injected = stage.injected
    dashboard = f"http://127.0.0.1:{stage.dashboard_port}/" if stage.options.dashboard else None
    return {
        "schema": "armillary.demo/1",
        "event": stage.event,
        "revisions": len(submitted),
        "telescopes": len(stage.cast.telescopes),
        "rate": stage.options.pace.rate,
        "alert_to_first_command_s": first_command_s(witness.offers, submitted[0]),
        "alert_to_all_commands_s": all_commands_s(at_once(witness, submitted, record, sites), witness.offers),
        "pointings_offered": len(witness.offers),
        "pointings_completed": sum(a.state is PointingState.COMPLETED for a in done),
        "probability_covered": round(curve.probability(Ranges.union_of(book.ranges(a) for a in done)), 6),
        "redundancy": redundancy(book, done, SkyValue.of(curve, witness.objective)),
        "duplicates": len(witness.recount.duplicates),
        "late_repeats": sum(a.late_repeat for a in done),
        "detections_sent": counts.detections_sent,
        "detections_stored": counts.detections_stored,
        "injected": {
            "ra_deg": injected.ra_deg,
            "dec_deg": injected.dec_deg,
            "distance_mpc": injected.distance_mpc,
            "mag_ab": injected.mag_ab,
            "brightened_mag": injected.brightened_mag,
            "reachable": injected.reachable,
        },
        "counterpart": counterpart(stage, witness),
        "pointings": [_row(a) for a in sorted(book.assignments.values(), key=lambda a: (a.busy_from, a.id))],
        "state_dir": str(stage.state),
        "state_hash": state_hash,
        "dashboard_url": dashboard,
        "report": report,
        "wall_s": round(wall_s, 1),
    }


def redundancy(book: Book, done: list[Assignment], sky: SkyValue) -> float:
    """Sum of what the looks were worth each by itself over what they were worth together, minus 1; within each visit.

    It counts what the search made most of, each look by how faint it saw.
    """
    sights: dict[str, list[Sight]] = {}
    for one in done:
        depth = sky.depth(one.depth_mag_ab)
        sights.setdefault(one.offered.pointing.visit, []).append(Sight(book.ranges(one), depth))
    total = sum(sky.value(s.ranges, s.depth) for mine in sights.values() for s in mine)
    together = sum(best_value(Pieces.of(mine, sky), range(len(mine))) for mine in sights.values())
    return round(total / together - 1.0, 6) if together > 0 else 0.0


def counterpart(stage: Stage, witness: Witness) -> dict[str, Any]:
    """Say whether the injected source is among the candidates, at which rank, and since when it was first."""
    scored = witness.state.candidates.get(stage.event)
    for rank, candidate in enumerate(scored.candidates if scored else (), start=1):
        if is_injected(stage, candidate):
            return {
                "found": True,
                "rank": rank,
                "probability": candidate.probability,
                "after_s": _first_found_s(stage, witness),
            }
    return {"found": False, "rank": None, "probability": None, "after_s": None}


def is_injected(stage: Stage, candidate: ScoredCandidate) -> bool:
    """Say whether a candidate stands where the source was put."""
    here = unit_vectors(candidate.ra_deg, candidate.dec_deg)
    there = unit_vectors(stage.injected.ra_deg, stage.injected.dec_deg)
    return float(separation_deg(here, there)) < SAME_PLACE_DEG


def _first_found_s(stage: Stage, witness: Witness) -> float | None:
    """Sky seconds after T0 when it was ranked first and stayed so."""
    t0 = stage.revisions[-1].sky.facts.t0
    since = None
    for at, scored in witness.scored:
        leads = bool(scored.candidates) and is_injected(stage, scored.candidates[0])
        since = (since or at) if leads else None
    return None if since is None or t0 is None else round((since - t0).total_seconds(), 1)


def _row(one: Assignment) -> dict[str, Any]:
    asked = one.offered.pointing
    start, end = one.began, one.actual_end or one.offered.planned_end
    angle = one.actual_position_angle_deg
    return {
        "id": one.id,
        "telescope": one.telescope,
        "instrument": asked.instrument_id,
        "ra_deg": asked.ra_deg if one.actual_ra_deg is None else one.actual_ra_deg,
        "dec_deg": asked.dec_deg if one.actual_dec_deg is None else one.actual_dec_deg,
        "position_angle_deg": asked.position_angle_deg if angle is None else angle,
        "start": iso(start),
        "end": iso(end),
        "filter": asked.exposures[0].filter,
        "visit": asked.visit,
        "revision": asked.event_revision,
        "state": one.state.value,
        "late": one.late,
    }
