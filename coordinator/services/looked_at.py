"""The sky that a report says was really looked at, and whether somebody had looked there before."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from coordinator.dispatch.assignment import Assignment, moved
from coordinator.dispatch.book import Book, LookedAt
from coordinator.dispatch.facts import PointingMoved
from coordinator.dispatch.ownership import worth
from coordinator.planning.value import SkyValue
from coordinator.services.ports import PlannerPort
from coordinator.services.reports import Fact
from coordinator.services.state import ObservatoryState
from coordinator.sky.ranges import Ranges
from telescopes.description.footprint import Circle, Footprint
from telescopes.description.geometry import circumradius_deg
from telescopes.description.messages import PointingReport
from telescopes.description.states import LATE_TRUTH
from telescopes.description.telescope import Telescope

FAR_OFF_DEG = 1.0 / 60.0
"""Where a field's centre or corner lies further off than this, it is not the sky that was asked for."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a telescope looked, degrees; the position angle from north through east."""

    ra_deg: float
    dec_deg: float
    position_angle_deg: float


async def skies_of(
    reports: Sequence[PointingReport], book: Book, telescopes: Mapping[str, Telescope], planner: PlannerPort
) -> dict[str, Ranges]:
    """Return what was looked at, by report id, of every report that looked elsewhere than was asked."""
    skies: dict[str, Ranges] = {}
    for report in reports:
        mine = book.assignments.get(report.pointing_id)
        if mine is None or report.state not in LATE_TRUTH:
            continue
        footprint = telescopes[mine.telescope].instrument(mine.offered.pointing.instrument_id).footprint
        aim = elsewhere(mine, report, footprint)
        if aim is not None:
            skies[report.report_id] = await planner.ranges_of(
                footprint, aim.ra_deg, aim.dec_deg, aim.position_angle_deg
            )
    return skies


def elsewhere(mine: Assignment, report: PointingReport, footprint: Footprint) -> Aim | None:
    """Say where a telescope looked if that is not where it was asked to; None: it is, or the report does not say."""
    asked = mine.offered.pointing
    if report.actual_ra_deg is None or report.actual_dec_deg is None:
        return None
    said = report.actual_position_angle_deg
    angle_deg = asked.position_angle_deg if said is None else said
    off_deg = _apart_deg(asked.ra_deg, asked.dec_deg, report.actual_ra_deg, report.actual_dec_deg)
    turn = math.radians(angle_deg - asked.position_angle_deg) / 2.0
    swing_deg = 0.0 if isinstance(footprint, Circle) else 2.0 * circumradius_deg(footprint) * abs(math.sin(turn))
    if max(off_deg, swing_deg) <= FAR_OFF_DEG:
        return None
    return Aim(report.actual_ra_deg, report.actual_dec_deg, angle_deg)


def as_looked_at(
    facts: Iterable[Fact],
    state: ObservatoryState,
    skies: Mapping[str, Ranges],
    sky_of: Callable[[str], SkyValue | None],
) -> list[Fact]:
    """Add to moves the sky that was really looked at, and whether it was a repeat that nobody could know of.

    A telescope that comes back tells everything at once: each move is judged beside those before it.

    Parameters
    ----------
    facts : iterable of PointingMoved or PointingNoted
        In the order in which they count; what is only noted stays as it is.
    skies : mapping of str to Ranges
        Of `skies_of`.
    sky_of : callable
        Says what looks at an event's newest sky are worth; None: it is not known, so nothing is a repeat.
    """
    judged: list[Fact] = []
    told: dict[str, Assignment] = {}
    every = list(facts)
    for fact in every:
        if isinstance(fact, PointingMoved):
            mine = told.get(fact.pointing_id) or state.pointings.assignments[fact.pointing_id]
            judgement = _judged(fact, mine, state, told, skies, sky_of(mine.offered.pointing.event_id))
            if fact is not every[-1]:
                told[mine.id] = moved(mine, judgement, mine.since)
            fact = judgement
        judged.append(fact)
    return judged


def _judged(
    move: PointingMoved,
    mine: Assignment,
    state: ObservatoryState,
    told: Mapping[str, Assignment],
    skies: Mapping[str, Ranges],
    sky: SkyValue | None,
) -> PointingMoved:
    if move.to not in LATE_TRUTH or move.report is None:
        return move
    there = skies.get(move.report.report_id)
    if there is not None:
        move = replace(move, ranges=there.encode())
    event = state.events.get(mine.offered.pointing.event_id)
    newer_map = event is not None and event.revision != mine.offered.pointing.event_revision
    if not (move.late or newer_map or state.pointings.any_late or any(other.late for other in told.values())):
        return move
    begun = state.pointings.begun(*mine.key, besides=mine.id, told=told)
    # Also what was offered before somebody's late truth about the same sky came in, and could not be stopped any more.
    surprising = move.late or newer_map or any(other.late for other in begun)
    if not surprising or sky is None:
        return move
    others = [state.pointings.look(other) for other in begun]
    depth = moved(mine, move, mine.since).depth_mag_ab
    its = worth(LookedAt(state.pointings.ranges(mine) if there is None else there, depth), others, sky)
    return replace(move, late_repeat=its.is_repeat())


def _apart_deg(ra1_deg: float, dec1_deg: float, ra2_deg: float, dec2_deg: float) -> float:
    """Angular distance in degrees."""
    a, b = math.radians(dec1_deg), math.radians(dec2_deg)
    half_ra = math.radians(ra1_deg - ra2_deg) / 2
    h = math.sin((a - b) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(half_ra) ** 2
    return math.degrees(2 * math.asin(min(1.0, math.sqrt(h))))
