"""Sources, the fetcher of maps, then everything, are killed under bursts from a broker: every alert is there once."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest
from builders.avro import RUBIN_SCHEMA, a_rubin_packet, framed
from builders.broker import Broker, a_broker
from builders.correlating import a_cone_map
from builders.map_server import MapServer, serving
from builders.notices import a_map, a_notice
from builders.running import Running, poll

from coordinator.alerts.mjd import MJD_ZERO, TAI_MINUS_UTC_S
from coordinator.simulation.built_in_map import T0

pytestmark = [pytest.mark.chaos, pytest.mark.ray, pytest.mark.slow]

BURST = 50
ROLE = "source/gcn"
TOPIC = "igwn.gwalert"
NUMBERS = count()
SURVEY, SURVEY_ROLE, SCHEMA_ID = "lsst-alerts", "source/rubin", 7
SEEN_MJD_TAI = (T0 + timedelta(hours=1, seconds=TAI_MINUS_UTC_S) - MJD_ZERO) / timedelta(days=1)
LINKED = "/maps/burst.fits"


@dataclass
class Listening:
    """An observatory that listens to a broker."""

    running: Running
    broker: Broker
    maps: MapServer

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


def a_packet(number: int, dec_deg: float = 6.0) -> bytes:
    """Return a survey's detection; at Dec 6 it lies in the region of the wave that the tests hand in."""
    said = {"diaSourceId": number, "diaObjectId": number, "ra": 163.0, "dec": dec_deg, "midpointMjdTai": SEEN_MJD_TAI}
    return framed(RUBIN_SCHEMA, a_rubin_packet(**said), SCHEMA_ID)


def keys_of(numbers: range) -> list[str]:
    return [f"rubin.dia_object:{number}" for number in numbers]


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + digit) for digit in (number // 676, number // 26 % 26, number % 26))


def a_retraction(name: str) -> bytes:
    notice = {"superevent_id": name, "alert_type": "RETRACTION", "time_created": "2026-11-22T21:18:31Z", "event": None}
    return json.dumps(notice | {"padding": "x" * 100_000}).encode()


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    folder = tmp_path_factory.mktemp("listening")
    (folder / "observatory").mkdir()
    with a_broker(folder / "broker") as broker, serving() as maps:
        broker.topic(TOPIC)
        broker.topic(SURVEY)
        running = Running.staged(folder / "observatory", telescopes=1)
        schemas = running.stage.state / "schemas"
        schemas.mkdir(parents=True)
        (schemas / f"{SCHEMA_ID}.avsc").write_text(json.dumps(RUBIN_SCHEMA))
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

[[streams]]
id = "rubin"
kind = "kafka"
brokers = ["{broker.address}"]
topics = ["{SURVEY}"]
survey = true
options = {{ "session.timeout.ms" = 6000 }}

[links]
hosts = ["{maps.origin}"]
""")
        try:
            running.up()
            yield Listening(running, broker, maps)
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

    def said() -> list[str]:
        changes = [s.entry.body for s in listening.running.read() if s.entry.kind == "stream_state_changed"]
        return [body["state"] for body in changes if body["stream"] == "gcn"]

    def heard_again() -> bool:
        listening.burst(1)  # well for three seconds only: a busy machine may look away for so long
        return row()["state"] == "watching"

    poll("the silence is told", lambda: row()["state"] == "silent")
    poll("the silence is in the journal", lambda: "silent" in said())
    poll("the stream is heard again", heard_again)


def test_a_survey_s_source_that_is_killed_within_a_batch_loses_and_doubles_nothing(listening: Listening) -> None:
    listening.running.hand_in("wave.json", a_notice("S260320ab", "PRELIMINARY", 0, a_cone_map()))
    probes = count(1)

    def is_watched() -> bool:
        listening.broker.produce(SURVEY, a_packet(number := next(probes)))
        return bool(listening.heard(keys_of(range(1, number + 1))))

    poll("detections in the region of the event are let through", is_watched)
    wanted, others = range(10_000, 10_200), range(20_000, 20_600)
    packets = [a_packet(number) for number in wanted] + [a_packet(number, dec_deg=-60.0) for number in others]
    listening.broker.produce(SURVEY, *(packets[(77 * at) % len(packets)] for at in range(len(packets))))
    listening.wait_for_some(keys_of(wanted))
    listening.running.new_pid(SURVEY_ROLE, listening.running.kill_role(SURVEY_ROLE))
    listening.broker.produce(SURVEY, *(a_packet(number) for number in range(10_200, 10_205)))
    listening.assert_every_one_is_there_once(keys_of(range(10_000, 10_205)))
    assert not listening.heard(keys_of(others))


def test_a_map_that_a_notice_links_to_is_fetched_by_its_own_actor_though_that_was_killed(listening: Listening) -> None:
    listening.maps.files[LINKED] = a_map(5)
    listening.running.kill_role("maps")
    notice = {
        "$schema": "https://gcn.nasa.gov/schema/main/gcn/notices/svom/eclairs/trigger.schema.json",
        "mission": "SVOM",
        "id": ["sb26032001"],
        "trigger_time": T0.isoformat(),
        "alert_datetime": T0.isoformat(),
        "healpix_url": listening.maps.url(LINKED),
    }
    before = listening.running.head()
    listening.broker.produce(TOPIC, json.dumps(notice).encode())
    joined = listening.running.first(before, "alert_map_joined", event="svom:sb26032001")
    assert joined.entry.body["refused"] is None and listening.maps.asked[LINKED] == 1

    def has_its_map() -> bool:
        event = listening.running.state().events.get("svom:sb26032001")
        return event is not None and event.skymap_sha256 == joined.entry.body["skymap_sha256"]

    poll("the event has its map", has_its_map)


@pytest.mark.long
def test_everything_is_killed_under_a_burst_and_every_alert_is_there_once(listening: Listening) -> None:
    events = listening.burst()
    listening.wait_for_some(events)
    listening.running.kill_everything()
    events += listening.burst(5)
    listening.running.up()
    listening.assert_every_one_is_there_once(events)
    assert listening.running.broken_laws() == []
