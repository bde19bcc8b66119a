"""Each stream's own order of stages, and what its notices do to an event (after the recorded sequences)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose
from coordinator.events.event import Event
from coordinator.events.fold import EventBook, event_hash

T0 = datetime(2026, 2, 3, 12, 0, 0, 250000, tzinfo=UTC)
NONE = Localization("none")


def a_cone(radius_deg: float, made: bool = True) -> Localization:
    return Localization("cone", 10.0, 20.0, radius_deg, skymap_sha256=f"made-{radius_deg}" if made else None)


def a_notice(key: str, stage: str | None, minutes: float, where: Localization = NONE, **changes: Any) -> Alert:
    alert = Alert(
        source="test",
        format="voevent-xml",
        stream=key.partition(":")[0],
        notice_id=f"{stage}-{minutes}",
        event_key=key,
        name=key.partition(":")[2],
        messenger="EM",
        phase=None,
        stage=stage,
        purpose=Purpose.OBSERVATION,
        t0=T0,
        t_issued=T0 + timedelta(minutes=minutes),
        raw_sha256=f"{stage}-{minutes}",
        localization=where,
    )
    return replace(alert, **changes)


def after(alerts: Sequence[Alert]) -> Event:
    """The event, the same in every order of arrival."""
    hashes = set()
    for arrival in [*permutations(alerts)][:120]:
        book = EventBook()
        for alert in (*arrival, arrival[0]):
            book.add(alert)
        hashes.add(event_hash(book))
    assert len(hashes) == 1
    (event,) = book.events.values()
    return event


GBM = "fermi.gbm:797587480"


def test_a_late_flight_position_of_gbm_does_not_replace_a_ground_position() -> None:
    chain = [
        a_notice(GBM, "GBM ALERT", 0.1),
        a_notice(GBM, "GBM FLT_POS", 0.3, a_cone(8.6)),
        a_notice(GBM, "GBM GND_POS", 0.5, a_cone(3.2)),
        a_notice(GBM, "GBM FLT_POS", 0.9, a_cone(7.6)),
    ]
    event = after(chain)
    assert (event.revision, event.stage, event.localization) == (4, "GBM GND_POS", a_cone(3.2))
    final = after([*chain, a_notice(GBM, "GBM FIN_POS", 9, a_cone(1.0)), a_notice(GBM, "GBM GND_POS", 500, a_cone(2))])
    assert (final.stage, final.localization.radius_deg) == ("GBM FIN_POS", 1.0)


def test_a_flight_position_in_json_ranks_as_one_in_xml() -> None:
    event = after(
        [
            a_notice(GBM, "GBM GND_POS", 0.5, a_cone(3.2)),
            a_notice(GBM, "FLIGHT_POSITION", 2, a_cone(9.2), format="json gcn.notices", phase=Phase.UPDATE),
        ]
    )
    assert event.localization == a_cone(3.2)


@pytest.mark.parametrize(
    ("key", "stages"),
    [
        (GBM, ("GBM GUESS", "GBM ALERT", "GBM SUBTHRESH", "GBM FLT_POS", "GBM GND_POS", "GBM FIN_POS")),
        ("fermi.lat:1", ("LAT POS_INI", "LAT POS_UPD", "LAT POS_DIAG")),
        ("swift:1", ("BAT_QUICKLOOK", "BAT_POS", "XRT_POS", "UVOT_POS")),
        ("svom:sb1", ("GRM trigger", "ECLAIRs wake-up", "slewing", "MXT initial", "MXT update", "VT")),
        ("svom:sb2", ("GRM trigger", "ECLAIRs wake-up", "ECLAIRs preliminary", "MXT initial")),
        ("svom:sb3", ("ECLAIRs wake-up", "ECLAIRs catalogue", "MXT initial")),
        ("svom:sb4", ("ECLAIRs wake-up", "not slewing", "MXT update")),
        ("integral:10042", ("INTEGRAL WAKEUP", "Refined_Pos", "OFFLINE")),
    ],
)
def test_a_better_stage_beats_a_newer_notice(key: str, stages: tuple[str, ...]) -> None:
    notices = [a_notice(key, stage, 60.0 - at, a_cone(10.0 - at)) for at, stage in enumerate(stages)]
    event = after(notices)
    assert (event.stage, event.revision) == (stages[-1], len(stages))
    assert event.localization == notices[-1].localization


def test_streams_that_state_their_phase_are_ranked_by_it() -> None:
    key = "maxi:9995289617"
    later = a_notice(key, None, 1, a_cone(1.5), phase=Phase.UPDATE)
    event = after([a_notice(key, None, 5, phase=Phase.INITIAL), later])
    assert (event.phase, event.localization) == (Phase.UPDATE, a_cone(1.5))
    retracted = after(
        [a_notice(key, None, 5, phase=Phase.INITIAL), later, a_notice(key, None, -9, phase=Phase.RETRACTION)]
    )
    assert retracted.retracted and retracted.localization == a_cone(1.5)


SWIFT = "swift:1156572"


def test_what_tells_of_a_swift_burst_but_not_where_it_is_replaces_no_position() -> None:
    event = after(
        [
            a_notice(SWIFT, "BAT_POS", 1, a_cone(0.05)),
            a_notice(SWIFT, "FOM_OBS", 2, Localization("point", 10.0, 20.0)),
            a_notice(SWIFT, "BAT_LIGHTCURVE", 5, Localization("cone", 10.0, 20.0, 9.0)),
        ]
    )
    assert (event.revision, event.stage, event.localization) == (3, "BAT_LIGHTCURVE", a_cone(0.05))


def test_the_time_of_a_swift_event_is_that_of_its_first_trigger_notice() -> None:
    trigger = a_notice(SWIFT, "BAT_POS", 1, a_cone(0.05))
    xrt = a_notice(SWIFT, "XRT_POS", 3, a_cone(0.001), t0=T0 + timedelta(minutes=2))
    assert after([trigger, xrt]).t0 == T0
    quick = a_notice(SWIFT, "BAT_QUICKLOOK", 0.5, a_cone(0.05), t0=T0 - timedelta(milliseconds=80))
    assert after([trigger, xrt, quick]).t0 == quick.t0
    assert after([xrt]).t0 == xrt.t0


def test_elsewhere_the_better_stage_knows_the_time_better() -> None:
    early = a_notice("integral:10042", "WAKEUP", 0, a_cone(0.05))
    refined = a_notice("integral:10042", "REFINED", 1, a_cone(0.04), t0=T0 + timedelta(seconds=6))
    assert after([early, refined]).t0 == refined.t0


def test_a_soft_retraction_closes_until_a_better_stage_says_otherwise() -> None:
    noise = a_notice(GBM, "GBM FLT_POS", 0.3, a_cone(9.0), no_event="classified as LOCAL_PARTICLES")
    closed = after([a_notice(GBM, "GBM ALERT", 0.1), noise])
    assert closed.closed == "classified as LOCAL_PARTICLES" and not closed.retracted
    assert after([noise, a_notice(GBM, "GBM GND_POS", 0.2, a_cone(3.0))]).closed is None
    assert after([noise, a_notice(GBM, "GBM ALERT", 90)]).closed is not None


def test_a_light_curve_does_not_open_what_a_position_closed() -> None:
    star = a_notice(SWIFT, "BAT_POS", 1, a_cone(0.05), no_event="a flare star")
    assert after([star, a_notice(SWIFT, "BAT_LIGHTCURVE", 5)]).closed == "a flare star"


def in_json(phase: Phase, minutes: float, sky: str, **changes: Any) -> Alert:
    where = Localization("multiorder", skymap_sha256=sky)
    base = a_notice("lvk:S230518h", None, minutes, where, notice_id=f"json-{phase}-{minutes}", phase=phase)
    return replace(base, format="json igwn.alerts.Alert", raw_sha256=base.notice_id, **changes)


def in_xml(phase: Phase, serial: int, minutes: float, **changes: Any) -> Alert:
    where = Localization("link", url=f"https://gracedb.example/{phase}.fits,{serial}")
    base = a_notice("lvk:S230518h", None, minutes, where, notice_id=f"ivo://x#S230518h-{serial}-{phase}", phase=phase)
    cut = T0.replace(microsecond=0)
    return replace(base, revision_number=serial, t0=cut, raw_sha256=base.notice_id, **changes)


def test_the_voevent_twin_of_a_json_notice_is_no_second_revision() -> None:
    both = [
        in_json(Phase.PRELIMINARY, 39, "p"),
        in_xml(Phase.PRELIMINARY, 1, 39),
        in_json(Phase.INITIAL, 188, "i"),
        in_xml(Phase.INITIAL, 2, 188.3),
        in_json(Phase.UPDATE, 233, "u"),
    ]
    event = after(both)
    assert (event.revision, event.phase, event.skymap_sha256, event.t0) == (3, Phase.UPDATE, "u", T0)
    assert event.localization.kind == "multiorder"


def test_two_preliminaries_five_minutes_apart_are_two_in_either_format() -> None:
    four = [in_json(Phase.PRELIMINARY, 4, "a"), in_json(Phase.PRELIMINARY, 9, "b")]
    four += [in_xml(Phase.PRELIMINARY, 1, 4.2), in_xml(Phase.PRELIMINARY, 2, 9.1)]
    assert after(four).revision == 2
    assert after([four[0], four[3]]).revision == 2


def test_a_twin_adds_the_coincidence_that_the_other_lacks_room_for() -> None:
    plain, outside = in_json(Phase.UPDATE, 9, "a"), in_json(Phase.UPDATE, 9, "b", external_coincidence="Fermi GRB")
    outside = replace(outside, notice_id="json-ext", raw_sha256="json-ext")
    event = after([plain, outside, in_xml(Phase.UPDATE, 6, 12, external_coincidence="Fermi GRB")])
    assert event.revision == 2 and event.external_coincidence == "Fermi GRB"


def test_while_the_best_map_is_only_a_link_the_earlier_one_is_searched() -> None:
    event = after([in_json(Phase.PRELIMINARY, 39, "p"), in_xml(Phase.INITIAL, 2, 188)])
    assert (event.localization.kind, event.skymap_sha256) == ("link", "p")
    assert event.localization.url == "https://gracedb.example/initial.fits,2"
    assert event.localization.warnings == ("the map of an earlier notice, until that of the link is there",)


def test_an_icecube_revision_in_two_formats_is_one() -> None:
    key = "icecube:134191_17593623"
    xml = a_notice(key, None, 1, a_cone(0.9), phase=Phase.INITIAL, revision_number=0)
    json = replace(xml, format="json gcn.notices", notice_id="j", raw_sha256="j", localization=a_cone(0.92))
    refined = a_notice(key, None, 300, a_cone(1.2), phase=Phase.UPDATE, revision_number=1)
    event = after([xml, json, refined])
    assert (event.revision, event.phase, event.localization) == (2, Phase.UPDATE, a_cone(1.2))


def test_a_retracted_svom_trigger_keeps_its_stage_and_takes_no_position_of_the_retraction() -> None:
    key = "svom:sb26043009"
    retraction = a_notice(key, "retraction", 9, a_cone(5.0), phase=Phase.RETRACTION)
    event = after([a_notice(key, "GRM trigger", 1), retraction])
    assert (event.retracted, event.stage, event.localization) == (True, "GRM trigger", NONE)
