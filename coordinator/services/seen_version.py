"""What somebody saw of the thing they decide about: a decision on old news is refused, and says what changed (pure)."""

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import OperatorActed
from coordinator.services.candidate_words import ABOUT_CANDIDATES, is_by_hand
from coordinator.services.shift import ABOUT_SHIFTS, shift_version
from coordinator.services.state import ObservatoryState
from coordinator.services.telescope_acts import ABOUT_TELESCOPES
from coordinator.services.telescope_state import TelescopeState
from coordinator.vetting.people import standing
from telescopes.description.errors import Refused

SEEN = "expected_version"
"""Under this name `OperatorActed.details` holds the version that the person saw; left out: they did not look."""

STALE = "STALE"


def telescope_version(mine: TelescopeState) -> str:
    """Say what people have decided about a telescope; weather and link are not theirs."""
    said = [f"paused: {mine.paused_because}" if mine.paused_because is not None else "free"]
    said += [f"{c.reason} {c.start:%Y-%m-%dT%H:%MZ} to {c.end:%Y-%m-%dT%H:%MZ}" for c in mine.closings]
    said += [f"without {event}" for event in sorted(mine.vetoed_here)]
    said += [f"asked for {one.says} ({one.id})" for one in mine.asked_for]
    return ", ".join(said)


def pointing_version(one: Assignment) -> str:
    """Say where a pointing stands."""
    asked_back = "" if one.revocation is None else f", asked back: {one.revocation}"
    return f"{one.state}, offer {one.offered.pointing.revision}{asked_back}"


def event_version(state: ObservatoryState, key: str) -> str:
    """Say what an event is, and what is done with it."""
    event, made = state.events[key], state.decisions.get(key)
    end = ", retracted" if event.retracted else "" if event.closed is None else f", closed: {event.closed}"
    limits = state.limits_on(key).says
    only = f", {limits}" if limits else ""
    return f"revision {event.revision}, {'not decided' if made is None else f'{made.action} ({made.rule})'}{only}{end}"


def candidate_version(state: ObservatoryState, event: str, candidate: str) -> str:
    """Say what people called a candidate."""
    mark = standing(w for w in state.candidate_words.get(event, ()) if w.candidate == candidate)
    said = "not marked" if mark is None else f"{mark.says} by {mark.operator} at {mark.at:%Y-%m-%dT%H:%M:%SZ}"
    looks = sum(is_by_hand(wanted, event, candidate) for wanted in state.follow_ups.values())
    return f"{said}, looks asked for by hand: {looks}" if looks else said


def version_of(action: OperatorActed, state: ObservatoryState) -> str | None:
    """Return the version of what a decision is about; None: it is about nothing that is known."""
    if action.action in ABOUT_TELESCOPES:
        return telescope_version(state.telescope(action.subject))
    if action.action in ABOUT_SHIFTS:
        return shift_version(state.shift)
    if action.action in ABOUT_CANDIDATES:
        return candidate_version(state, action.details.get("event", ""), action.subject)
    if action.subject in state.pointings.assignments:
        return pointing_version(state.pointings.assignments[action.subject])
    if action.subject in state.follow_ups:
        return "waits for a yes" if state.follow_ups[action.subject].wants_yes else "has its yes"
    return event_version(state, action.subject) if action.subject in state.events else None


def require_seen(action: OperatorActed, state: ObservatoryState) -> None:
    """Refuse what was decided before something about its subject changed.

    Raises
    ------
    Refused
        The version that the person saw holds no more; reason ``STALE``.
    """
    seen = action.details.get(SEEN)
    now = None if seen is None else version_of(action, state)
    if now is not None and now != seen:
        mend = "look again, and decide anew"
        raise Refused(
            f"has changed: you saw “{seen}”, now it is “{now}”", where=action.subject, mend=mend, reason=STALE
        )
