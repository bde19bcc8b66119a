"""A trigger that is told in several formats is told once."""

import json
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from builders.voevents import a_voevent

from coordinator.alerts.alert import Alert
from coordinator.alerts.message import Alerts
from coordinator.alerts.registry import understand
from coordinator.events.event import Event
from coordinator.events.fold import EventBook, event_hash

SCHEMA = "https://gcn.nasa.gov/schema/main/gcn/notices/fermi/gbm/trigger.schema.json"
TRIGGER, T0 = 797587480, "2026-04-11T08:04:35.31"
KINDS = {110: "INITIAL_ALERT", 111: "FLIGHT_POSITION", 112: "GROUND_POSITION", 115: "FINAL_POSITION"}
IN_WORDS = {110: "Alert", 111: "Flight Position", 112: "Ground Position", 115: "Final Position"}
PLACE = (83.2301, 2.75, 4.0)


def alert_of(raw: bytes) -> Alert:
    meaning = understand(raw, name="notice")
    assert isinstance(meaning, Alerts), meaning
    return meaning.alerts[0]


def in_xml(kind: int, issued: str, place: tuple[float, float, float] | None = PLACE, **more: Any) -> Alert:
    where, radius = ((0.0, 0.0), 0.0) if place is None else ((place[0], place[1]), place[2])
    params = {"Packet_Type": kind, "Pkt_Ser_Num": 9, "TrigID": TRIGGER, "Sequence_Num": 58} | more
    ivorn = f"ivo://nasa.gsfc.gcn/Fermi#GBM_{kind}_{issued}"
    return alert_of(a_voevent(ivorn, params, time=T0, date=f"2026-04-11T{issued}", place=where, radius=radius))


def in_json(kind: int, issued: str, place: tuple[float, float, float] | None = PLACE, **more: Any) -> Alert:
    where = {} if place is None else {"ra": place[0], "dec": place[1], "ra_dec_error": place[2]}
    notice = {
        "$schema": SCHEMA,
        "mission": "Fermi",
        "instrument": "GBM",
        "id": [str(TRIGGER), "bn260411336"],
        "trigger_time": T0,
        "alert_datetime": f"2026-04-11T{issued}",
        "alert_type": "initial" if kind == 110 else "update",
        "subtype": KINDS[kind],
        "record_number": 2,
        "containment_probability": 0.68,
        "systematic_included": True,
    }
    return alert_of(json.dumps(notice | where | more).encode())


def in_text(kind: int, issued: str, place: tuple[float, float, float]) -> Alert:
    lines = {
        "TITLE": "GCN/FERMI NOTICE",
        "NOTICE_DATE": f"Sat 11 Apr 26 {issued} UT",
        "NOTICE_TYPE": f"Fermi-GBM {IN_WORDS[kind]}",
        "RECORD_NUM": "58",
        "TRIGGER_NUM": str(TRIGGER),
        "GRB_RA": f"{place[0]:.3f}d (J2000)",
        "GRB_DEC": f"{place[1]:+.3f}d (J2000)",
        "GRB_ERROR": f"{place[2]:.2f} [deg radius, statistical only]",
        "GRB_DATE": "21141 TJD;   101 DOY;   26/04/11",
        "GRB_TIME": "29075.31 SOD {08:04:35.31} UT",
    }
    return alert_of("".join(f"{key + ':':<17}{value}\n" for key, value in lines.items()).encode())


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


def test_a_burst_told_by_json_voevent_and_text_is_told_once() -> None:
    both = [in_json(111, "08:05:04"), in_xml(111, "08:05:05"), in_text(111, "08:05:10", PLACE)]
    event = after(both)
    assert (event.revision, event.stage) == (1, "GBM FLT_POS")
    assert event.localization.systematic_included is True, "the schema says so; a VOEvent leaves it to convention"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_notice_has_its_twin(kind: int) -> None:
    place = None if kind == 110 else PLACE
    assert after([in_json(kind, "08:05:04", place), in_xml(kind, "08:05:05", place)]).revision == 1


def test_a_whole_chain_in_both_formats_has_the_revisions_of_one() -> None:
    at = {110: "08:04:41", 111: "08:05:04", 112: "08:06:08", 115: "08:13:53"}
    place = {110: None, 111: (83.15, 2.9, 8.5833), 112: (82.32, 2.72, 3.9), 115: (83.23, 2.75, 1.0)}
    chain = [tell(kind, at[kind], place[kind]) for kind in at for tell in (in_xml, in_json)]
    event = after(chain)
    assert (event.revision, event.stage, event.localization.radius_deg) == (4, "GBM FIN_POS", 1.0)


def test_two_positions_of_one_kind_stay_two_in_either_format() -> None:
    first, second = (87.35, -1.6833, 4.0667), (87.35, -1.7167, 3.9333)
    four = [
        tell(111, at, place) for at, place in (("08:05:13", first), ("08:05:19", second)) for tell in (in_xml, in_json)
    ]
    assert after(four).revision == 2
    assert after([four[0], four[3]]).revision == 2, "one of each, of which each format has lost the other"


def test_the_same_final_position_told_again_in_the_evening_is_another_notice() -> None:
    again = [in_xml(115, "08:13:53"), in_json(115, "16:40:45")]
    assert after(again).revision == 2


def test_a_place_on_the_other_side_of_north_is_the_same() -> None:
    assert (
        after([in_json(112, "08:06:08", (359.995, 2.0, 3.0)), in_xml(112, "08:06:08", (0.0, 2.0, 3.0))]).revision == 1
    )


def test_what_only_one_of_them_says_of_the_class_closes_the_event() -> None:
    event = after([in_json(111, "08:05:04", classification={"BELOW_HORIZON": 1}), in_xml(111, "08:05:05")])
    assert event.closed is not None
