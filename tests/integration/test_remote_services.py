"""Each kind of service, on the wire and in its own words: what it knows is asked for once, and tells no secret."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from builders.catalogue_server import CatalogueServer, serving
from builders.remote_services import NameServer, SkyBot, Tap, a_report
from builders.vetting import T0, a_detection, a_sky, an_event
from builders.votables import STAR, a_votable

from coordinator import factory
from coordinator.catalogues.remote.breaker import CLOSED
from coordinator.catalogues.remote.source import RemoteSource
from coordinator.services.enrichment import Enrichment, EnrichmentRule, Question
from coordinator.services.facts import entry_of
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.remote_settings import RemoteSettings
from coordinator.services.vetter import Vetter
from coordinator.settings import Settings
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.neighbours import Answer, Neighbours
from telescopes.description.clocks import LinkTime

PLACE = Question("c1", 10.0, 20.0, T0)
AGENT = 'tns_marker{"tns_id":1234,"type":"bot","name":"our_bot"}'
KEY = "very-secret/key+1"
TNS = RemoteSettings("tns", "tns", user_agent=AGENT, secret_env="ARMILLARY_TEST_TNS_KEY")
GAIA = RemoteSettings("gaia", "tap", "stars", complete_to_mag=20.0)
SKYBOT = RemoteSettings("skybot", "skybot")
BODY = " 4004 | List'ev | 00 40 00.0000 | +20 00 3.000 | MB>Outer | 17.2 | 0.338 | 3.0 | 52.0 | 33.0 | 2.8 | 2.4"


class HandClock:
    """Link time as the test sets it."""

    at_s = 0.0

    def now(self) -> LinkTime:
        return LinkTime(self.at_s)


@pytest.fixture
def server() -> Iterator[CatalogueServer]:
    with serving() as mine:
        yield mine


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ARMILLARY_TEST_TNS_KEY", KEY)
    return KEY


def source_at(server: CatalogueServer, state: Path, settings: RemoteSettings, total_s: float = 30.0) -> RemoteSource:
    """Build it as an observatory does; the clock alone is the test's."""
    mine = replace(settings, url=f"http://127.0.0.1:{server.port}/ask", total_s=total_s)
    made = factory.enrichment(Settings(state=state, remote=(mine,)))
    assert made is not None
    (source,) = made.sources
    assert isinstance(source, RemoteSource)
    source.link = HandClock()
    return source


def ask(source: RemoteSource, question: Question = PLACE) -> Neighbours:
    return asyncio.run(source.ask(question))


def test_a_tap_service_is_asked_and_believed_as_far_as_it_goes(server: CatalogueServer, tmp_path: Path) -> None:
    server.speaks = Tap([("7", 10.0001, 20.0, 15.25), ("8", 11.0, 20.0, 9.0)])
    (answer,) = ask(source_at(server, tmp_path, GAIA)).stars
    assert [(s.name, s.mag) for s in answer.found] == [("7", 15.25)]
    assert answer.complete_to_mag == 20.0


def test_a_crowd_is_asked_about_ever_closer_and_its_silence_tells_nothing(
    server: CatalogueServer, tmp_path: Path
) -> None:
    crowd = [(str(n), 10.0 + 1e-5 * n, 20.0, 15.0) for n in range(501)]
    server.speaks = tap = Tap(crowd)
    (answer,) = ask(source_at(server, tmp_path, replace(GAIA, within_arcsec=30.0))).stars
    assert len(tap.queries) == 2
    assert answer.found[0].name == "0"
    assert answer.complete_to_mag is None


def test_the_candidates_of_an_event_are_asked_about_in_one_go(server: CatalogueServer, tmp_path: Path) -> None:
    places = [Question(f"c{n}", 10.0 + n, 20.0, T0) for n in range(20)]
    server.speaks = tap = Tap([(str(n), 10.0 + n, 20.0, 15.0) for n in range(0, 20, 2)])
    source = source_at(server, tmp_path, GAIA)
    found = [ask(source, replace(p, besides=tuple(places[n + 1 :]))).stars[0] for n, p in enumerate(places)]
    assert len(server.asked) == 1
    assert tap.queries[0].count("CIRCLE") == 20
    assert [[s.name for s in answer.found] for answer in found] == [[] if n % 2 else [str(n)] for n in range(20)]
    assert all(answer.silent_because is None for answer in found)


def test_a_service_that_cannot_take_many_is_asked_one_by_one(server: CatalogueServer, tmp_path: Path) -> None:
    one_only = Tap([("7", 10.0, 20.0, 15.0)])

    def speaks(path: str, told: dict[str, str]) -> bytes:
        if told["QUERY"].count("CIRCLE") > 1:
            return b'<VOTABLE><RESOURCE><INFO name="QUERY_STATUS" value="ERROR">OR?</INFO></RESOURCE></VOTABLE>'
        return one_only(path, told)

    server.speaks = speaks
    source = source_at(server, tmp_path, GAIA)
    asked = replace(PLACE, besides=(Question("c2", 11.0, 20.0),))
    assert "OR?" in (ask(source, asked).stars[0].silent_because or "")
    assert [s.name for s in ask(source, asked).stars[0].found] == ["7"]


def test_a_service_that_was_away_is_asked_about_many_again(server: CatalogueServer, tmp_path: Path) -> None:
    server.speaks, server.mood = Tap([]), "busy"
    source = source_at(server, tmp_path, GAIA)
    clock = source.link
    assert isinstance(clock, HandClock)
    others = tuple(Question(f"d{n}", 11.0 + n, 20.0) for n in range(3))
    for _ in range(4):
        assert silence(source, replace(PLACE, besides=others))
    assert [len(told) for told in server.told] == [5, 5, 5]
    assert [told["QUERY"].count("CIRCLE") for told in server.told] == [4, 1, 1]
    server.mood, clock.at_s = "well", 61.0
    ask(source, replace(PLACE, besides=others))
    ask(source, replace(others[0], besides=others[1:]))
    assert [told["QUERY"].count("CIRCLE") for told in server.told[3:]] == [1, 3]


def test_of_crowded_places_fewer_are_asked_about_in_one_go(server: CatalogueServer, tmp_path: Path) -> None:
    places = [Question(f"c{n}", 10.0 + n, 20.0, T0) for n in range(8)]
    crowd = [(str(1000 * n + k), 10.0 + n + 1e-6 * k, 20.0, 15.0) for n in range(8) for k in range(100)]
    server.speaks = tap = Tap(crowd)
    source = source_at(server, tmp_path, GAIA)
    for n, place in enumerate(places):
        (answer,) = ask(source, replace(place, besides=tuple(places[n + 1 :]))).stars
        assert {int(star.name) // 1000 for star in answer.found} == {n}
        assert answer.complete_to_mag == 20.0
    assert [query.count("CIRCLE") for query in tap.queries] == [8, 1, 4, 3]


def test_a_simple_cone_search_is_asked(server: CatalogueServer, tmp_path: Path) -> None:
    server.body = a_votable(STAR, [[7, 10.0, 20.0, 15.25]])
    (answer,) = ask(source_at(server, tmp_path, RemoteSettings("scs", "cone", "stars", columns={"mag": "mag"}))).stars
    assert server.told[0] == {"RA": "10.00000", "DEC": "20.00000", "SR": "0.0055556", "VERB": "2"}
    assert answer.found[0].mag == 15.25


def test_a_broker_is_asked_with_a_secret_header(
    server: CatalogueServer, tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = RemoteSettings(
        "broker", "json", "reported", query="ra={ra}&dec={dec}&radius={radius}", columns={"name": "oid"},
        secret_headers={"User-Agent": "ARMILLARY_TEST_TNS_KEY"},
    )  # fmt: skip
    server.body = b'[{"oid": "ZTF1", "ra": 10.0, "dec": 20.0}]'
    (answer,) = ask(source_at(server, tmp_path, settings)).reported
    assert (answer.found[0].name, server.agents) == ("ZTF1", [key])


def test_the_name_server_is_asked_as_a_bot_and_each_answer_is_remembered(
    server: CatalogueServer, tmp_path: Path, key: str
) -> None:
    server.speaks = NameServer(
        {"2017gfo": a_report("2017gfo", 10.0, 20.0, object_type={"name": "Kilonova", "id": 70}, redshift=0.0097)}, key
    )
    source = source_at(server, tmp_path, TNS)
    (answer,) = ask(source).reported
    assert [(one.name, one.type) for one in answer.found] == [("AT 2017gfo", "Kilonova")]
    assert server.asked == ["/ask/search", "/ask/object"]
    assert server.agents == [AGENT, AGENT]
    assert ask(source).reported == (answer,)
    assert len(server.asked) == 2
    assert key.encode() not in b"".join(file.read_bytes() for file in tmp_path.rglob("*.json"))


def test_bodies_are_remembered_by_place_and_time(server: CatalogueServer, tmp_path: Path) -> None:
    server.speaks = SkyBot({T0.strftime("%Y-%m-%dT%H:%M:%S"): [BODY]})
    source = source_at(server, tmp_path, SKYBOT)
    then, again = ask(source).minor_planets, ask(source).minor_planets
    assert then == again
    assert then[0].found[0].name == "(4004) List'ev"
    (later,) = ask(source, replace(PLACE, seen_at=T0 + timedelta(hours=1))).minor_planets
    assert (later.found, later.silent_because) == ((), None)
    assert len(server.asked) == 2
    (never,) = ask(source, replace(PLACE, seen_at=None)).minor_planets
    assert never.silent_because == "nobody says when it was seen"


def test_a_key_that_is_not_set_or_cannot_be_sent_is_said_and_nobody_is_asked(
    server: CatalogueServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ARMILLARY_TEST_TNS_KEY", raising=False)
    source = source_at(server, tmp_path, TNS)
    assert silence(source) == "environment variable ARMILLARY_TEST_TNS_KEY is not set"
    monkeypatch.setenv("ARMILLARY_TEST_TNS_KEY", "two\nlines")
    assert silence(source) == "environment variable ARMILLARY_TEST_TNS_KEY holds what cannot be sent"
    assert server.asked == []


def silence(source: RemoteSource, question: Question = PLACE) -> str:
    near = ask(source, question)
    answers: list[Answer[object]] = [*near.reported, *near.stars, *near.minor_planets]  # type: ignore[list-item]
    assert answers[0].found == ()
    return answers[0].silent_because or ""


@pytest.mark.parametrize("leak", ["reason", "redirect", "page", "report", "escaped", "name"])
def test_no_secret_comes_back_whatever_a_host_does_with_it(
    server: CatalogueServer, tmp_path: Path, key: str, leak: str
) -> None:
    quoted = key.replace("/", "%2F").replace("+", "%2B")
    if leak == "redirect":
        server.mood, server.headers = "elsewhere", {"Location": f"https://evil.example.org/{quoted}?{key}"}
    elif leak == "reason":
        server.mood, server.reason = "who are you", f"who is {key} or {quoted}"
    else:
        said: dict[str, object] = {
            "id_code": 200,
            "data": {"reply": [{"objname": key if leak == "name" else "2017gfo"}]},
        }
        server.body = f"<html>{key}</html>".encode() if leak == "page" else json.dumps(said).encode()
        if leak in ("report", "escaped"):
            speaks = NameServer({"2017gfo": a_report("2017gfo", 10.0, 20.0, redshift=None, name_prefix=key)}, key)
            slash = b"/" if leak == "report" else b"\\/"  # as PHP writes it
            server.speaks = lambda path, told: speaks(path, told).replace(b"/", slash)
    with structlog.testing.capture_logs() as logs:
        said_why = silence(source_at(server, tmp_path, TNS))
    assert said_why
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for told in (said_why, str(logs), written.decode()):
        assert key not in told
        assert quoted not in told


@pytest.mark.parametrize("settings", [TNS, GAIA, SKYBOT], ids=lambda s: s.kind)
def test_who_is_asked_to_wait_waits_as_long_as_he_is_told(
    server: CatalogueServer, tmp_path: Path, key: str, settings: RemoteSettings
) -> None:
    server.mood = "too often"
    server.headers = {"x-cone-rate-limit-remaining": "0", "x-cone-rate-limit-reset": "42"}
    source = source_at(server, tmp_path, settings)
    clock = source.link
    assert isinstance(clock, HandClock)
    assert silence(source).startswith("the host answers 429")
    assert "left alone" in silence(source)
    clock.at_s = 41.0
    assert "left alone" in silence(source)
    assert len(server.asked) == 1
    clock.at_s = 43.0
    assert "429" in silence(source)
    assert len(server.asked) == 2


@pytest.mark.parametrize("settings", [TNS, GAIA, SKYBOT], ids=lambda s: s.kind)
def test_a_host_that_denies_us_is_silent_and_says_why(
    server: CatalogueServer, tmp_path: Path, key: str, settings: RemoteSettings
) -> None:
    server.mood = "who are you"
    assert silence(source_at(server, tmp_path, settings)) == "the host answers 401 Unauthorized"


def test_what_was_sent_is_never_sent_on(server: CatalogueServer, tmp_path: Path, key: str) -> None:
    with serving(b"{}") as other:
        server.mood, server.headers = "elsewhere", {"Location": other.url}
        source = source_at(server, tmp_path, TNS)
        assert "not among the hosts" in silence(source)
        server.headers = {"Location": f"http://127.0.0.1:{server.port}/again"}
        silence(source)
        source.breaker = CLOSED
        server.mood = "the same elsewhere"
        assert silence(source) == "redirects what it was sent"
        assert other.asked == []
        assert [told for path, told in zip(server.asked, server.told, strict=True) if path == "/again"] == [{}] * 3


SN = {"name": "SN Ia", "id": 3}


async def vetted(source: RemoteSource, until: str, times: int) -> tuple[InMemoryJournal, Vetter]:
    """Let a candidate be weighed, and wait until the journal has so many entries of a kind, and a while longer."""
    journal = InMemoryJournal()
    asking = Enrichment([source], HandClock(), EnrichmentRule(pause_s=0.01))
    vetter = Vetter(journal, InMemoryBlobs(), FixedSky(), load_map, enrichment=asking)
    writer = await Writer.elected(journal, "scheduler")
    await writer.append([entry_of("event_revised", an_event(), sky_time=T0, event="lvk:S1")])
    await vetter.start()
    running = asyncio.create_task(vetter.run())
    await vetter.store("t1", [a_detection("d1", host_redshift=0.0093, host_separation_arcsec=5.0)])
    async with asyncio.timeout(60.0):
        while [s.entry.kind for s in journal.stored].count(until) < times:
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return journal, vetter


async def load_map(sha256: str) -> SkyMap:
    return a_sky()


class FixedSky:
    """Sky time that stands still."""

    def now(self) -> datetime:
        return T0 + timedelta(hours=9)


def said_by(check: str, journal: InMemoryJournal) -> list[dict[str, Any]]:
    """Return what a check says of the best candidate in each weighing."""
    every = [s.entry.body["candidates"][0] for s in journal.stored if s.entry.kind == "candidates_scored"]
    return [next(c for c in one["checks"] if c["name"] == check) | {"p": one["probability"]} for one in every]


def test_a_spectrum_that_the_name_server_knows_makes_the_odds_again_and_is_journaled_once(
    server: CatalogueServer, tmp_path: Path, key: str
) -> None:
    place = a_detection("d1")
    report = a_report("2019nqq", place.ra_deg, place.dec_deg, object_type=SN, redshift=0.07)
    server.speaks = NameServer({"2019nqq": report}, key)
    journal, _ = asyncio.run(vetted(source_at(server, tmp_path, TNS), "candidates_scored", 2))
    kinds = [s.entry.kind for s in journal.stored]
    assert kinds.count("neighbours_found") == 1
    before, after = said_by("reported", journal)
    assert "SN Ia" not in before["because"]
    assert "SN Ia" in after["because"]
    assert after["p"] < before["p"]
    assert key not in str(journal.stored)


@pytest.mark.parametrize(("settings", "check"), [(TNS, "reported"), (SKYBOT, "minor planet"), (GAIA, "star")])
def test_the_check_says_that_its_source_did_not_answer(
    server: CatalogueServer, tmp_path: Path, key: str, settings: RemoteSettings, check: str
) -> None:
    server.mood = "silent"
    source = source_at(server, tmp_path, settings, total_s=0.3)
    journal, vetter = asyncio.run(vetted(source, "candidates_scored", 2))
    (found,) = vetter.state.found["lvk:S1"].values()
    assert found.silent
    before, after = said_by(check, journal)
    assert after["because"].startswith("source did not answer: ")
    assert (after["passed"], after["log_bayes"], after["p"]) == (None, 0.0, before["p"])
