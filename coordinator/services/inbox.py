"""What waits for a person, by kind: what keeps a search from beginning first; what needs nobody is not in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import quote

from coordinator.events.rules import Action
from coordinator.services.state import ObservatoryState
from coordinator.vetting.people import standing
from telescopes.description.states import PointingState

About = Literal["event", "coincidence", "pointing", "candidate", "telescope", "quarantine", "shift"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that somebody must decide or see to.

    Attributes
    ----------
    says : str
        What waits, in a sentence.
    since : datetime or None
        Since when, sky time; None: unknown.
    see : str
        Where it is shown.
    act : tuple of str or None
        What may be done at once: what it is about, the act, the subject, and what the link says.
    telescope : str or None
        Whose it is; None: the coordinators'.
    event : str or None
        The event that it belongs to; None: none.
    """

    about: About
    subject: str
    says: str
    since: datetime | None
    see: str
    act: tuple[str, str, str, str] | None = None
    telescope: str | None = None
    event: str | None = None


def inbox(state: ObservatoryState) -> list[Waiting]:
    """Return what waits for a person: events, coincidences, offers and looks that want a word, what was found."""
    parts = (_events, _coincidences, _offers, _looks, _found, _lost, _quarantine, _shift)
    return [one for part in parts for one in part(state)]


def _events(state: ObservatoryState) -> Iterator[Waiting]:
    """Events that the rules do not search before somebody says so."""
    for event in state.open_events():
        made = state.decisions.get(event.key)
        if made is not None and made.action is Action.ASK and event.closed is None:
            says = f"{event.name} waits for go or stop: {made.because}"
            go = ("event", "go", event.key, "go")
            yield Waiting(
                "event", event.key, says, event.t_issued, f"/?event={quote(event.key, safe='')}", go, event=event.key
            )


def _coincidences(state: ObservatoryState) -> Iterator[Waiting]:
    """Events that meet in time and cannot be searched as one; any word of a person on one of them is an answer."""
    for lead, since in sorted(state.to_look_at.items()):
        fact = state.coincidences[lead]
        says = f"{fact.name} and what is near it in time want a look: {fact.because}"
        see = f"/events/{quote(lead, safe='')}#h-correlations"
        looked = ("event", "comment", lead, "say what you see")
        yield Waiting("coincidence", lead, says, since, see, looked, event=lead)


def _offers(state: ObservatoryState) -> Iterator[Waiting]:
    """Offers that a site takes with a person's yes alone."""
    for one in state.pointings.live():
        if one.state is PointingState.OFFERED and one.offered.pointing.require_human_approval:
            says = f"{one.telescope} waits for a yes to {one.id}, which starts {one.busy_from:%H:%M:%S} UTC"
            yes = ("pointing", "approve", one.id, "say yes")
            see = f"/telescopes/{quote(one.telescope, safe='')}"
            yield Waiting("pointing", one.id, says, one.since, see, yes, one.telescope, one.key[0])


def _looks(state: ObservatoryState) -> Iterator[Waiting]:
    """Further looks at candidates that are asked for once somebody agrees."""
    for visit, asked in sorted(state.follow_ups.items()):
        if asked.wants_yes:
            says = f"another look at {asked.candidate} waits for a yes: {asked.because}"
            yes = ("pointing", "approve", visit, "say yes")
            yield Waiting("candidate", visit, says, None, _page(asked.event, asked.candidate), yes, event=asked.event)


def _found(state: ObservatoryState) -> Iterator[Waiting]:
    """Promising candidates that nobody has marked; a comment decides nothing, nor does a mark that was taken back."""
    for event in state.open_events():
        scored = state.candidates.get(event.key)
        words = state.candidate_words.get(event.key, ())
        for one in () if scored is None else scored.candidates:
            if one.verdict == "promising" and standing(w for w in words if w.candidate == one.id) is None:
                says = f"{one.id} of {event.name} may be the counterpart: probability {one.probability:.2g}"
                yield Waiting("candidate", one.id, says, None, _page(event.key, one.id), event=event.key)


def _lost(state: ObservatoryState) -> Iterator[Waiting]:
    """Telescopes that have work and do not answer."""
    for id, mine in sorted(state.telescopes.items()):
        held = sum(1 for _ in state.pointings.live(telescope=id))
        if mine.link != "up" and held:
            says = f"{id} does not answer and holds {held} pointings"
            yield Waiting("telescope", id, says, mine.since, f"/telescopes/{quote(id, safe='')}", telescope=id)


def _quarantine(state: ObservatoryState) -> Iterator[Waiting]:
    kept = [one for one in state.quarantine.values() if not one.waits]
    if kept:
        says = (
            f"{len(kept)} messages that nobody has understood; the last from {kept[-1].source or 'an unknown source'}"
        )
        yield Waiting("quarantine", "quarantine", says, None, "/quarantine")


def _shift(state: ObservatoryState) -> Iterator[Waiting]:
    """A shift that is handed over and not taken, or that nobody has; where nobody ever took one, none is missed."""
    shift, take = state.shift, ("shift", "take-over", "shift", "take over")
    if shift is None:
        return
    if shift.person is None:
        yield Waiting("shift", "nobody", "nobody is on duty", None, "/shift", take)
    elif shift.successor is not None:
        says = f"{shift.person} hands the shift to {shift.successor}, who has not taken over"
        yield Waiting("shift", shift.successor, says, None, "/shift", take)


def _page(event: str, candidate: str) -> str:
    return f"/events/{quote(event, safe='')}/candidates/{quote(candidate, safe='')}"
