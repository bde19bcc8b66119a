"""The law checker sees each law that a journal breaks, and nothing where none is broken."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from builders.dispatch import START, a_curve, a_planned, a_report, a_telescope, an_alert, cells

from coordinator.alerts.alert import Phase, Purpose
from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import PointingMoved, PointingOffered, RevocationRequested
from coordinator.dispatch.offers import OfferRules, due
from coordinator.events.event import Event
from coordinator.events.fold import EventBook
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.value import SkyValue
from coordinator.services.facts import entry_of
from coordinator.services.journal import Entry, Stored
from coordinator.simulation.laws import broken_laws
from telescopes.description.states import PointingState as S
from telescopes.description.states import Reason
from telescopes.description.telescope import SitePolicy, Telescope, Timing

FLAT = a_curve([1.0] * 12)
WORTH = {"lvk:S1": SkyValue.of(FLAT, "auto")}
SLOW = replace(a_telescope("tel-a"), timing=Timing(slew_rate_deg_s=0.5, settle_s=3.0, filter_change_s=20.0))
ELECTED = Entry("writer_elected", {"role": "scheduler", "epoch": 1}, sky_time=START)


def an_event(**changes: object) -> Event:
    book = EventBook()
    book.add(replace(an_alert(), **changes))  # type: ignore[arg-type]
    return book.events["lvk:S1"]


def revised(event: Event, after_s: float = 0.0) -> Entry:
    kind = "event_retracted" if event.retracted else "event_revised"
    return entry_of(kind, event, sky_time=START + timedelta(seconds=after_s), event=event.key)


def an_offer(planned: PlannedPointing) -> PointingOffered:
    """Offer a pointing whatever else is held."""
    made = due(
        [planned],
        "plan-1",
        Book(),
        {"lvk:S1": SkyValue.of(FLAT, "auto")},
        {"tel-a": a_telescope("tel-a")},
        START,
        OfferRules(),
    )
    return made.offers[0]


def offered(name: str, start_s: float, first: int, ra_deg: float = 10.0) -> Entry:
    offer = an_offer(replace(a_planned(name, "tel-a", start_s, cells(first, first)), ra_deg=ra_deg))
    return entry_of("pointing_offered", offer, sky_time=START, telescope="tel-a", subject=name)


def moved(name: str, to: S, number: int, after_s: float, kind: str) -> Entry:
    fact = PointingMoved(name, to, report=a_report(name, to, number))
    return entry_of(kind, fact, sky_time=START + timedelta(seconds=after_s), telescope="tel-a", subject=name)


def asked_back(name: str, abort: bool, after_s: float) -> Entry:
    fact = RevocationRequested(name, 1, Reason.RETRACTED, abort, 2)
    at = START + timedelta(seconds=after_s)
    return entry_of("pointing_revocation_requested", fact, sky_time=at, telescope="tel-a", subject=name)


def stored(entries: Iterable[Entry]) -> list[Stored]:
    """Let the first scheduler write them all."""
    return [Stored(n, START, "scheduler", 1, e) for n, e in enumerate([ELECTED, *entries], start=1)]


def broken(journal: Iterable[Stored], telescope: Telescope = SLOW) -> list[str]:
    return list(broken_laws(journal, {"sky-1": FLAT}.__getitem__, {telescope.id: telescope}))


def test_a_night_that_keeps_the_laws_has_nothing_said_of_it() -> None:
    entries = [revised(an_event()), offered("p", 100, 0), offered("q", 300, 4, ra_deg=40.0)]
    entries += [moved("p", S.ACCEPTED, 1, 5, "pointing_accepted")]
    assert broken(stored(entries)) == []


@pytest.mark.parametrize(("start_s", "ra_deg", "said"), [(180, 60.0, "cannot move"), (130, 10.0, "at the same")])
def test_two_pointings_need_time_of_their_own_and_time_to_move(start_s: float, ra_deg: float, said: str) -> None:
    entries = [revised(an_event()), offered("p", 100, 0), offered("q", start_s, 4, ra_deg)]
    (sentence,) = broken(stored(entries))
    assert said in sentence and "p" in sentence and "q" in sentence
    early = [entries[0], entries[2], entries[1]]
    assert said in broken(stored(early))[0]


def test_the_axes_of_a_mount_and_its_filter_wheel_take_their_time() -> None:
    axes = replace(SLOW, timing=Timing(axis_rates_deg_s=(1.0, 4.0), settle_s=3.0))
    entries = [revised(an_event()), offered("p", 100, 0), offered("q", 192, 4, ra_deg=40.0)]
    assert "cannot move" in broken(stored(entries), axes)[0]
    entries[2] = offered("q", 194, 4, ra_deg=40.0)
    assert broken(stored(entries), axes) == []


def test_sky_that_is_owned_is_not_offered_again() -> None:
    assert "is a duplicate" in broken(stored([revised(an_event()), offered("p", 100, 0), offered("q", 300, 0)]))[0]


@pytest.mark.parametrize(("purpose", "accepts"), [(Purpose.MOCK, ("observation",)), (None, ("observation", "test"))])
def test_a_telescope_is_offered_only_what_it_accepts(purpose: Purpose | None, accepts: tuple[str, ...]) -> None:
    telescope = replace(SLOW, policy=SitePolicy(accepts=accepts))
    (sentence,) = broken(stored([revised(an_event(purpose=purpose)), offered("p", 100, 0)]), telescope)
    assert "tel-a takes no such" in sentence


@pytest.mark.parametrize("asked", [None, False, True])
def test_a_retraction_must_ask_back_what_is_open_and_also_what_runs(asked: bool | None) -> None:
    entries = [revised(an_event()), offered("p", 100, 0), moved("p", S.ACCEPTED, 1, 5, "pointing_accepted")]
    entries += [revised(an_event(phase=Phase.RETRACTION), 110)]
    entries += [] if asked is None else [asked_back("p", asked, 111)]
    said = [] if asked else ["p was not asked back, though lvk:S1 is retracted"]
    assert broken(stored(entries)) == said
    # nor is it forgiven when the pointing has ended by itself in the end
    later = [*entries, moved("p", S.EXPOSING, 2, 400, "pointing_progressed")]
    assert broken(stored([*later, moved("p", S.COMPLETED, 3, 401, "pointing_completed")])) == said


def test_what_ends_before_a_new_scheduler_can_know_of_the_retraction_is_forgiven() -> None:
    entries = [revised(an_event()), offered("p", 100, 0), moved("p", S.ACCEPTED, 1, 5, "pointing_accepted")]
    entries += [revised(an_event(phase=Phase.RETRACTION), 110)]
    journal = stored(entries)
    again = Entry("writer_elected", {"role": "scheduler", "epoch": 2}, sky_time=START)
    ended = moved("p", S.COMPLETED, 2, 900, "pointing_completed")
    journal += [Stored(len(journal) + 1 + i, START, "scheduler", 2, e) for i, e in enumerate([again, ended])]
    assert broken(journal) == []


def test_nobody_writes_under_an_older_epoch_and_the_scheduler_alone_moves_pointings() -> None:
    journal = stored([revised(an_event()), offered("p", 100, 0)])
    again = Entry("writer_elected", {"role": "scheduler", "epoch": 2}, sky_time=START)
    late = Stored(5, START, "scheduler", 1, offered("q", 300, 4))
    other = Entry("writer_elected", {"role": "telescope/tel-a", "epoch": 1}, sky_time=START)
    usurper = [
        Stored(6, START, "telescope/tel-a", 1, other),
        Stored(7, START, "telescope/tel-a", 1, moved("p", S.ACCEPTED, 1, 5, "pointing_accepted")),
    ]
    assert broken([*journal, Stored(4, START, "scheduler", 2, again), late, *usurper]) == [
        "seq 5 is written by scheduler in epoch 1; the newest is 2",
        "seq 7 changes ownership and is written by telescope/tel-a",
    ]


def test_a_gap_and_a_report_that_is_stored_twice_are_seen() -> None:
    entries = [revised(an_event()), offered("p", 100, 0)]
    entries += [moved("p", S.ACCEPTED, 1, 5, "pointing_accepted"), moved("p", S.SLEWING, 1, 6, "pointing_progressed")]
    journal = stored(entries)
    assert broken(journal) == ["report r-p-1 is in the journal twice"]
    assert "seq 6 follows 4" in broken([*journal[:4], replace(journal[4], seq=6)])[0]
