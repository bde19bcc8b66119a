"""A source, then everything, is killed under a burst from a real broker: every alert is there once."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from builders.broker import Broker, a_broker
from builders.running import Running, poll

pytestmark = [pytest.mark.chaos, pytest.mark.ray]

BURST = 50
ROLE = "source/gcn"
TOPIC = "igwn.gwalert"
NUMBERS = count()


@dataclass
class Listening:
    """An observatory that listens to a broker."""

    running: Running
    broker: Broker

    def burst(self, length: int = BURST) -> list[str]:
        """Send so many alerts at once; return their events."""
        names = [f"S261122{_letters(next(NUMBERS))}" for _ in range(length)]
        self.broker.produce(TOPIC, *map(a_retraction, names))
        return [f"lvk:{name}" for name in names]

    def heard(self, events: list[str]) -> Counter[str]:
        """How often each of some events was journalled as an alert."""
        entries = (stored.entry for stored in self.running.read())
        wanted = set(events)
        return Counter(e.event for e in entries if e.kind == "alert_received" and e.event in wanted)

    def wait_for_some(self, events: list[str]) -> None:
        """Wait until a burst has begun to come in."""
        poll("the burst has begun to come in", lambda: self.heard(events))

    def assert_every_one_is_there_once(self, events: list[str]) -> None:
        poll("every alert is there", lambda: len(self.heard(events)) == len(events))
        assert set(self.heard(events).values()) == {1}


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + digit) for digit in (number // 676, number // 26 % 26, number % 26))


def a_retraction(name: str) -> bytes:
    notice = {"superevent_id": name, "alert_type": "RETRACTION", "time_created": "2026-11-22T21:18:31Z", "event": None}
    return json.dumps(notice | {"padding": "x" * 100_000}).encode()


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    folder = tmp_path_factory.mktemp("listening")
    (folder / "observatory").mkdir()
    with a_broker(folder / "broker") as broker:
        broker.topic(TOPIC)
        running = Running.staged(folder / "observatory", telescopes=1)
        with running.stage.config.open("a") as config:
            config.write(f"""
[[streams]]
id = "files"

[[streams]]
id = "gcn"
kind = "kafka"
brokers = ["{broker.address}"]
topics = ["{TOPIC}"]
silence_after_s = 3
options = {{ "session.timeout.ms" = 6000 }}
""")
        try:
            running.up()
            yield Listening(running, broker)
        finally:
            running.close()


def test_a_source_that_is_killed_between_receipt_and_commit_loses_and_doubles_nothing(listening: Listening) -> None:
    events: list[str] = []
    for _ in range(2):
        events += (burst := listening.burst())
        listening.wait_for_some(burst)
        listening.running.new_pid(ROLE, listening.running.kill_role(ROLE))
    listening.assert_every_one_is_there_once(events)


def test_a_silent_stream_is_told(listening: Listening) -> None:
    def row() -> dict[str, object]:
        return next(row for row in listening.running.status()["streams"] if row["id"] == "gcn")

    before = listening.running.head()
    poll("the silence is told", lambda: row()["state"] == "silent")
    listening.running.first(before - 1, "stream_state_changed")
    listening.burst(1)
    poll("the stream is heard again", lambda: row()["state"] == "watching")


@pytest.mark.long
def test_everything_is_killed_under_a_burst_and_every_alert_is_there_once(listening: Listening) -> None:
    events = listening.burst()
    listening.wait_for_some(events)
    listening.running.kill_everything()
    events += listening.burst(5)
    listening.running.up()
    listening.assert_every_one_is_there_once(events)
    assert listening.running.broken_laws() == []
