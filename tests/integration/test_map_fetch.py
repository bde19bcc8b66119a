"""Maps by link join their events: late, refused, never; and a replay needs no network."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders.map_server import serving

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose
from coordinator.events.event import Event
from coordinator.services.assess import MapSummary
from coordinator.services.facts import entry_of
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.link_rules import FetchRules
from coordinator.services.map_fetch import MapFetch, Patience
from coordinator.services.map_summary import summarise_map
from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import read_state, write_state
from coordinator.sky.errors_on_sky import cone
from coordinator.sky.make_map import map_of
from coordinator.sky.write_multiorder import write_multiorder
from coordinator.sources.http_fetch import HttpFetch

NOW = datetime(2026, 4, 1, tzinfo=UTC)
SKY = write_multiorder(map_of(cone(83.0, 5.0, 3.0, 0.9)))
PATIENCE = Patience(first_s=0.01, longest_s=0.02, tries=4)


class StandingSkyClock:
    rate = 1.0

    def now(self) -> datetime:
        return NOW


def a_notice(url: str, phase: Phase = Phase.PRELIMINARY, **changes: object) -> Alert:
    said = {"localization": Localization("link", url=url), "purpose": Purpose.OBSERVATION} | changes
    return Alert(
        source="test",
        format="voevent-xml",
        stream="lvk",
        notice_id=f"ivo://x#S1-{phase}",
        event_key="lvk:S1",
        name="S1",
        messenger="GW",
        phase=phase,
        stage=None,
        t0=NOW,
        t_issued=NOW,
        raw_sha256=f"raw-{phase}",
        **said,  # type: ignore[arg-type]
    )


async def read_map(data: bytes) -> MapSummary:
    return summarise_map(data)


class Scene:
    """A journal, and one who fetches what it links to."""

    def __init__(self, *hosts: str, journal: InMemoryJournal | None = None) -> None:
        self.journal = journal or InMemoryJournal()
        self.blobs = InMemoryBlobs()
        self.files = HttpFetch(FetchRules(hosts, max_bytes=2**20, total_s=30.0))

    async def say(self, *alerts: Alert) -> None:
        writer = await Writer.elected(self.journal, "source/test")
        await writer.append([entry_of("alert_received", a, sky_time=NOW, event=a.event_key) for a in alerts])

    async def until(self, holds: Callable[[], bool]) -> None:
        """Fetch until something holds."""
        writer = await Writer.elected(self.journal, "maps")
        fetch = MapFetch(self.journal, writer, self.blobs, self.files, read_map, StandingSkyClock(), PATIENCE)
        task = asyncio.create_task(fetch.run())
        try:
            async with asyncio.timeout(90.0):
                while not holds():
                    assert not task.done(), task
                    await asyncio.sleep(0.01)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def state(self) -> ObservatoryState:
        state = ObservatoryState()
        for stored in self.journal.stored:
            state.apply(stored)
        return state

    @property
    def event(self) -> Event:
        return self.state.alerts.events["lvk:S1"]

    def joined(self) -> int:
        return sum(stored.entry.kind == "alert_map_joined" for stored in self.journal.stored)


async def test_an_event_is_there_at_once_and_its_map_joins_it() -> None:
    with serving() as maps:
        maps.files["/map.fits"] = SKY
        maps.misses["/map.fits"] = 2
        scene = Scene(maps.origin)
        await scene.say(a_notice(maps.url("/map.fits")))
        assert scene.event.localization.kind == "link" and scene.event.skymap_sha256 is None
        await scene.until(lambda: scene.event.skymap_sha256 is not None)
        assert maps.asked["/map.fits"] == 3
    where = scene.event.localization
    assert (where.kind, where.skymap_bytes, where.url) == ("multiorder", len(SKY), maps.url("/map.fits"))
    assert where.area90_deg2 is not None and where.area90_deg2 > 10
    assert scene.blobs.data[where.skymap_sha256 or ""] == SKY
    assert scene.event.revision == 1


async def test_a_replay_and_a_snapshot_know_the_map_without_a_network() -> None:
    with serving() as maps:
        maps.files["/map.fits"] = SKY
        scene = Scene(maps.origin)
        await scene.say(a_notice(maps.url("/map.fits")))
        await scene.until(lambda: scene.joined() == 1)
    again = scene.state
    assert again.hash() == scene.state.hash()
    shot = read_state(write_state(again, "j"), "j")
    assert shot.hash() == again.hash() and shot.alerts.events == again.alerts.events
    assert again.alerts.events["lvk:S1"].skymap_sha256 is not None


async def test_the_order_of_map_and_later_notices_leaves_no_trace() -> None:
    with serving() as maps:
        maps.files |= {"/p.fits": SKY, "/i.fits": SKY + b"\0" * 2880}
        first, second = a_notice(maps.url("/p.fits")), a_notice(maps.url("/i.fits"), Phase.INITIAL)
        one, other = Scene(maps.origin), Scene(maps.origin)
        await one.say(first)
        await one.until(lambda: one.joined() == 1)
        assert one.event.localization.url == first.localization.url
        await one.say(second)
        assert one.event.localization.kind == "link" and one.event.skymap_sha256 is not None
        await one.until(lambda: one.joined() == 2)
        await other.say(second, first)
        await other.until(lambda: other.joined() == 1)
    assert one.event == other.event
    assert one.event.localization.url == second.localization.url


async def test_a_link_into_the_own_network_is_not_followed_and_the_cone_is_used() -> None:
    with serving() as inside:
        inside.files["/map.fits"] = SKY
        scene = Scene("gracedb.ligo.org")
        place = Localization("cone", 1.0, 2.0, 3.0, url=inside.url("/map.fits"), skymap_sha256="made")
        await scene.say(a_notice("", localization=place))
        await scene.until(lambda: scene.joined() == 1)
        assert inside.asked == {}
    where = scene.event.localization
    assert (where.kind, where.skymap_sha256) == ("cone", "made")
    assert "not among the hosts" in where.warnings[0]


@pytest.mark.slow
async def test_what_never_comes_or_is_no_map_is_said() -> None:
    with serving() as maps:
        maps.files["/page"] = b"<html>no map</html>"
        for path, said in (("/never", "given up after 4 tries"), ("/page", "HTML page")):
            scene = Scene(maps.origin)
            await scene.say(a_notice(maps.url(path)))
            await scene.until(lambda scene=scene: scene.joined() == 1)  # type: ignore[misc]
            assert said in (scene.event.localization.refused or "")
            assert scene.event.skymap_sha256 is None


async def test_what_was_refused_is_tried_again_by_a_new_process() -> None:
    with serving() as maps:
        maps.files["/map.fits"] = SKY
        scene = Scene("gracedb.ligo.org")
        await scene.say(a_notice(maps.url("/map.fits")))
        await scene.until(lambda: scene.joined() == 1)
        assert scene.event.localization.refused
        allowed = Scene(maps.origin, journal=scene.journal)
        await allowed.until(lambda: allowed.event.skymap_sha256 is not None)
    assert allowed.event.localization.refused is None


async def test_a_retracted_event_or_one_with_its_own_map_fetches_nothing() -> None:
    with serving() as maps:
        maps.files |= {"/map.fits": SKY, "/other.fits": SKY}
        own = Localization("multiorder", skymap_sha256="own")
        twin = replace(a_notice(""), notice_id="json", format="json igwn.alerts.Alert", localization=own)
        gone = a_notice("", Phase.RETRACTION, localization=Localization("none"))
        for unwanted in (twin, gone):
            scene = Scene(maps.origin)
            wanted = replace(a_notice(maps.url("/other.fits")), event_key="lvk:S2", notice_id="S2")
            await scene.say(a_notice(maps.url("/map.fits")), unwanted)
            await scene.say(wanted)
            await scene.until(lambda scene=scene: scene.joined() == 1)  # type: ignore[misc]
            assert scene.event.localization.kind != "none" and "/map.fits" not in maps.asked
