"""A survey's stream is sifted by the sky and time of the events, then by what each detection is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from builders.avro import RUBIN_SCHEMA, ZTF_SCHEMA, a_rubin_packet, a_ztf_packet, container, framed

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.alerts.avro_schema import schema_of
from coordinator.alerts.survey_header import packet_of
from coordinator.alerts.survey_rules import ContentRules, Dropped
from coordinator.events.event import Event
from coordinator.events.survey_watch import Watch, watch_for
from coordinator.services.survey_filter import PASSED, UNREADABLE, SurveyFilter
from coordinator.sky.nested import pixel_at
from coordinator.sky.ranges import RANGE_ORDER, Ranges

SEEN = datetime(2026, 3, 1, 6, tzinfo=UTC)
SCHEMAS = {7: schema_of(RUBIN_SCHEMA)}
EVERYWHERE = Ranges.of(np.array([0]), np.array([12 * 4**RANGE_ORDER]))


def sky_at(ra_deg: float, dec_deg: float, order: int = 5) -> Ranges:
    return Ranges.of_pixels(order, pixel_at(order, ra_deg, dec_deg))


def a_watch(key: str = "lvk:S260301a", sky: Ranges | None = None, t0: datetime = SEEN) -> Watch:
    where = sky_at(150.0, 2.0) if sky is None else sky
    return Watch(key, where, t0 - timedelta(hours=1), t0 + timedelta(days=3))


def a_filter(*watches: Watch, **rules: Any) -> SurveyFilter:
    return SurveyFilter(watches or (a_watch(),), ContentRules(**rules), SCHEMAS)


def rubin(earlier: int = 0, **changes: Any) -> bytes:
    return framed(RUBIN_SCHEMA, a_rubin_packet(earlier, b"\0" * 1000, **changes), 7)


def ztf(**changes: Any) -> bytes:
    return container(ZTF_SCHEMA, a_ztf_packet(**changes))


def why(raw: bytes, *watches: Watch, **rules: Any) -> Dropped:
    sifted = a_filter(*watches, **rules).sift([raw])
    assert not sifted.wanted and not sifted.unreadable
    (reason,) = sifted.dropped
    return reason


def passes(raw: bytes, *watches: Watch, **rules: Any) -> bool:
    return len(a_filter(*watches, **rules).sift([raw]).wanted) == 1


@pytest.mark.parametrize("packet", [rubin, ztf])
def test_a_detection_on_an_events_sky_and_in_its_time_passes_with_the_events_key(packet: Any) -> None:
    other = a_watch("swift:1", sky_at(20.0, -60.0))
    raw = packet()
    sifted = a_filter(other, a_watch(), a_watch("lvk:S260301b")).sift([raw])
    assert sifted.wanted[0].events == ("lvk:S260301a", "lvk:S260301b") and not sifted.dropped
    assert sifted.wanted[0].raw == raw


@pytest.mark.parametrize("packet", [rubin, ztf])
def test_what_is_elsewhere_or_at_another_time_is_dropped_and_said_why(packet: Any) -> None:
    assert why(packet(ra=151.0 + 20.0)) is Dropped.SKY
    assert why(packet(), a_watch(t0=SEEN - timedelta(days=5))) is Dropped.TIME
    assert why(packet(), a_watch(t0=SEEN + timedelta(hours=2))) is Dropped.TIME


def test_where_no_event_is_watched_nothing_passes() -> None:
    assert SurveyFilter(schemas=SCHEMAS).sift([rubin()]).dropped == {Dropped.SKY: 1}


def test_tai_is_turned_into_utc_at_the_edge_of_a_window() -> None:
    watch = Watch("lvk:S260301a", EVERYWHERE, SEEN - timedelta(seconds=1), SEEN + timedelta(seconds=1))
    assert passes(rubin(), watch) and passes(ztf(), watch)


def test_rubin_packets_are_judged_by_their_content() -> None:
    assert why(rubin(reliability=0.2)) is Dropped.BOGUS
    assert why(rubin(ssObjectId=5)) is Dropped.MOVING
    assert why(rubin(isNegative=True)) is Dropped.NEGATIVE
    assert passes(rubin(ssObjectId=5, isNegative=True), moving=True, negative=True)


def test_ztf_packets_are_judged_by_their_content() -> None:
    assert why(ztf(drb=0.2)) is Dropped.BOGUS
    assert why(ztf(drb=None, rb=0.2)) is Dropped.BOGUS
    assert why(ztf(ssdistnr=1.0)) is Dropped.MOVING
    assert passes(ztf(ssdistnr=-999.0)) and passes(ztf(ssdistnr=20.0))
    assert why(ztf(isdiffpos="f")) is Dropped.NEGATIVE
    assert why(ztf(ndethist=60), max_earlier=20) is Dropped.OLD


def test_the_history_of_a_rubin_packet_is_in_its_body() -> None:
    assert why(rubin(earlier=3), max_earlier=2) is Dropped.OLD
    assert why(rubin(earlier=0), min_earlier=1) is Dropped.NEW
    assert passes(rubin(earlier=2), min_earlier=1, max_earlier=2)


def test_what_a_packet_does_not_say_drops_nothing() -> None:
    assert passes(rubin(reliability=None, isNegative=None))
    assert passes(rubin(ra=float("nan")))
    assert passes(rubin(midpointMjdTai=float("nan")))


def test_what_cannot_be_read_is_handed_back_with_the_reason() -> None:
    batch = [b"rubbish", framed(RUBIN_SCHEMA, a_rubin_packet(), 99), rubin()[:40], rubin()[:-500], rubin()]
    sifted = a_filter().sift(batch)
    assert [one.raw for one in sifted.unreadable] == batch[:4] and len(sifted.wanted) == 1
    assert all(one.reason for one in sifted.unreadable) and "99" in sifted.unreadable[1].reason


def test_every_message_is_counted_once() -> None:
    sieve = a_filter()
    sieve.sift([rubin(), rubin(ra=10.0), b"rubbish"])
    sieve.sift([rubin(reliability=0.0), rubin(ra=10.0)])
    assert sieve.counts == {PASSED: 1, UNREADABLE: 1, Dropped.SKY.value: 2, Dropped.BOGUS.value: 1}


def test_the_front_of_a_packet_is_read_without_what_follows() -> None:
    whole = rubin(earlier=5)
    damaged = whole[:-1000] + b"\xff" * 1000
    assert packet_of(damaged, SCHEMAS).header() == packet_of(rubin(), SCHEMAS).header()


def an_event(**changes: Any) -> Event:
    said: dict[str, Any] = {
        "key": "lvk:S260301a",
        "name": "S260301a",
        "revision": 1,
        "retracted": False,
        "messenger": "GW",
        "phase": Phase.INITIAL,
        "stage": None,
        "purpose": Purpose.OBSERVATION,
        "t0": SEEN,
        "t_issued": SEEN,
        "localization": Localization("none"),
    }
    return Event(**(said | changes))


def test_an_event_is_watched_for_a_while_unless_it_is_retracted_or_without_a_time() -> None:
    watch = watch_for(an_event(), EVERYWHERE, after=timedelta(days=7))
    assert watch is not None and watch.start < SEEN and watch.end == SEEN + timedelta(days=7)
    assert watch_for(an_event(retracted=True), EVERYWHERE) is None
    assert watch_for(an_event(t0=None), EVERYWHERE) is None
    assert watch_for(an_event(), Ranges.empty()) is None
