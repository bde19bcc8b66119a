"""A survey's stream from a broker: what an event may be waiting for reaches the journal, the rest is accounted for."""

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders.avro import RUBIN_SCHEMA, a_rubin_packet, framed
from builders.broker import Broker, a_broker
from builders.registry import SchemaServer, a_registry

from coordinator import factory, stream_factory
from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.alerts.survey_rules import Dropped
from coordinator.events.event import Event
from coordinator.events.rules import Action, Decision
from coordinator.services.facts import entry_of
from coordinator.services.journal import InMemoryJournal, Writer
from coordinator.services.streams import StreamSettings
from coordinator.services.survey_filter import UNREADABLE
from coordinator.settings import Settings
from coordinator.sky.errors_on_sky import cone
from coordinator.sky.make_map import map_of
from coordinator.sky.write_multiorder import write_multiorder
from coordinator.sources.survey_sieve import MOST_UNREADABLE, SiftingIntake, SurveySieve
from telescopes.description.clocks import LinkTime

SEEN = datetime(2026, 3, 1, 6, tzinfo=UTC)
"""When the packets of the builders were seen, at RA 150, Dec 2."""

SKY = write_multiorder(map_of(cone(150.0, 2.0, 3.0, 0.9)))
QUICK: dict[str, str | int | float | bool] = {
    "statistics.interval.ms": 200,
    "topic.metadata.refresh.interval.ms": 500,
    "reconnect.backoff.max.ms": 500,
}


class SkyClock:
    rate = 1.0
    at = SEEN + timedelta(hours=1)

    def now(self) -> datetime:
        return self.at


def packet(number: int, **changes: Any) -> bytes:
    return framed(RUBIN_SCHEMA, a_rubin_packet(diaSourceId=number, diaObjectId=number, **changes), 7)


def a_burst() -> list[bytes]:
    """Return 200 packets: 30 that an event waits for, 20 too late, 10 bogus, 3 of no form, the rest elsewhere."""
    there = [packet(n + 1) for n in range(30)]
    late = [packet(n + 100, midpointMjdTai=61130.0) for n in range(20)]
    bogus = [packet(n + 200, reliability=0.1) for n in range(10)]
    elsewhere = [packet(n + 300, ra=20.0 + n, dec=-40.0) for n in range(137)]
    mixed = [*elsewhere, *there, b"rubbish 1", *late, b"rubbish 2", *bogus, b"rubbish 3"]
    return [mixed[(n * 77) % 200] for n in range(200)]


class Scene:
    """One observatory: its journal, and who tells it of events."""

    def __init__(self, state: Path, stream: StreamSettings) -> None:
        self.settings = Settings(state=state, streams=(stream,))
        self.stream = stream
        self.journal = InMemoryJournal()
        self.clock = SkyClock()
        self.source: asyncio.Task[None] | None = None

    async def event(self, key: str = "lvk:S260301a", **changes: Any) -> None:
        sha256 = await factory.blobs(self.settings).put(SKY)
        said: dict[str, Any] = {
            "key": key,
            "name": key.partition(":")[2],
            "revision": 1,
            "retracted": False,
            "messenger": "GW",
            "phase": Phase.INITIAL,
            "stage": None,
            "purpose": Purpose.OBSERVATION,
            "t0": SEEN - timedelta(hours=2),
            "t_issued": SEEN,
            "localization": Localization("multiorder", skymap_sha256=sha256),
        }
        await self.say("event_revised", Event(**(said | changes)), key)

    async def say(self, kind: str, fact: object, key: str) -> None:
        writer = await Writer.elected(self.journal, "scheduler")
        await writer.append([entry_of(kind, fact, sky_time=self.clock.now(), event=key)])

    async def build(self) -> SurveySieve:
        self.intake = await factory.intake(self.settings, self.journal, self.clock, f"source/{self.stream.id}")
        self.pulse = stream_factory.pulse(self.stream)
        self.sieve, self.watching = stream_factory.survey(self.stream, self.intake, self.pulse)
        await self.watching.catch_up()
        return self.sieve

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Scene"]:
        sieve = await self.build()
        source = stream_factory.source(self.stream, self.intake, self.pulse, "0123456789abcdef", sieve)
        tasks = [asyncio.create_task(source.run()), asyncio.create_task(self.watching.run())]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def count(self, kind: str) -> int:
        return sum(stored.entry.kind == kind for stored in self.journal.stored)

    @property
    def heard(self) -> int:
        return sum(count for what, count in self.pulse.counts.items() if what in ("alert", "rejected", "dropped"))


async def until(what: Callable[[], object], at_most_s: float = 150.0) -> None:
    loop = asyncio.get_running_loop()
    give_up = loop.time() + at_most_s
    while not what():
        assert loop.time() < give_up, "it did not come to that"
        await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with a_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def registry() -> Iterator[SchemaServer]:
    with a_registry() as server:
        server.schemas[7] = RUBIN_SCHEMA
        yield server


def a_stream(broker: Broker, topic: str, registry: SchemaServer, **more: Any) -> StreamSettings:
    given = {"brokers": (broker.address,), "topics": (broker.topic(topic),), "options": QUICK}
    survey: dict[str, Any] = {"survey": True, "schema_registry": registry.url, "survey_after_h": 72.0}
    return StreamSettings(topic, kind="kafka", group_id=topic, **(given | survey | more))


async def test_of_a_burst_only_what_an_event_waits_for_reaches_the_journal(
    tmp_path: Path, running: Broker, registry: SchemaServer
) -> None:
    scene = Scene(tmp_path, a_stream(running, "burst", registry))
    await scene.event()
    running.produce("burst", *a_burst())
    async with scene.running():
        await until(lambda: scene.heard == 200)
        await until(lambda: running.committed("burst", "burst") == 200)
    assert scene.pulse.counts == {"alert": 30, "rejected": 3, "dropped": 167}
    assert scene.pulse.dropped == {Dropped.SKY: 137, Dropped.TIME: 20, Dropped.BOGUS: 10}
    assert (scene.count("alert_received"), scene.count("alert_quarantined")) == (30, 3)
    assert scene.pulse.says()["dropped"] == scene.pulse.dropped and registry.asked == ["/schemas/ids/7"]
    assert {s.entry.event for s in scene.journal.stored if s.entry.kind == "alert_received"} == {
        f"rubin.dia_object:{n + 1}" for n in range(30)
    }


async def test_events_come_and_go_while_the_stream_runs(
    tmp_path: Path, running: Broker, registry: SchemaServer
) -> None:
    scene = Scene(tmp_path, a_stream(running, "events", registry))
    async with scene.running():
        running.produce("events", packet(1))
        await until(lambda: scene.heard == 1)
        assert scene.pulse.dropped == {Dropped.SKY: 1}
        await scene.event()
        await until(lambda: scene.sieve.filter.watches)
        running.produce("events", packet(2))
        await until(lambda: scene.heard == 2)
        assert scene.count("alert_received") == 1
        await scene.say("event_decided", Decision(Action.IGNORE, "r", "no"), "lvk:S260301a")
        await until(lambda: not scene.sieve.filter.watches)
        await scene.say("event_decided", Decision(Action.WATCH, "r", "yes"), "lvk:S260301a")
        await until(lambda: scene.sieve.filter.watches)
        await scene.event(retracted=True)
        await until(lambda: not scene.sieve.filter.watches)


async def test_while_the_registry_is_away_the_stream_waits_and_loses_nothing(
    tmp_path: Path, running: Broker, registry: SchemaServer
) -> None:
    registry.down = True
    scene = Scene(tmp_path, a_stream(running, "away", registry))
    await scene.event()
    running.produce("away", packet(1), packet(2, ra=20.0))
    async with scene.running():
        await until(lambda: scene.pulse.away_because)
        assert scene.heard == 0 and running.committed("away", "away") < 0
        registry.down = False
        await until(lambda: scene.heard == 2)
    assert scene.count("alert_received") == 1 and scene.pulse.away_because is None


async def test_what_was_seen_when_an_event_is_long_over_is_not_watched_for(tmp_path: Path) -> None:
    scene = Scene(tmp_path, StreamSettings("old", survey=True, survey_after_h=72.0))
    await scene.event()
    await scene.event("lvk:S260301b", localization=Localization("none"))
    await scene.build()
    assert [watch.event_key for watch in scene.sieve.filter.watches] == ["lvk:S260301a"]
    scene.clock.at = SEEN + timedelta(days=10)
    await scene.watching.catch_up()
    assert not scene.sieve.filter.watches


async def test_a_map_that_cannot_be_read_keeps_no_other_event_from_being_watched(tmp_path: Path) -> None:
    scene = Scene(tmp_path, StreamSettings("bad", survey=True))
    await scene.event()
    sha256 = await factory.blobs(scene.settings).put(b"no map")
    await scene.event("lvk:S260301b", localization=Localization("flat", skymap_sha256=sha256))
    await scene.event("lvk:S260301c", localization=Localization("flat", skymap_sha256="0" * 64))
    await scene.build()
    assert [watch.event_key for watch in scene.sieve.filter.watches] == ["lvk:S260301a"]


async def test_a_folder_and_a_recording_are_sifted_too(tmp_path: Path, registry: SchemaServer) -> None:
    recording = tmp_path / "night.ndjson"
    lines = [{"value_base64": base64.b64encode(raw).decode()} for raw in (packet(1), packet(2, ra=20.0), b"rubbish")]
    recording.write_text("\n".join(map(json.dumps, lines)))
    told: dict[str, Any] = {"survey": True, "schema_registry": registry.url}
    scene = Scene(tmp_path, StreamSettings("night", kind="replay", recording=recording, speed=0.0, **told))
    await scene.event()
    async with scene.running():
        await until(lambda: scene.pulse.ended)
    assert scene.pulse.counts == {"alert": 1, "dropped": 1, "rejected": 1}
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.avro").write_bytes(packet(3))
    (inbox / "b.avro").write_bytes(packet(4, ra=20.0))
    scene.stream = StreamSettings("night", folder=inbox, **told)
    async with scene.running():
        await until(lambda: len(list((inbox / "done").glob("*.avro"))) == 2)
    assert scene.pulse.counts == {"alert": 1, "dropped": 1}


class Hand:
    """A link clock that a test moves."""

    at = 0.0

    def now(self) -> LinkTime:
        return LinkTime(self.at)


async def test_a_flood_that_nobody_can_read_does_not_fill_the_disk_and_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene(tmp_path, StreamSettings("flood", survey=True))
    hand = Hand()
    sieve = replace(await scene.build(), link=hand)
    caplog.set_level(logging.INFO)
    fates = await sieve.sift([b"rubbish %d" % n for n in range(250)])
    assert [fate.outcome for fate in fates] == ["unreadable"] * MOST_UNREADABLE + ["dropped"] * 150
    assert scene.pulse.dropped == {UNREADABLE: 150} and not caplog.records
    hand.at = 61.0
    taker = SiftingIntake(scene.intake, sieve)
    assert (await taker.receive(b"rubbish", name="x")).outcome == "rejected"
    assert [record.message for record in caplog.records] == ["flood: in 61 s 250 cannot be read"]
