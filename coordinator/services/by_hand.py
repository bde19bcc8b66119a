"""Pointings that people ask a telescope for: what they leave out, whether it can be done, what is open (pure).

The plan gives them a time, before every search and every look at a candidate that a machine asked for, and the
telescope's own limits and people still stand above them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from coordinator.dispatch.asked_for import AskedFor, asked_for_of
from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import OperatorActed
from coordinator.dispatch.ownership import FOLLOW_UP, LEAST_SHARE
from coordinator.events.event import Event
from coordinator.events.policy import may_search
from coordinator.planning.by_hand import work_by_hand
from coordinator.planning.desk import Desk
from coordinator.planning.follow_up import soonest_s
from coordinator.planning.idle import no_part
from coordinator.planning.nights import almanac_over
from coordinator.planning.request import LOOKED_AGAIN_PRIORITY, ByHand, EventToPlan, FollowUpTarget, TelescopeToPlan
from coordinator.planning.timetable import Timetable, Work
from coordinator.planning.within_limits import within_limits
from coordinator.services.state import ObservatoryState
from coordinator.services.yielding import SPARED
from coordinator.sky.ranges import Ranges
from telescopes.description.bounds import LONGEST_EXPOSURE_S, MOST_EXPOSURES
from telescopes.description.ephemeris import directions, unix_s
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope

A_DAY, LONGEST = timedelta(days=1), timedelta(days=7)
AFTER_S = 7200.0
NAMED = 3
"""So many of those in the way are named."""


def completed(
    action: OperatorActed, state: ObservatoryState, telescopes: Mapping[str, Telescope], now: datetime
) -> OperatorActed:
    """Fill in what was left out: the candidate's place, the site's own filter and exposures, a day from now.

    Raises
    ------
    Refused
        Something is not known, or is none that this telescope can do at any time.
    """
    telescope = telescopes.get(action.subject)
    if telescope is None:
        raise Refused("is not known here", where=action.subject, mend="see `armillary status`", reason="NOT_FOUND")
    said, observing = action.details, telescope.observing
    ra_deg, dec_deg = _place(said, state)
    own = (*observing.filters, *(f for i in telescope.instruments for f in i.filters))
    start = datetime.fromisoformat(said["start"]) if "start" in said else now
    end = datetime.fromisoformat(said["end"]) if "end" in said else max(start, now) + A_DAY
    details = {
        "ra_deg": repr(ra_deg),
        "dec_deg": repr(dec_deg),
        "filter": next(iter(own), ""),
        "exposure_s": repr(observing.exposure_s),
        "count": str(observing.count),
        "start": start.isoformat(),
        "end": end.isoformat(),
    }
    _require_sane(details | said, telescope, start, end, now)
    return replace(action, details=details | said)  # what was said stays as it was said: it may be sent again


def _place(said: Mapping[str, str], state: ObservatoryState) -> tuple[float, float]:
    if ("ra_deg" in said) != ("dec_deg" in said):
        raise Refused("is half a place", where="ra_deg, dec_deg", mend="give both, or a candidate alone")
    if "ra_deg" in said:
        ra_deg, dec_deg = float(said["ra_deg"]), float(said["dec_deg"])
        if not (0.0 <= ra_deg <= 360.0 and -90.0 <= dec_deg <= 90.0):
            mend = "give ra_deg within 0 and 360, dec_deg within -90 and 90"
            raise Refused(f"{ra_deg:g}, {dec_deg:g} is no place on the sky", where="ra_deg, dec_deg", mend=mend)
        return ra_deg, dec_deg
    scored, wanted = state.candidates.get(said.get("event", "")), said.get("candidate", "")
    found = next((c for c in (() if scored is None else scored.candidates) if c.id == wanted), None)
    if found is None:
        mend = "give ra_deg and dec_deg in degrees, or one of the event's best candidates"
        raise Refused(
            f"{wanted!r} is no place that is known here" if wanted else "has no place", where="place", mend=mend
        )
    return found.ra_deg, found.dec_deg


def _require_sane(
    details: Mapping[str, str], telescope: Telescope, start: datetime, end: datetime, now: datetime
) -> None:
    filters = sorted({f for i in telescope.instruments for f in i.filters})
    if details["filter"] not in filters:
        what = f"{telescope.id} has no filter {details['filter']!r}"
        raise Refused(what, where="filter", mend=f"ask for one of {', '.join(filters) or 'none: its file names none'}")
    if not 0.0 < float(details["exposure_s"]) <= LONGEST_EXPOSURE_S:
        mend = f"give seconds, up to {LONGEST_EXPOSURE_S:g}"
        raise Refused(f"{details['exposure_s']} s is no exposure", where="exposure_s", mend=mend)
    if not 1 <= int(details["count"]) <= MOST_EXPOSURES:
        raise Refused(f"{details['count']} exposures", where="count", mend=f"give 1 to {MOST_EXPOSURES}")
    if not now < end <= start + LONGEST or end <= start:
        mend = f"give a window that ends after now ({now:%Y-%m-%dT%H:%MZ}), and within {LONGEST.days} days of its begin"
        raise Refused("ends before it begins, is over, or is too long", where="start, end", mend=mend)


@dataclass(frozen=True, slots=True)
class Chance:
    """What decides whether a pointing can be made.

    Attributes
    ----------
    asked : AskedFor
        The pointing.
    sky : Ranges
        What its field covers.
    to_plan : TelescopeToPlan
        The telescope and what of its time cannot be given back.
    """

    asked: AskedFor
    sky: Ranges
    to_plan: TelescopeToPlan


def asked_in(action: OperatorActed) -> AskedFor:
    """Read what a completed decision asks for."""
    because = f"{action.reason} ({action.operator})"
    return asked_for_of(action.action_id, action.subject, action.details, because)


def require_possible(chance: Chance, state: ObservatoryState, searched: Sequence[Event], slack_s: float) -> None:
    """Refuse what cannot be done, and say why: the rules, people, the limits, the telescope's time, the sky's owner.

    Raises
    ------
    Refused
        It cannot be done in its window; or half of its sky is somebody's, and it was not asked for all the same.
    """
    asked, telescope = chance.asked, chance.to_plan.telescope
    event = next((e for e in searched if e.key == searched_key(state, asked.event)), None)
    if event is None:
        raise Refused("is not searched now", where=asked.event, mend="let it be searched first (go), or approve it")
    forbidden = may_search(event, telescope.policy.accepts)
    mine = state.telescope(telescope.id)
    if forbidden is None and mine.paused_because is not None:
        forbidden = f"is paused: {mine.paused_because}"
    if forbidden is None and event.key in mine.vetoed:
        forbidden = f"is kept from it: {mine.vetoed[event.key]}"
    limits = state.limits_on(event.key)
    if forbidden is None and telescope.id in limits.without:
        forbidden = f"is left out of its search: {limits.because}"
    if forbidden is not None:
        raise Refused(forbidden, where=f"{telescope.id} for {event.key}", mend="mend that first, or ask another one")
    _require_time(chance, event, state, slack_s)
    if not asked.anyway:
        _require_free_sky(chance, event, state)


def _require_time(chance: Chance, event: Event, state: ObservatoryState, slack_s: float) -> None:
    target, to_plan, asked = target_of(state, chance.asked), chance.to_plan, chance.asked
    work = None if target.by_hand is None else work_by_hand(target.by_hand, to_plan.telescope)
    vector, empty = directions([asked.ra_deg], [asked.dec_deg]), replace(to_plan, busy=())
    if work is None or soonest_s(_timetable(to_plan, asked), work, target, vector, slack_s) is not None:
        return
    if soonest_s(_timetable(empty, asked), work, target, vector, slack_s) is not None:
        held = ", ".join(f"{a.id} of {a.key[0]}" for a in _in_the_way(state, asked)[:NAMED])
        mend = "veto that first, or give a longer window"
        raise Refused(f"its time is taken: {held}", where=asked.telescope, mend=mend)
    because = _out_of_reach(_timetable(empty, asked), work, event, asked, slack_s)
    raise Refused(because, where=asked.telescope, mend="give another window or filter, or ask another telescope")


def _timetable(to_plan: TelescopeToPlan, asked: AskedFor) -> Timetable:
    start_s, end_s = unix_s(asked.start), unix_s(asked.end)
    return Timetable.of(to_plan, start_s, end_s, almanac_over(start_s, end_s + AFTER_S))


def _out_of_reach(timetable: Timetable, work: Work, event: Event, asked: AskedFor, slack_s: float) -> str:
    """Name the limit that keeps the place away for the whole window."""
    to_plan = EventToPlan(event.key, event.revision, event.skymap_sha256 or "", event.t0, purpose=str(event.purpose))
    because = no_part(timetable, to_plan, work, (work.filter,))
    if because is not None:
        return because
    footprint = timetable.telescope.instrument(work.instrument).footprint
    seen = within_limits(Desk.of(timetable, work, footprint, slack_s), asked.ra_deg, asked.dec_deg)
    if seen.highest_deg is None:
        return seen.said
    return f"{seen.said}, which is too short for {work.duration_s:.0f} s, or its night is full"


def _in_the_way(state: ObservatoryState, asked: AskedFor) -> list[Assignment]:
    live = state.pointings.live(telescope=asked.telescope)
    return [a for a in live if a.busy_from < asked.end and asked.start < a.busy_until and a.revocation is None]


def _require_free_sky(chance: Chance, event: Event, state: ObservatoryState) -> None:
    book, sky = state.pointings, chance.sky
    keys = {event.key, chance.asked.event, *(() if event.coincidence is None else event.coincidence.members)}
    mine = (a for key in sorted(keys) for a in book.of_event(key))
    owners = [a for a in mine if a.observed or (a.live and a.revocation is None)]
    near = [(a, sky.intersection(book.ranges(a))) for a in owners]
    left = sky.minus(Ranges.union_of(part for _, part in near))
    if left.area_deg2 >= LEAST_SHARE * sky.area_deg2:
        return
    by_share = sorted(((a, part) for a, part in near if part.pixels), key=lambda o: (-o[1].pixels, o[0].id))
    names = ", ".join(f"{a.telescope} ({a.id}, {a.state})" for a, _ in by_share[:NAMED])
    mend = "look elsewhere, or say that you want it all the same (anyway)"
    raise Refused(f"more than half of its sky is somebody's already: {names}", where=chance.asked.telescope, mend=mend)


def gives_way(state: ObservatoryState, telescope: str, event: str, now: datetime) -> frozenset[str]:
    """Say what of a telescope's pointings makes room for one that is asked for by hand: lower, and not begun."""
    level = priority_of(state, searched_key(state, event))
    ranks = {key: made.priority for key, made in state.decisions.items()}
    return frozenset(
        a.id
        for a in state.pointings.live(telescope=telescope)
        if not a.started
        and not a.key[1].startswith(FOLLOW_UP)
        and a.busy_from >= now + SPARED
        and ranks.get(a.key[0], 0) < level
    )


def searched_key(state: ObservatoryState, key: str) -> str:
    """Return the event under which another's places are looked at: its lead's, where it is searched with others."""
    event = state.events.get(key)
    return key if event is None else event.searched_as or key


def priority_of(state: ObservatoryState, event: str) -> int:
    """Say how high a person's wish stands: above its event's search and above what machines ask for."""
    made = state.decisions.get(event)
    return max(LOOKED_AGAIN_PRIORITY + 1, 0 if made is None else made.priority + 2)


def every_asked_for(state: ObservatoryState, events: Iterable[Event], now: datetime) -> Iterator[AskedFor]:
    """Yield what was asked for by hand of these events and has not run out, by telescope."""
    searched = {e.key for e in events}
    for _, mine in sorted(state.telescopes.items()):
        yield from (a for a in mine.asked_for if a.end > now and searched_key(state, a.event) in searched)


def target_of(state: ObservatoryState, asked: AskedFor) -> FollowUpTarget:
    """Put what was asked for in the planner's words."""
    key = searched_key(state, asked.event)
    return FollowUpTarget(
        event=key,
        event_revision=state.events[key].revision,
        candidate=asked.candidate,
        ra_deg=asked.ra_deg,
        dec_deg=asked.dec_deg,
        visit=asked.visit,
        filters=(asked.filter,),
        not_before=asked.start,
        priority=priority_of(state, key),
        by_hand=ByHand(
            asked.telescope,
            asked.filter,
            asked.exposure_s,
            asked.count,
            asked.end,
            f"asked for by hand: {asked.because}",
        ),
    )
