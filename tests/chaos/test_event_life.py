"""An event's life on the real system: found, revised without news, retracted; and a second one beside it."""

import sys

import pytest
from builders.notices import a_map, a_notice
from builders.running import Running, poll

from coordinator.dispatch.facts import PointingMoved
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from telescopes.description.states import LIVE, PointingState

pytestmark = [pytest.mark.chaos, pytest.mark.ray, pytest.mark.slow]

FIRST, SECOND = "S260320aa", "S260320ab"
OFFERED, ACCEPTED = "pointing_offered", "pointing_accepted"
ASKED_BACK = "pointing_revocation_requested"


def test_an_event_is_searched_revised_and_retracted_beside_a_second_one(running: Running) -> None:
    first, second = f"lvk:{FIRST}", f"lvk:{SECOND}"
    start = running.hand_in("first.json", a_notice(FIRST, "PRELIMINARY", 0, a_map()))
    for telescope in {s.entry.telescope for s in offers(running, first, 1)}:
        running.first(start, ACCEPTED, event=first, telescope=telescope)

    same = running.hand_in("same.json", a_notice(FIRST, "UPDATE", 30, a_map()))
    running.first(same, "event_revised", event=first)
    went_on = running.first(same, OFFERED, "pointing_completed", event=first).seq
    # Clouds and follow-ups ask back for reasons of their own.
    superseded = [s for s in asked_back(running, same, first) if s.entry.body["reason"] == "superseded"]
    assert not [s for s in superseded if s.seq < went_on], "an update without new sky moved something"

    began = running.hand_in("second.json", a_notice(SECOND, "PRELIMINARY", 40, a_map(1)))
    running.first(began, ACCEPTED, event=second)

    poll("both events hold pointings", lambda: held(running, first) and held(running, second))
    ended = running.hand_in("retraction.json", a_notice(FIRST, "RETRACTION", 60, None))
    retracted = running.first(ended, "event_retracted", event=first)
    # The word of the event and the requests are two commits: telescopes speak between them.
    asking = running.first(retracted.seq, ASKED_BACK, event=first)
    poll("every stream has confirmed", lambda: not held(running, first))
    asked = {s.entry.subject for s in asked_back(running, retracted.seq, first)}
    print_figures(running, ended, asked)

    assert open_at(running, asking.seq, first) <= asked, "every open pointing is asked back"
    assert asked <= open_at(running, retracted.seq, first), "nothing else is asked back"
    assert not [s for s in running.read(retracted.seq) if s.entry.kind == OFFERED and s.entry.event == first]
    running.first(retracted.seq, "pointing_completed", event=second)
    row = next(e for e in running.status()["events"] if e["key"] == first)
    assert row["retracted"] and row["open_pointings"] == 0
    assert running.broken_laws() == []


def offers(running: Running, event: str, least: int) -> list[Stored]:
    """Wait for offers for an event."""

    def look() -> list[Stored] | None:
        found = [s for s in running.read() if s.entry.kind == OFFERED and s.entry.event == event]
        return found if len(found) >= least else None

    return poll(f"{least} offers for {event}", look)


def held(running: Running, event: str) -> list[str]:
    return [a.id for a in running.state().pointings.live(event=event)]


def asked_back(running: Running, after: int, event: str) -> list[Stored]:
    return [s for s in running.read(after) if s.entry.kind == ASKED_BACK and s.entry.event == event]


def open_at(running: Running, seq: int, event: str) -> set[str | None]:
    """Ids of the pointings of an event that were open when an entry was written."""
    found: dict[str | None, PointingState] = {}
    for stored in running.read():
        if stored.seq > seq or stored.entry.event != event:
            continue
        fact = fact_of(stored.entry)
        if stored.entry.kind == OFFERED:
            found[stored.entry.subject] = PointingState.OFFERED
        elif isinstance(fact, PointingMoved):
            found[fact.pointing_id] = fact.to
    return {i for i, state in found.items() if state in LIVE}


def print_figures(running: Running, ended: int, asked: set[str | None]) -> None:
    """Say how long it took; the journal knows."""
    entries = running.entries(ended - 1)
    zero = entries[0].recorded_at
    requests = [s for s in entries if s.entry.kind == ASKED_BACK and s.entry.subject in asked]
    moves = [s for s in entries if s.entry.subject in asked and isinstance(fact_of(s.entry), PointingMoved)]
    last = {s.entry.subject: s for s in moves}
    requested_s = (requests[-1].recorded_at - zero).total_seconds()
    confirmed_s = max((s.recorded_at - zero).total_seconds() for s in last.values())
    sys.stdout.write(
        f"retraction: requested everywhere after {requested_s:.2f} s, confirmed after {confirmed_s:.2f} s\n"
    )
