"""What services elsewhere answer, in their own words."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.catalogues.remote.breaker import CLOSED, BreakerRule
from coordinator.catalogues.remote.source import WAYS
from coordinator.services.enrichment import Question
from coordinator.services.remote_settings import RemoteSettings, remote_problems
from telescopes.description.errors import Refused, RetryLater

SEEN = datetime(2017, 8, 18, 1, 30, tzinfo=UTC)
PLACE = Question("c1", 197.450375, -23.381500, SEEN)
TNS = RemoteSettings("tns", "tns")
SKYBOT = RemoteSettings("skybot", "skybot")

HEAD = (
    '"ID","Name","RA","DEC","Obj. Type","Redshift","Host Name","Host Redshift","Reporting Group/s",'
    '"Discovery Mag/Flux","Discovery Filter","Discovery Date (UT)"\n'
)
REPORT = (
    '"1","AT 2017gfo","13:09:48.089","-23:22:53.35","Kilonova","0.009727","NGC4993","","DLT40","17.5","r",'
    '"2017-08-17 23:33:28"\n'
)
BODIES = """# Flag: 1
# Ticket: 1
# Num | Name | RA(h) | DE(deg) | Class | Mv | Err(arcsec) | d(arcsec) | dRA(arcsec/h) | dDEC(arcsec/h) | Dg(ua) | Dh(ua)
 387015 | 2012 RW24 | 13 09 48.3000 | -23 22 50.000 | MB>Inner | 19.4 | 0.050 | 5.0 | 30.0 | -40.0 | 2.0 | 2.9
 - | 2022 SW157 | 13 09 50.0 | -23 22 53.0 | MB>Outer | -99 | 1.0 | 27.0 | 1.0 | 1.0 | 2.0 | 2.9
"""


def test_a_report_has_name_class_redshift_and_the_day_of_its_discovery() -> None:
    (found,) = WAYS["tns"].read((HEAD + REPORT).encode(), PLACE, TNS)
    assert (found.name, found.type, found.redshift) == ("AT 2017gfo", "Kilonova", 0.009727)
    assert found.first_seen == datetime(2017, 8, 17, 23, 33, 28, tzinfo=UTC)
    assert found.separation_arcsec < 0.1


def test_a_search_without_reports_finds_nothing() -> None:
    assert WAYS["tns"].read(HEAD.encode(), PLACE, TNS) == ()


def test_bodies_have_a_rate_and_an_error_that_holds_the_parallax() -> None:
    near, far = WAYS["skybot"].read(BODIES.encode(), PLACE, SKYBOT)
    assert near.name == "(387015) 2012 RW24"
    assert near.rate_arcsec_h == pytest.approx(50.0)
    assert near.error_arcsec == pytest.approx(4.4, abs=0.01)
    assert (far.name, far.mag) == ("2022 SW157", None)


def test_no_body_and_no_search_are_two_things() -> None:
    assert WAYS["skybot"].read(b"# Flag: 0\n# No solar system object was found\n", PLACE, SKYBOT) == ()
    with pytest.raises(RetryLater, match="flag -1"):
        WAYS["skybot"].read(b"# Flag: -1\n# Error\n", PLACE, SKYBOT)


def test_bodies_are_asked_for_at_the_time_of_the_sighting_or_not_at_all() -> None:
    said = parse_qs(urlsplit(WAYS["skybot"].url_of(PLACE, SKYBOT)).query)
    assert said["-ep"] == ["2017-08-18T01:30:00"]
    with pytest.raises(Refused, match="nobody says when"):
        WAYS["skybot"].url_of(replace(PLACE, seen_at=None), SKYBOT)


def test_a_query_of_ones_own_is_asked_with_the_place_in_it() -> None:
    mine = RemoteSettings("x", "tap", "galaxies", "https://tap.example.org/sync", "SELECT {ra} {dec} {radius}")
    said = parse_qs(urlsplit(WAYS["tap"].url_of(PLACE, mine)).query)
    assert said["QUERY"] == ["SELECT 197.45038 -23.38150 0.0333333"]
    assert said["REQUEST"] == ["doQuery"]


@given(st.binary(max_size=300), st.sampled_from(["tap", "tns", "skybot"]))
def test_no_answer_breaks_the_reader(body: bytes, kind: str) -> None:
    settings = RemoteSettings("x", kind, "stars")
    for start in (b"", b"name,ra,dec\n", HEAD.encode(), BODIES.encode()):
        try:
            found = WAYS[kind].read(start + body, PLACE, settings)
        except RetryLater:
            continue
        assert all(f.separation_arcsec <= settings.radius_arcsec for f in found)


def test_a_source_that_asks_for_an_hour_gets_it_up_to_the_longest_rest() -> None:
    rule = BreakerRule(failures=3, rest_s=60.0, longest_s=1800.0)
    assert CLOSED.failed(0.0, rule).circuit(0.0) == "closed"
    asked = CLOSED.failed(0.0, rule, wish_s=3600.0)
    assert (asked.circuit(1799.0), asked.circuit(1801.0)) == ("open", "half-open")


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"id": "Bad Name", "kind": "tns"}, "id"),
        ({"id": "a", "kind": "tap"}, "what"),
        ({"id": "a", "kind": "tns", "url": "http://tns.example.org/"}, "url"),
        ({"id": "a", "kind": "tns", "total_s": 0}, "total_s"),
        ({"id": "a", "what": "stars", "query": "SELECT everything"}, "query"),
        ({"id": "a", "kind": "tns", "user_agent": "two\r\nlines"}, "user_agent"),
    ],
)
def test_every_mistake_of_a_table_is_named(table: dict[str, object], key: str) -> None:
    assert [k for k, _, _ in remote_problems(table)] == [key]
