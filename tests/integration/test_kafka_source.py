"""A Kafka stream over a real broker: at least once in, exactly once in effect, whatever goes wrong between."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from builders.broker import Broker, a_broker

from coordinator.alerts.alert import Alert, Purpose
from coordinator.services.assess import MapSummary
from coordinator.services.facts import fact_of
from coordinator.services.intake import Intake, Received
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Stored, Writer
from coordinator.services.streams import StreamSettings
from coordinator.sources.hop import read_hop_headers
from coordinator.sources.kafka import KafkaSource
from coordinator.sources.kafka_settings import consumer_settings
from coordinator.sources.pulse import AWAY, Pulse
from telescopes.description.clocks import MonotonicClock, SystemSkyClock
from telescopes.description.errors import RetryLater

QUICK: dict[str, str | int | float | bool] = {
    "statistics.interval.ms": 200,
    "topic.metadata.refresh.interval.ms": 500,
    "reconnect.backoff.max.ms": 500,
    "session.timeout.ms": 6000,
}
LONG_S = 150.0


async def no_map(data: bytes) -> MapSummary:
    raise AssertionError("no map in these messages")


def a_notice(number: int = 0, padding: int = 0) -> bytes:
    name = "S261122" + chr(ord("a") + number // 26) + chr(ord("a") + number % 26)
    return json.dumps(
        {
            "superevent_id": name,
            "alert_type": "RETRACTION",
            "time_created": "2026-11-22T21:18:31Z",
            "event": None,
            "padding": "x" * padding,
        }
    ).encode()


class SlowIntake(Intake):
    """An intake that fails or waits where it is told to."""

    fault: Exception | None = None
    broken_by: bytes = b"\xff never"
    gate: asyncio.Event | None = None
    tried = 0

    async def receive(
        self,
        raw: bytes,
        *,
        name: str,
        purpose: str | None = None,
        event_key: str | None = None,
        topic: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Received:
        self.tried += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        if self.broken_by in raw:
            raise ZeroDivisionError("oh")
        return await super().receive(raw, name=name, topic=topic, headers=headers)


class Listener:
    """One life of a source over a journal that outlives it."""

    def __init__(self, broker: Broker, journal: InMemoryJournal, **changes: Any) -> None:
        options = QUICK | changes.pop("options", {})
        journal_id = changes.pop("journal_id", "0123456789abcdef")
        given = {"kind": "kafka", "brokers": (broker.address,), "topics": ("alerts",)} | changes
        self.stream = StreamSettings("gcn", options=options, **given)
        self.journal = journal
        self.settings = consumer_settings(self.stream, journal_id=journal_id)
        self.group = self.settings["group.id"]

    async def live(self, **of_source: Any) -> "Listener":
        self.pulse = Pulse("gcn", MonotonicClock())
        writer = await Writer.elected(self.journal, "source/gcn")
        self.intake = SlowIntake(writer, InMemoryBlobs(), SystemSkyClock(), no_map, "gcn")
        self.source = KafkaSource(
            self.settings,
            self.stream.topics,
            self.intake,
            self.pulse,
            random.Random(1),
            heartbeat_topic=self.stream.heartbeat_topic,
            first_pause_s=0.1,
            **of_source,
        )
        return self

    @property
    def facts(self) -> list[Stored]:
        return [stored for stored in self.journal.stored if stored.entry.kind != "writer_elected"]

    @property
    def events(self) -> list[str | None]:
        return [stored.entry.event for stored in self.facts]


@asynccontextmanager
async def listening(broker: Broker, journal: InMemoryJournal, **changes: Any) -> AsyncIterator[Listener]:
    of_source = changes.pop("of_source", {})
    listener = await Listener(broker, journal, **changes).live(**of_source)
    task = asyncio.create_task(listener.source.run())
    try:
        yield listener
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def until(what: Callable[[], object], at_most_s: float = LONG_S) -> None:
    loop = asyncio.get_running_loop()
    give_up = loop.time() + at_most_s
    while not what():
        assert loop.time() < give_up, "it did not come to that"
        await asyncio.sleep(0.02)
    for _ in range(3):  # who wrote an entry counts and settles it a turn of the loop later
        await asyncio.sleep(0)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with a_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def broker(running: Broker, request: pytest.FixtureRequest) -> Broker:
    """The broker, with a topic of the test's own."""
    running.topic(topic_of(request.node.name), partitions=1)
    return running


def topic_of(test: str) -> str:
    return test.replace("[", "-").replace("]", "")


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> str:
    return topic_of(request.node.name)


async def test_what_was_sent_before_and_after_the_start_comes_once_and_in_order(broker: Broker, topic: str) -> None:
    broker.produce(topic, a_notice(0), a_notice(1))
    async with listening(broker, InMemoryJournal(), topics=(topic,)) as listener:
        await until(lambda: len(listener.facts) == 2)
        broker.produce(topic, a_notice(2))
        await until(lambda: len(listener.facts) == 3)
    assert listener.events == ["lvk:S261122aa", "lvk:S261122ab", "lvk:S261122ac"]
    alert: Alert = fact_of(listener.facts[0].entry)
    assert alert.file == f"{topic}[0]@0"
    assert broker.committed(listener.group, topic) == 3


async def test_a_restart_goes_on_where_it_stood(broker: Broker, topic: str) -> None:
    journal = InMemoryJournal()
    broker.produce(topic, a_notice(0))
    async with listening(broker, journal, topics=(topic,)) as first:
        await until(lambda: len(first.facts) == 1)
    broker.produce(topic, a_notice(1))
    async with listening(broker, journal, topics=(topic,)) as second:
        await until(lambda: len(second.facts) == 2)
        assert second.pulse.counts == {"alert": 1}


async def test_what_is_not_in_the_journal_is_not_committed_and_comes_again(broker: Broker, topic: str) -> None:
    journal = InMemoryJournal()
    broker.produce(topic, a_notice(0), a_notice(1))
    listener = await Listener(broker, journal, topics=(topic,)).live()
    listener.intake.fault = RetryLater("restarts", where="journal", mend="wait", after_s=0.05)
    task = asyncio.create_task(listener.source.run())
    await until(lambda: listener.intake.tried >= 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert broker.committed(listener.group, topic) < 0 and not listener.facts
    async with listening(broker, journal, topics=(topic,)) as again:
        await until(lambda: len(again.facts) == 2)


async def test_the_same_message_twice_is_one_alert(broker: Broker, topic: str) -> None:
    broker.produce(topic, a_notice(0), a_notice(0), a_notice(1))
    async with listening(broker, InMemoryJournal(), topics=(topic,)) as listener:
        await until(lambda: listener.pulse.counts.get("alert") == 3)
    assert listener.events == ["lvk:S261122aa", "lvk:S261122ab"]


async def test_a_message_of_two_megabytes_comes_whole(broker: Broker, topic: str) -> None:
    large = a_notice(0, padding=2_100_000)
    broker.produce(topic, large)
    async with listening(broker, InMemoryJournal(), topics=(topic,)) as listener:
        await until(lambda: len(listener.facts) == 1)
    blobs = listener.intake.blobs
    assert isinstance(blobs, InMemoryBlobs) and large in blobs.data.values()


async def test_headers_are_heard_whatever_bytes_they_are(broker: Broker, topic: str) -> None:
    headers = [("_id", b"\xff" * 16), ("_sender", b"x"), ("_format", b"json"), ("_test", b"true"), ("_test", b"false")]
    broker.produce(topic, a_notice(0), headers=headers)
    of_source = {"headers": read_hop_headers}
    async with listening(broker, InMemoryJournal(), topics=(topic,), of_source=of_source) as listener:
        await until(lambda: len(listener.facts) == 1)
    alert: Alert = fact_of(listener.facts[0].entry)
    assert alert.purpose is Purpose.TEST


async def test_poison_in_the_middle_stops_nobody(broker: Broker, topic: str) -> None:
    listener = await Listener(broker, InMemoryJournal(), topics=(topic,)).live()
    listener.intake.broken_by = b"BREAKS"
    broker.produce(topic, a_notice(0), b"{", None, b'"BREAKS"', b"", a_notice(1))
    task = asyncio.create_task(listener.source.run())
    await until(lambda: len(listener.facts) == 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    kinds = [stored.entry.kind for stored in listener.facts]
    assert kinds == ["alert_received", *["alert_quarantined"] * 3, "alert_received"]
    assert listener.facts[2].entry.body["reason"] == "broke its reader: ZeroDivisionError: oh"
    assert listener.pulse.counts == {"alert": 2, "rejected": 3, "broke": 1, "tombstones": 1}
    assert broker.committed(listener.group, topic) == 6


async def test_a_topic_that_is_not_there_yet_is_a_warning_and_is_read_when_it_is(broker: Broker, topic: str) -> None:
    broker.produce(topic, a_notice(0))
    later = f"{topic}-later"
    async with listening(broker, InMemoryJournal(), topics=(topic, later)) as listener:
        await until(lambda: len(listener.facts) == 1 and listener.pulse.counts.get("warnings"))
        broker.topic(later)
        broker.produce(later, a_notice(1))
        await until(lambda: len(listener.facts) == 2)


async def test_a_slow_intake_pauses_the_stream_and_loses_nothing(broker: Broker, topic: str) -> None:
    listener = await Listener(broker, InMemoryJournal(), topics=(topic,)).live(most=4)
    listener.intake.gate = asyncio.Event()
    broker.produce(topic, *(a_notice(number) for number in range(40)))
    task = asyncio.create_task(listener.source.run())
    await until(lambda: listener.intake.tried == 1 and listener.source.reader is not None)
    await until(lambda: listener.source.reader is not None and listener.source.reader.pauses)
    assert not listener.facts
    listener.intake.gate.set()
    await until(lambda: len(listener.facts) == 40)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert listener.events == sorted(listener.events, key=str) and len(set(listener.events)) == 40
    assert broker.committed(listener.group, topic) == 40


async def test_heartbeats_are_signs_of_life_and_are_not_kept(broker: Broker, topic: str) -> None:
    beats = broker.topic(f"{topic}-heartbeat")
    broker.produce(beats, b"{}", b"{}")
    broker.produce(topic, a_notice(0))
    async with listening(broker, InMemoryJournal(), topics=(topic,), heartbeat_topic=beats) as listener:
        await until(lambda: len(listener.facts) == 1)
        assert "heartbeats" not in listener.pulse.counts, "those from before the start tell nothing"
        broker.produce(beats, b"{}")
        await until(lambda: listener.pulse.counts.get("heartbeats") == 1)
    assert len(listener.facts) == 1


@pytest.mark.slow
async def test_two_readers_of_one_group_share_the_partitions_and_lose_nothing(running: Broker) -> None:
    shared = running.topic("shared", partitions=4)
    journal = InMemoryJournal()
    for number in range(10):
        running.produce(shared, a_notice(number), partition=number % 4)
    async with listening(running, journal, topics=(shared,), group_id="ours") as first:
        await until(lambda: len(first.facts) >= 10)
        other = await Listener(
            running, InMemoryJournal(), topics=(shared,), group_id="ours", journal_id="fedcba98"
        ).live()
        task = asyncio.create_task(other.source.run())
        for number in range(10, 60):
            running.produce(shared, a_notice(number), partition=number % 4)
            await asyncio.sleep(0.05)
        await until(lambda: len({*first.events, *other.events}) == 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(set(first.events)) == len(first.events) and len(set(other.events)) == len(other.events)


@pytest.mark.slow
async def test_a_broker_that_goes_away_is_found_again_without_a_restart(tmp_path: Path) -> None:
    with a_broker(tmp_path / "broker") as broker:
        topic = broker.topic("alerts")
        broker.produce(topic, a_notice(0))
        async with listening(broker, InMemoryJournal()) as listener:
            await until(lambda: len(listener.facts) == 1)
            await until(lambda: broker.committed(listener.group, topic) == 1)
            await asyncio.sleep(4.0)  # the offset is there, and this broker writes its state now and then
            broker.stop()
            await until(lambda: listener.pulse.state == AWAY)
            broker.start()
            broker.produce(topic, a_notice(1))
            await until(lambda: len(listener.facts) == 2)
            assert listener.pulse.state != AWAY
            assert "consumers_lost" not in listener.pulse.counts
    assert listener.events == ["lvk:S261122aa", "lvk:S261122ab"]


@pytest.mark.slow
async def test_a_broker_that_is_not_there_at_the_start_is_waited_for(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "broker")
    async with listening(broker, InMemoryJournal()) as listener:
        await until(lambda: listener.pulse.state == AWAY)
        broker.start()
        try:
            broker.topic("alerts")
            broker.produce("alerts", a_notice(0))
            await until(lambda: len(listener.facts) == 1)
        finally:
            broker.stop()


async def test_a_consumer_that_cannot_be_made_is_tried_again_and_says_why(running: Broker) -> None:
    listener = await Listener(running, InMemoryJournal(), options={"security.protocol": "no such"}).live()
    task = asyncio.create_task(listener.source.run())
    await until(lambda: listener.pulse.counts.get("consumers_lost", 0) >= 2)
    assert listener.pulse.state == AWAY and "security.protocol" in (listener.pulse.because or "")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
