"""What services elsewhere answer, in their own words."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from builders.remote_services import a_report
from builders.votables import STAR, a_votable
from hypothesis import given
from hypothesis import strategies as st

from coordinator.catalogues.remote import rows, skybot, tap
from coordinator.catalogues.remote.breaker import CLOSED, BreakerRule
from coordinator.catalogues.remote.source import WAYS
from coordinator.catalogues.remote.talk import Told
from coordinator.services.enrichment import Question
from coordinator.services.remote_settings import RemoteSettings
from coordinator.services.retry_after import wish_s
from coordinator.services.web_request import WebRequest
from telescopes.description.errors import Refused, RetryLater

SEEN = datetime(2017, 8, 18, 1, 30, tzinfo=UTC)
PLACE = Question("c1", 197.450375, -23.381500, SEEN)
TNS = RemoteSettings("tns", "tns")
SKYBOT = RemoteSettings("skybot", "skybot")
STARS = RemoteSettings("gaia", "tap", "stars")
BROKER = RemoteSettings(
    "alerce",
    "json",
    "reported",
    "https://broker.example.org/objects",
    "ra={ra}&dec={dec}&radius={radius_arcsec}",
    columns={"name": "oid", "ra": "meanra", "dec": "meandec", "type": "class", "first_seen": "firstmjd"},
    rows="data.items",
)
GFO = a_report("2017gfo", 197.45037, -23.38148, redshift=0.009727, object_type={"name": "Kilonova", "id": 70})
BODIES = """# Flag: 1
# Ticket: 1
# Num | Name | RA(h) | DE(deg) | Class | Mv | Err(arcsec) | d(arcsec) | dRA(arcsec/h) | dDEC(arcsec/h) | Dg(ua) | Dh(ua)
 387015 | 2012 RW24 | 13 09 48.3000 | -23 22 50.000 | MB>Inner | 19.4 | 0.050 | 5.0 | 30.0 | -40.0 | 2.0 | 2.9
 - | 2022 SW157 | 13 09 50.0 | -23 22 53.0 | MB>Outer | -99 | 1.0 | 27.0 | 1.0 | 1.0 | 2.0 | 2.9
"""


def learnt(settings: RemoteSettings, *bodies: bytes, asked: Question = PLACE) -> Told:
    """Talk with a service that answers so."""
    return overheard(settings, *bodies, asked=asked)[1]


def overheard(settings: RemoteSettings, *bodies: bytes, asked: Question = PLACE) -> tuple[list[WebRequest], Told]:
    talk = WAYS[settings.kind](asked, settings)
    requests = [next(talk)]
    try:
        for body in bodies:
            requests.append(talk.send(body))
    except StopIteration as end:
        return requests, end.value
    raise AssertionError(f"it asked on: {requests[-1]}")


def reply(said: object) -> bytes:
    return json.dumps({"id_code": 200, "id_message": "OK", "data": {"reply": said}}).encode()


LISTED = reply([{"objname": "2017gfo", "prefix": "AT", "objid": 11616}])


def test_a_report_has_name_class_redshift_and_the_day_of_its_discovery() -> None:
    (found,) = learnt(TNS, LISTED, reply(GFO)).found
    assert (found.name, found.type, found.redshift) == ("AT 2017gfo", "Kilonova", 0.009727)
    assert found.first_seen == datetime(2017, 8, 17, 23, 33, 28, tzinfo=UTC)
    assert found.separation_arcsec < 0.1


def test_the_name_server_is_asked_for_each_object_and_never_told_the_key_here() -> None:
    (search, one), told = overheard(TNS, LISTED, reply(GFO))
    assert (search.url, one.url) == ("https://www.wis-tns.org/api/get/search", "https://www.wis-tns.org/api/get/object")
    assert json.loads(dict(search.form)["data"]) == {
        "ra": "197.45038", "dec": "-23.38150", "radius": "5", "units": "arcsec"
    }  # fmt: skip
    assert json.loads(dict(one.form)["data"]) == {"objname": "2017gfo"}
    assert told.whole


def test_a_search_without_reports_finds_nothing() -> None:
    assert learnt(TNS, reply([])).found == ()
    assert learnt(TNS, b'{"id_code": 200, "data": []}').found == ()


def test_of_many_objects_the_last_are_asked_for_and_more_are_there() -> None:
    names = ["2009a", "2024abc", "2024b", "2011zz", "2018cow", "2019qiz", "2020nlb"]
    last = ["2024abc", "2024b", "2020nlb", "2019qiz", "2018cow"]
    told = learnt(TNS, reply([{"objname": n} for n in names]), *(reply(GFO | {"objname": n}) for n in last))
    assert len(told.found) == 5
    assert not told.whole


@pytest.mark.parametrize(
    "bodies",
    [
        [b'{"id_code": 401, "id_message": "Unauthorized"}'],
        [b'{"id_code": 200, "data": {"reply": {}}}'],
        [b'{"id_code": 200, "data": {"reply": [{"objname": "../../etc"}]}}'],
        [b'{"id_code": 200, "data": {"reply": [7]}}'],
        [b"[1]"],
        [b"<html></html>"],
        [b"[" * 100_000],
        [LISTED, reply(GFO | {"objname": "2018cow"})],
        [LISTED, reply(GFO | {"radeg": None})],
        [LISTED, reply(GFO | {"decdeg": "NaN"})],
        [LISTED, reply(None)],
        [LISTED, b'{"id_code": 200, "data": {"reply": {"radeg": NaN}}}'],
    ],
)
def test_a_name_server_that_lies_is_not_believed(bodies: Sequence[bytes]) -> None:
    with pytest.raises(RetryLater, match="answered nonsense"):
        learnt(TNS, *bodies)


def test_bodies_have_a_rate_and_an_error_that_holds_the_parallax() -> None:
    near, far = learnt(SKYBOT, BODIES.encode()).found
    assert near.name == "(387015) 2012 RW24"
    assert near.rate_arcsec_h == pytest.approx(50.0)
    assert near.error_arcsec == pytest.approx(4.4, abs=0.01)
    assert (far.name, far.mag) == ("2022 SW157", None)


def test_a_body_without_a_number_has_a_dash_of_either_kind() -> None:
    (_, far) = learnt(SKYBOT, BODIES.replace(" - |", " \u2013 |").encode()).found
    assert far.name == "2022 SW157"


def test_no_body_and_no_search_are_two_things() -> None:
    assert learnt(SKYBOT, b"# Flag: 0\n# No solar system object was found\n").found == ()
    with pytest.raises(RetryLater, match="flag -1"):
        learnt(SKYBOT, b"# Flag: -1\n# Error\n")


def test_bodies_are_asked_for_at_the_time_of_the_sighting_or_not_at_all() -> None:
    said = parse_qs(urlsplit(skybot.request(PLACE, SKYBOT).url).query)
    assert said["-ep"] == ["2017-08-18T01:30:00"]
    later = skybot.request(replace(PLACE, seen_at=SEEN + timedelta(minutes=1)), SKYBOT)
    assert later.key != skybot.request(PLACE, SKYBOT).key
    with pytest.raises(Refused, match="nobody says when"):
        skybot.request(replace(PLACE, seen_at=None), SKYBOT)


def test_a_query_of_ones_own_is_asked_with_the_place_in_it() -> None:
    mine = RemoteSettings("x", "tap", "galaxies", "https://tap.example.org/sync", "SELECT {ra} {dec} {radius}")
    said = parse_qs(urlsplit(tap.one_request(PLACE, mine).url).query)
    assert said["QUERY"] == ["SELECT 197.45038 -23.38150 0.0333333"]
    assert (said["REQUEST"], said["FORMAT"]) == (["doQuery"], ["votable"])


def test_cones_around_several_places_stand_in_one_query_and_their_answers_are_parted() -> None:
    other = Question("c2", 10.0, 20.0)
    query = dict(tap.request([PLACE, other], STARS).form)["QUERY"]
    assert query.endswith(
        "WHERE (1=CONTAINS(POINT('ICRS', RA_ICRS, DE_ICRS), CIRCLE('ICRS', 197.45038, -23.38150, 0.0055556))"
        " OR 1=CONTAINS(POINT('ICRS', RA_ICRS, DE_ICRS), CIRCLE('ICRS', 10.00000, 20.00000, 0.0055556)))"
    )
    both = a_votable(STAR, [[1, 10.0, 20.0, 15.0], [2, 197.4504, -23.3815, 12.0], [3, 50.0, 50.0, 1.0]])
    mine, its = tap.answers(both, [PLACE, other], STARS)
    assert [s.name for s in learnt(STARS, mine).found] == ["2"]
    assert [s.name for s in learnt(STARS, its, asked=other).found] == ["1"]


def test_in_a_crowd_less_of_the_sky_is_asked_for_and_silence_then_tells_nothing() -> None:
    near = [[n, 197.45038 + n * 1e-5, -23.3815, 15.0] for n in range(4)]
    requests, told = overheard(STARS, a_votable(STAR, near[2:], "OVERFLOW"), a_votable(STAR, near))
    assert [star.name for star in told.found] == ["0", "1", "2", "3"]
    assert not told.whole
    assert "0.0013889" in requests[1].url
    assert learnt(STARS, a_votable(STAR, near)).whole


def test_a_cone_search_of_vizier_is_asked_for_its_columns() -> None:
    gaia = RemoteSettings("gaia", "cone", "stars")
    columns = {"Source": "long", "RA_ICRS": "double", "DE_ICRS": "double", "Gmag": "float"}
    body = a_votable(columns, [[6, 197.4504, -23.3815, 14.5]])
    (request,), told = overheard(gaia, body)
    assert request.url == (
        "https://vizier.cds.unistra.fr/viz-bin/conesearch/I/355/gaiadr3?RA=197.45038&DEC=-23.38150&SR=0.0055556&VERB=2"
    )
    assert [(s.name, s.mag) for s in told.found] == [("6", 14.5)]


@pytest.mark.parametrize(
    "ucds",
    [
        {"a": "ID_MAIN", "b": "POS_EQ_RA_MAIN", "c": "POS_EQ_DEC_MAIN"},
        {"a": "meta.id;meta.main", "b": "pos.eq.ra;meta.main", "c": "pos.eq.dec;meta.main"},
    ],
)
def test_a_cone_search_says_itself_which_columns_are_the_place(ucds: dict[str, str]) -> None:
    mine = RemoteSettings("x", "cone", "stars", "https://cone.example.org/scs", columns={"mag": "d"})
    columns = {"a": "char", "b": "double", "c": "double", "d": "float"}
    told = learnt(mine, a_votable(columns, [["s", 197.4504, -23.3815, 14.5]], ucds=ucds))
    assert [(s.name, s.mag) for s in told.found] == [("s", 14.5)]
    with pytest.raises(RetryLater, match="without the column 'name'"):
        learnt(mine, a_votable(columns, [["s", 197.4504, -23.3815, 14.5]]))


def test_a_broker_is_read_by_its_own_keys() -> None:
    one = {"oid": "ZTF1", "meanra": 197.4504, "meandec": -23.3815, "class": "SN", "firstmjd": 57983.0, "x": [1]}
    (request,), told = overheard(BROKER, json.dumps({"data": {"items": [one]}}).encode())
    assert request.url.endswith("/objects?ra=197.45038&dec=-23.38150&radius=5")
    (found,) = told.found
    assert (found.name, found.type) == ("ZTF1", "SN")
    assert found.first_seen == datetime(2017, 8, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"data": {"items": {}}}',
        b'{"data": {"items": [1]}}',
        b'{"data": {"items": [{"oid": "a", "meanra": 1}]}}',
        b'{"data": {"items": [{"oid": "a", "meanra": NaN, "meandec": 1}]}}',
        b'{"data": {"items": [{"oid": "a", "meanra": 1e300, "meandec": 1}]}}',
        json.dumps({"data": {"items": [{"oid": "a", "meanra": 1, "meandec": 1}] * 501}}).encode(),
        b"[" * 100_000,
        b"<html>",
    ],
)
def test_a_broker_that_lies_is_not_believed(body: bytes) -> None:
    with pytest.raises(RetryLater, match="answered nonsense"):
        learnt(BROKER, body)


@given(st.binary(max_size=300), st.sampled_from([STARS, TNS, SKYBOT, BROKER, RemoteSettings("x", "cone", "stars")]))
def test_no_answer_breaks_the_reader(body: bytes, settings: RemoteSettings) -> None:
    for start in (b"", b"name,ra,dec\n", LISTED[:40], BODIES.encode()):
        talk = WAYS[settings.kind](PLACE, settings)
        next(talk)
        try:
            talk.send(start + body)
        except RetryLater:
            continue
        except StopIteration as end:
            assert all(f.separation_arcsec <= settings.radius_arcsec for f in end.value.found)


def test_a_day_may_be_a_date_or_a_number_of_days() -> None:
    assert rows.when("2017-08-17T12:00:00+02:00") == datetime(2017, 8, 17, 10, tzinfo=UTC)
    assert rows.when("57983.5") == datetime(2017, 8, 18, 12, tzinfo=UTC)
    assert (rows.when("soon"), rows.when(""), rows.when("0001-01-01T00:00:00+14:00")) == (None, None, None)


def test_a_source_that_asks_for_an_hour_gets_it_up_to_the_longest_rest() -> None:
    rule = BreakerRule(failures=3, rest_s=60.0, longest_s=1800.0)
    assert CLOSED.failed(0.0, rule).circuit(0.0) == "closed"
    asked = CLOSED.failed(0.0, rule, wish_s=3600.0)
    assert (asked.circuit(1799.0), asked.circuit(1801.0)) == ("open", "half-open")
    short = CLOSED.failed(0.0, rule, wish_s=20.0)
    assert (short.circuit(19.0), short.circuit(21.0)) == ("open", "half-open")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "30"}, 30.0),
        ({"retry-after": "99999999"}, 600.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:29:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        ({"retry-after": "later"}, None),
        ({"x-rate-limit-remaining": "12", "x-rate-limit-reset": "50"}, None),
        ({"x-rate-limit-remaining": "12", "x-cone-rate-limit-remaining": "0", "x-cone-rate-limit-reset": "42"}, 42.0),
        ({"x-cone-rate-limit-remaining": "Exceeded", "x-cone-rate-limit-reset": "-1"}, None),
    ],
)
def test_how_long_a_host_wants_to_be_left_alone_stands_in_its_headers(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert wish_s(headers) == seconds
