"""Services that are dead, slow or lie: they cost nobody anything, and say that they did not answer."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders.catalogue_server import BAD, CatalogueServer, serving
from builders.vetting import T0, a_detection, a_sky, an_event

from coordinator import factory
from coordinator.catalogues.remote.breaker import BreakerRule
from coordinator.catalogues.remote.cache import FolderCache, Kept
from coordinator.catalogues.remote.source import RemoteSource
from coordinator.services.enrichment import Enrichment, EnrichmentRule, Question
from coordinator.services.facts import entry_of
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.remote_settings import RemoteSettings
from coordinator.services.vetter import Vetter
from coordinator.settings import Settings
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.neighbours import Answer, Star
from telescopes.description.clocks import LinkTime

PLACE = Question("c1", 10.0, 20.0, T0)
STARS = b"name,ra,dec,mag\nfar,10.002,20.0,12.5\nnear,10.0001,20.0,99.9\nelsewhere,30.0,20.0,9.0\n"


@dataclass
class HandClock:
    """Link time as the test sets it."""

    at_s: float = 0.0

    def now(self) -> LinkTime:
        return LinkTime(self.at_s)


@pytest.fixture
def server() -> Iterator[CatalogueServer]:
    with serving(STARS) as mine:
        yield mine


def source_at(url: str, state: Path, clock: HandClock | None = None, **changes: object) -> RemoteSource:
    """Build it as an observatory does; the clock alone is the test's."""
    settings = replace(RemoteSettings("gaia", "tap", "stars", url, total_s=30.0, max_kib=300.0), **changes)
    made = factory.enrichment(Settings(state=state, remote=(settings,)))
    assert made is not None
    (source,) = made.sources
    assert isinstance(source, RemoteSource)
    source.link = clock or HandClock()
    return source


def patience_s(mood: str) -> float:
    """Those who never come to an end are given up soon; no other answer may be lost to a busy machine."""
    return 0.5 if mood in ("silent", "drip") else 30.0


def ask(source: RemoteSource, question: Question = PLACE) -> Answer[Star]:
    (answer,) = asyncio.run(source.ask(question)).stars
    return answer


def test_what_it_knows_comes_nearest_first_and_fillers_are_unknown(server: CatalogueServer, tmp_path: Path) -> None:
    answer = ask(source_at(server.url, tmp_path))
    assert answer.silent_because is None
    assert [(s.name, s.mag) for s in answer.found] == [("near", None), ("far", 12.5)]
    assert answer.found[1].separation_arcsec == pytest.approx(6.77, abs=0.01)
    assert answer.as_of is not None


@pytest.mark.parametrize("mood", BAD)
def test_a_source_that_answers_badly_is_silent(server: CatalogueServer, tmp_path: Path, mood: str) -> None:
    server.mood = mood
    answer = ask(source_at(server.url, tmp_path, total_s=patience_s(mood)))
    assert answer.silent_because
    assert answer.found == ()
    assert answer.as_of is None


def test_a_dead_source_is_silent(tmp_path: Path) -> None:
    with serving() as gone:
        url = gone.url
    assert ask(source_at(url, tmp_path)).silent_because


def test_a_host_that_is_not_among_the_settings_is_not_asked(server: CatalogueServer, tmp_path: Path) -> None:
    source = source_at("http://127.0.0.1:9/ask", tmp_path)
    source.settings = replace(source.settings, url=server.url)
    assert "not among the hosts" in (ask(source).silent_because or "")
    assert server.asked == []


def test_a_place_is_asked_once_and_remembered_with_its_age(server: CatalogueServer, tmp_path: Path) -> None:
    first = ask(source_at(server.url, tmp_path))
    server.mood = "gone"
    assert ask(source_at(server.url, tmp_path)) == first
    assert len(server.asked) == 1
    assert ask(source_at(server.url, tmp_path), replace(PLACE, ra_deg=11.0)).silent_because


def test_what_is_remembered_too_long_or_was_damaged_is_asked_again(server: CatalogueServer, tmp_path: Path) -> None:
    source = source_at(server.url, tmp_path)
    first = ask(source)
    later = replace(source.cache, now=lambda: first.as_of + timedelta(days=2))
    source.cache = later
    assert ask(source).as_of == first.as_of + timedelta(days=2)
    (file,) = (tmp_path / "remote" / "gaia").glob("*.json")
    file.write_bytes(b'{"at": ')
    assert ask(source).silent_because is None
    assert len(server.asked) == 3


def test_nonsense_is_not_remembered(server: CatalogueServer, tmp_path: Path) -> None:
    server.mood = "nan"
    source = source_at(server.url, tmp_path)
    assert ask(source).silent_because
    server.mood = "well"
    assert len(ask(source).found) == 2


def test_a_cache_keeps_no_more_than_it_may(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, timedelta(days=1), lambda: T0, most=3)
    for n in range(8):
        cache.put(Kept(T0, f"question {n}", b"answer"))
    assert len(list(tmp_path.iterdir())) == 3
    assert cache.get("question 7") is not None


def test_a_source_that_fails_is_left_alone_then_tried_once(server: CatalogueServer, tmp_path: Path) -> None:
    clock = HandClock()
    source = source_at(server.url, tmp_path, clock)
    source.rule = BreakerRule(failures=3, rest_s=60.0)
    server.mood = "page"
    for _ in range(10):
        assert ask(source).silent_because
    assert len(server.asked) == 3
    clock.at_s = 61.0
    assert ask(source).silent_because
    assert ask(source).silent_because
    assert len(server.asked) == 4
    clock.at_s = 61.0 + 121.0
    server.mood = "well"
    assert len(ask(source).found) == 2
    assert source.breaker.circuit(clock.now()) == "closed"


def test_while_it_is_left_alone_what_is_remembered_is_still_told(server: CatalogueServer, tmp_path: Path) -> None:
    source = source_at(server.url, tmp_path)
    first = ask(source)
    server.mood = "forbidden"
    for n in range(5):
        ask(source, replace(PLACE, dec_deg=21.0 + n))
    assert ask(source) == first
    assert len(server.asked) == 4


@pytest.mark.parametrize("mood", ["silent", "drip", "rows", "nan", "votable rows", "who are you", "page"])
def test_a_verdict_is_out_while_a_source_is_still_asked_and_its_silence_moves_no_odds(
    server: CatalogueServer, tmp_path: Path, mood: str
) -> None:
    server.mood = mood
    source = source_at(server.url, tmp_path, total_s=patience_s(mood))

    async def story() -> tuple[InMemoryJournal, Vetter]:
        journal = InMemoryJournal()
        asking = Enrichment([source], HandClock(), EnrichmentRule(pause_s=0.01))
        vetter = Vetter(journal, InMemoryBlobs(), FixedSky(), load_map, enrichment=asking)
        writer = await Writer.elected(journal, "scheduler")
        await writer.append([entry_of("event_revised", an_event(), sky_time=T0, event="lvk:S1")])
        await vetter.start()
        running = asyncio.create_task(vetter.run())
        await vetter.store("t1", [a_detection("d1", host_redshift=0.0093, host_separation_arcsec=5.0)])
        async with asyncio.timeout(60.0):
            while not server.asked or "neighbours_found" not in kinds_in(journal):
                await asyncio.sleep(0.02)
            await vetter.store("t1", [a_detection("d2", 8.5)])
            while kinds_in(journal).count("candidates_scored") < 2:
                await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return journal, vetter

    journal, vetter = asyncio.run(story())
    kinds = kinds_in(journal)
    assert kinds.index("candidates_scored") < kinds.index("neighbours_found")
    assert kinds.count("neighbours_found") == 1
    (found,) = vetter.state.found["lvk:S1"].values()
    assert found.silent


def kinds_in(journal: InMemoryJournal) -> list[str]:
    return [s.entry.kind for s in journal.stored]


async def load_map(sha256: str) -> SkyMap:
    return a_sky()


class FixedSky:
    """Sky time that stands still."""

    def now(self) -> datetime:
        return T0 + timedelta(hours=9)
