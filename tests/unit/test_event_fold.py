"""Alerts to events: law 5."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose
from coordinator.events.fold import EventBook, event_hash

START = datetime(2026, 11, 22, 21, 14, tzinfo=UTC)


def a_sky(name: str) -> Localization:
    return Localization("multiorder", skymap_sha256=name, area90_deg2=100.0)


def an_alert(phase: Phase | None = Phase.PRELIMINARY, minutes: float = 5, **changes: Any) -> Alert:
    alert = Alert(
        source="test",
        format="json igwn.alerts.Alert",
        stream="lvk",
        notice_id=f"{phase}-{minutes}",
        event_key="lvk:S261122qx",
        name="S261122qx",
        messenger="GW",
        phase=phase,
        stage=None if phase is None else phase.value.upper(),
        purpose=Purpose.OBSERVATION,
        t0=START,
        t_issued=START + timedelta(minutes=minutes),
        raw_sha256=f"{phase}-{minutes}",
        localization=a_sky(f"{phase}-{minutes}"),
    )
    return replace(alert, **changes)


def a_retraction(minutes: float = 60, **changes: Any) -> Alert:
    return an_alert(Phase.RETRACTION, minutes, t0=None, localization=Localization("none"), **changes)


def a_book(*alerts: Alert) -> EventBook:
    book = EventBook()
    for alert in alerts:
        book.add(alert)
    return book


def test_a_first_notice_makes_an_event() -> None:
    book = EventBook()
    assert book.add(an_alert())
    event = book.events["lvk:S261122qx"]
    assert (event.revision, event.phase, event.purpose) == (1, Phase.PRELIMINARY, Purpose.OBSERVATION)
    assert event.skymap_sha256 == "preliminary-5"


def test_the_same_notice_again_changes_nothing() -> None:
    book = a_book(an_alert())
    assert not book.add(replace(an_alert(), source="another transport", raw_sha256="zzz"))
    assert book.events["lvk:S261122qx"].revision == 1


def test_a_late_coarse_position_never_replaces_a_refined_one() -> None:
    book = a_book(an_alert(Phase.UPDATE, 60), an_alert(Phase.PRELIMINARY, 90))
    event = book.events["lvk:S261122qx"]
    assert (event.phase, event.skymap_sha256, event.revision) == (Phase.UPDATE, "update-60", 2)


def test_of_two_preliminaries_the_newer_holds() -> None:
    event = a_book(an_alert(minutes=10), an_alert(minutes=5)).events["lvk:S261122qx"]
    assert event.skymap_sha256 == "preliminary-10"


def test_a_better_stage_without_a_usable_map_leaves_the_sky_as_it_was() -> None:
    refused = Localization("none", refused="sky map: not base64")
    event = a_book(an_alert(), an_alert(Phase.INITIAL, 20, localization=refused)).events["lvk:S261122qx"]
    assert (event.phase, event.skymap_sha256) == (Phase.INITIAL, "preliminary-5")


def test_an_event_without_any_usable_map_says_why() -> None:
    refused = Localization("none", refused="sky map: not base64")
    event = a_book(an_alert(localization=refused)).events["lvk:S261122qx"]
    assert event.skymap_sha256 is None and event.localization.refused == "sky map: not base64"


def test_a_retraction_holds_whatever_its_date() -> None:
    event = a_book(an_alert(Phase.UPDATE, 60), a_retraction(minutes=1)).events["lvk:S261122qx"]
    assert event.retracted and event.phase is Phase.RETRACTION
    assert (event.skymap_sha256, event.t0) == ("update-60", START)


def test_a_retraction_may_come_first() -> None:
    book = a_book(a_retraction())
    assert book.events["lvk:S261122qx"].retracted
    assert book.add(an_alert())
    event = book.events["lvk:S261122qx"]
    assert event.retracted and event.revision == 2


def test_an_update_after_a_retraction_does_not_open_the_event_again() -> None:
    assert a_book(an_alert(), a_retraction(), an_alert(Phase.UPDATE, 600)).events["lvk:S261122qx"].retracted


@pytest.mark.parametrize("purpose", [Purpose.TEST, Purpose.MOCK, Purpose.INJECTION])
def test_a_rehearsal_under_the_name_of_a_real_event_changes_nothing(purpose: Purpose) -> None:
    alone = a_book(an_alert())
    for rehearsal in (
        an_alert(Phase.INITIAL, 20, purpose=purpose),
        a_retraction(purpose=purpose),
        an_alert(Phase.UPDATE, 30, purpose=purpose, no_event="noise"),
    ):
        for book in (a_book(an_alert(), rehearsal), a_book(rehearsal, an_alert())):
            assert event_hash(book) == event_hash(alone)


def test_an_event_of_rehearsals_alone_is_the_strictest_of_them() -> None:
    book = a_book(an_alert(purpose=Purpose.MOCK), an_alert(Phase.INITIAL, 20, purpose=Purpose.TEST))
    event = book.events["lvk:S261122qx"]
    assert (event.purpose, event.revision, event.phase) == (Purpose.TEST, 2, Phase.INITIAL)


def test_a_test_copy_of_a_notice_makes_the_event_a_test_in_either_order() -> None:
    real, test = an_alert(), an_alert(purpose=Purpose.TEST, raw_sha256="other")
    for book in (a_book(real, test), a_book(test, real)):
        assert book.events["lvk:S261122qx"].purpose is Purpose.TEST


def test_a_map_of_unknown_purpose_does_not_steer_an_event_of_known_purpose() -> None:
    stray = an_alert(None, 600, stream="skymap", purpose=None)
    event = a_book(an_alert(), stray).events["lvk:S261122qx"]
    assert (event.skymap_sha256, event.revision) == ("preliminary-5", 2)
    assert event.purpose is Purpose.OBSERVATION


def test_a_map_of_which_a_person_says_what_it_is_for_counts_as_an_update() -> None:
    said = an_alert(None, 30, stream="skymap")
    event = a_book(an_alert(Phase.INITIAL, 60), said).events["lvk:S261122qx"]
    assert event.skymap_sha256 == "None-30"


def test_three_maps_of_one_event_are_revisions_in_order_of_issue() -> None:
    maps = [an_alert(None, minutes, stream="skymap") for minutes in (700, 12, 90)]
    event = a_book(*maps).events["lvk:S261122qx"]
    assert (event.revision, event.skymap_sha256) == (3, "None-700")


def test_a_person_s_word_on_a_map_seen_before_is_heeded() -> None:
    unknown = an_alert(None, 30, stream="skymap", purpose=None)
    book = a_book(unknown)
    assert book.events["lvk:S261122qx"].purpose is None
    assert book.add(replace(unknown, purpose=Purpose.OBSERVATION))
    assert book.events["lvk:S261122qx"].purpose is Purpose.OBSERVATION
    assert book.events["lvk:S261122qx"].revision == 1


def test_of_two_copies_the_one_with_the_map_counts() -> None:
    with_map = an_alert()
    without = replace(with_map, localization=Localization("none", refused="cut"), raw_sha256="zzz")
    for book in (a_book(with_map, without), a_book(without, with_map)):
        event = book.events["lvk:S261122qx"]
        assert (event.revision, event.skymap_sha256) == (1, "preliminary-5")


def test_an_external_coincidence_is_not_lost_to_a_notice_of_the_same_second() -> None:
    plain = an_alert(Phase.UPDATE, 60, notice_id="z")
    outside = an_alert(Phase.UPDATE, 60, notice_id="a", external_coincidence="Fermi GRB")
    assert a_book(outside, plain).events["lvk:S261122qx"].external_coincidence == "Fermi GRB"


def test_the_hash_knows_no_order_of_arrival_but_every_difference() -> None:
    one = a_book(an_alert(), an_alert(Phase.INITIAL, 20), an_alert(event_key="lvk:S1"))
    two = a_book(an_alert(event_key="lvk:S1"), an_alert(Phase.INITIAL, 20), an_alert())
    assert event_hash(one) == event_hash(two)
    two.add(a_retraction())
    assert event_hash(one) != event_hash(two)
    assert event_hash(EventBook()) == event_hash(EventBook())
