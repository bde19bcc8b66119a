"""What really happened at the sites, held against the journal and against what may happen at all.

The laws of `coordinator.simulation.laws` look at the journal alone; here the witnesses of the telescopes speak too.
What a rule says is worked out here anew, not asked of the rules that keep it.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coordinator.dispatch.facts import PointingMoved, PointingNoted, PointingOffered
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from coordinator.simulation.witness import Shot, Slew, Witnessed
from telescopes.description.messages import Pointing, PointingReport
from telescopes.description.states import PointingState, may_move
from telescopes.description.telescope import Site, Telescope

S = PointingState
ROUNDED = timedelta(milliseconds=1)
ROUGH_DEG = 0.3
"""More than the simple formula for altitudes here is wrong by."""


@dataclass(frozen=True, slots=True)
class Lost:
    """An agent ended at this instant: what its camera gave in the same instant nobody could keep."""

    telescope: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """A journal and what was witnessed beside it.

    Attributes
    ----------
    clock_error : timedelta
        How wrong a site's clock may be, at most, where windows are held against the true time.
    ended : mapping of str to datetime
        When the agent made the end of a pointing durable, by the true time.
    lost : tuple of Lost
        When agents ended.
    """

    entries: tuple[Stored, ...]
    seen: Witnessed
    telescopes: Mapping[str, Telescope]
    ended: Mapping[str, datetime] = field(default_factory=dict)
    lost: tuple[Lost, ...] = ()
    clock_error: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Told:
    """One report, and when the journal had it."""

    report: PointingReport
    at: datetime


def untrue(happened: Happened) -> Iterator[str]:
    """Yield a sentence for everything that happened and may not have, or is not in the journal as it happened."""
    offered = {p.pointing_id: p for p in _offers(happened.entries)}
    told = [_told(s) for s in happened.entries]
    reports = [t for t in told if t is not None]
    yield from _not_once(happened, reports)
    yield from _beside_the_table(reports)
    yield from _out_of_time(happened, offered, reports)
    yield from _beyond_limits(happened)


def _offers(entries: Iterable[Stored]) -> Iterator[Pointing]:
    for stored in entries:
        fact = fact_of(stored.entry) if stored.entry.kind == "pointing_offered" else None
        if isinstance(fact, PointingOffered):
            yield fact.pointing


def _told(stored: Stored) -> Told | None:
    if not stored.entry.kind.startswith("pointing_"):
        return None
    fact = fact_of(stored.entry)
    if isinstance(fact, PointingMoved | PointingNoted) and fact.report is not None:
        return Told(fact.report, stored.entry.sky_time)
    return None


def _not_once(happened: Happened, told: list[Told]) -> Iterator[str]:
    """Every exposure that happened is in the journal once, and nothing else is."""
    twice = [name for name, n in Counter(t.report.report_id for t in told).items() if n > 1]
    yield from (f"report {name} is in the journal twice" for name in twice)
    known: dict[tuple[str, int], set[datetime]] = {}
    for one in told:
        listed = Counter(e.exposure_index for e in one.report.exposures)
        yield from (
            f"{one.report.pointing_id} reports exposure {index} {n} times" for index, n in listed.items() if n > 1
        )
        for taken in one.report.exposures:
            known.setdefault((one.report.pointing_id, taken.exposure_index), set()).add(taken.start)
    for (name, index), starts in known.items():
        if len(starts) > 1:
            yield f"{name} has {len(starts)} exposures {index} in the journal"
    lost = {(one.telescope, one.at) for one in happened.lost}
    kept = {(name, index, start) for (name, index), starts in known.items() for start in starts}
    frames = {_key(shot) for shot in happened.seen.frames}
    excused = {_key(shot) for shot in happened.seen.frames if _ended_with_its_agent(shot, lost)}
    for name, index, start in sorted(frames - excused - kept):
        yield f"exposure {index} of {name} at {start:%H:%M:%S} happened and is not in the journal"
    for name, index, start in sorted(kept - frames):
        yield f"exposure {index} of {name} at {start:%H:%M:%S} is in the journal and never happened"


def _key(shot: Shot) -> tuple[str, int, datetime]:
    assert shot.frame is not None
    return shot.spec.pointing_id, shot.spec.exposure_index, shot.frame.start


def _ended_with_its_agent(shot: Shot, lost: set[tuple[str, datetime]]) -> bool:
    return any(t == shot.telescope and timedelta() <= at - shot.ended < ROUNDED for t, at in lost)


def _beside_the_table(told: list[Told]) -> Iterator[str]:
    """What an agent says of a pointing, in its own order, follows the table of states."""
    by_pointing: dict[str, list[PointingReport]] = {}
    for one in told:
        by_pointing.setdefault(one.report.pointing_id, []).append(one.report)
    for name, reports in by_pointing.items():
        state = S.OFFERED
        for report in sorted(reports, key=lambda r: r.agent_seq):
            if not may_move(state, report.state):
                yield f"the agent says that {name} went from {state} to {report.state}"
            state = report.state


def _out_of_time(happened: Happened, offered: Mapping[str, Pointing], told: list[Told]) -> Iterator[str]:
    """Nothing moves for what was not agreed, has ended or has its window closed; nothing is exposed outside it."""
    agreed: dict[str, datetime] = {}
    for one in told:
        if one.report.state is S.ACCEPTED:
            agreed.setdefault(one.report.pointing_id, one.at)
    places = {(p.telescope_id, p.ra_deg, p.dec_deg): p for p in offered.values()}
    for slew in happened.seen.slews:
        pointing = places.get((slew.telescope, slew.ra_deg, slew.dec_deg))
        if pointing is None:
            yield f"{slew.telescope} moved to {slew.ra_deg}, {slew.dec_deg}, which nobody asked for"
        else:
            yield from _moved_too_late(happened, slew, pointing, agreed.get(pointing.pointing_id))
    for shot in happened.seen.frames:
        yield from _exposed_outside(happened, shot, offered.get(shot.spec.pointing_id))


def _moved_too_late(happened: Happened, slew: Slew, pointing: Pointing, agreed: datetime | None) -> Iterator[str]:
    name, ended = pointing.pointing_id, happened.ended.get(pointing.pointing_id)
    if agreed is None or agreed > slew.began:
        yield f"{slew.telescope} moved for {name} at {slew.began:%H:%M:%S}, which was not agreed"
    if slew.began > pointing.window_end + happened.clock_error + ROUNDED:
        yield f"{slew.telescope} moved for {name} after its window"
    if ended is not None and slew.began > ended:
        yield f"{slew.telescope} moved for {name} after it had ended"


def _exposed_outside(happened: Happened, shot: Shot, asked: Pointing | None) -> Iterator[str]:
    if asked is None:
        yield f"{shot.telescope} exposed for {shot.spec.pointing_id}, which nobody asked for"
        return
    error = happened.clock_error + ROUNDED
    if _open_end(shot) > asked.window_end + error or shot.began < asked.window_start - error:
        yield f"{shot.telescope} exposed for {asked.pointing_id} outside its window"


def _open_end(shot: Shot) -> datetime:
    return shot.began + timedelta(seconds=shot.spec.exposure_s)


def _beyond_limits(happened: Happened) -> Iterator[str]:
    """No shutter opens where the site does not look."""
    for shot in happened.seen.shots:
        telescope = happened.telescopes[shot.telescope]
        lowest = telescope.limits.min_altitude_deg
        for when in (shot.began, shot.ended):
            height = altitude_deg(telescope.site, shot.target.ra_deg, shot.target.dec_deg, when)
            if height < lowest - ROUGH_DEG:
                yield f"{shot.telescope} looked {height:.1f} deg high for {shot.spec.pointing_id}, below {lowest}"
    for slew in happened.seen.slews:
        telescope = happened.telescopes[slew.telescope]
        height = altitude_deg(telescope.site, slew.ra_deg, slew.dec_deg, slew.began)
        if height < telescope.limits.min_altitude_deg - ROUGH_DEG:
            yield f"{slew.telescope} moved to {height:.1f} deg high, below {telescope.limits.min_altitude_deg}"


def altitude_deg(site: Site, ra_deg: float, dec_deg: float, when: datetime) -> float:
    """Work out the altitude from vectors: the zenith's direction against the field's, without refraction."""
    days = (when.timestamp() - 946728000.0) / 86400.0
    sidereal = math.radians(280.46061837 + 360.98564736629 * days + site.longitude_deg)
    latitude, ra, dec = (math.radians(v) for v in (site.latitude_deg, ra_deg, dec_deg))
    zenith = (
        math.cos(latitude) * math.cos(sidereal),
        math.cos(latitude) * math.sin(sidereal),
        math.sin(latitude),
    )
    field = (math.cos(dec) * math.cos(ra), math.cos(dec) * math.sin(ra), math.sin(dec))
    return math.degrees(math.asin(max(-1.0, min(1.0, sum(a * b for a, b in zip(zenith, field, strict=True))))))
