"""How many Rubin-like alerts a second the survey filter reads, of about 80 kB each with history and three cutouts.

Run ``python tests/benchmarks/bench_survey.py``; it prints two markdown tables. Rates of the filter alone are by CPU
time of one process, so that a busy machine does not change them; two cores do twice as many. The way by a broker on
this machine (produce, consume, sift, commit the offsets) is by the clock on the wall. The schema is one of ours.
"""

import asyncio
import io
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fastavro
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders.broker import Broker, a_broker

from coordinator import factory, stream_factory
from coordinator.alerts.avro_schema import schema_of
from coordinator.alerts.registry import understand
from coordinator.alerts.survey_rules import ContentRules
from coordinator.events.survey_watch import Watch
from coordinator.services.journal import InMemoryJournal
from coordinator.services.streams import StreamSettings
from coordinator.services.survey_filter import SurveyFilter
from coordinator.settings import Settings
from coordinator.sky.nested import pixel_at
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.clocks import SystemSkyClock

SCHEMA_ID = 9901
NIGHT = datetime(2026, 3, 1, tzinfo=UTC)
MJD_OF_NIGHT = 61100.0
MEASURED = 70
FLAGS = 25
PREVIOUS, FORCED = 12, 30
CUTOUT_BYTES = 24_000
MESSAGES = 400
ROUNDS = 5
REPEATS = 30
"""The packets come by way of the broker so many times over."""

AHEAD, AT_ONCE = 300, 100

NEEDED = {"a night of 10 million in 8 hours": 350, "peaks": 1500}


def nullable(kind: str) -> list[str]:
    return ["null", kind]


def source_schema(name: str) -> dict[str, Any]:
    """Describe a source about as wide as one of Rubin's."""
    fields = [
        {"name": "diaSourceId", "type": "long"},
        {"name": "visit", "type": "long"},
        {"name": "diaObjectId", "type": nullable("long")},
        {"name": "ssObjectId", "type": nullable("long")},
        {"name": "midpointMjdTai", "type": "double"},
        {"name": "ra", "type": "double"},
        {"name": "dec", "type": "double"},
        *({"name": f"measured_{i}", "type": nullable("float")} for i in range(MEASURED)),
        {"name": "isNegative", "type": nullable("boolean")},
        {"name": "reliability", "type": nullable("float")},
        *({"name": f"flag_{i}", "type": nullable("boolean")} for i in range(FLAGS)),
    ]
    return {"type": "record", "name": name, "fields": fields}


def packet_schema() -> dict[str, Any]:
    forced_fields = [{"name": f"value_{i}", "type": "double"} for i in range(10)]
    forced = {"type": "record", "name": "forced", "fields": forced_fields}
    counted = [{"name": "nDiaSources", "type": "int"}]
    means = [{"name": f"mean_{i}", "type": nullable("float")} for i in range(90)]
    return {
        "type": "record",
        "name": "alert",
        "namespace": "lsst.v99_1",
        "fields": [
            {"name": "diaSourceId", "type": "long"},
            {"name": "observation_reason", "type": nullable("string")},
            {"name": "diaSource", "type": source_schema("diaSource")},
            {"name": "prvDiaSources", "type": ["null", {"type": "array", "items": "lsst.v99_1.diaSource"}]},
            {"name": "prvDiaForcedSources", "type": ["null", {"type": "array", "items": forced}]},
            {"name": "diaObject", "type": {"type": "record", "name": "diaObject", "fields": counted + means}},
            *({"name": f"cutout{kind}", "type": nullable("bytes")} for kind in ("Difference", "Science", "Template")),
        ],
    }


def a_source(rng: random.Random, number: int) -> dict[str, Any]:
    said: dict[str, Any] = {
        "diaSourceId": 170_000_000_000_000_000 + number,
        "visit": 2026030100000 + number % 1000,
        "diaObjectId": 170_000_000_000_900_000 + number,
        "ssObjectId": rng.choice([None, None, 5]),
        "midpointMjdTai": MJD_OF_NIGHT + rng.random() * 0.4,
        "ra": rng.uniform(0.0, 360.0),
        "dec": float(np.degrees(np.arcsin(rng.uniform(-1.0, 0.2)))),
        "isNegative": rng.random() < 0.3,
        "reliability": rng.random(),
    }
    said |= {f"measured_{i}": rng.choice([None, rng.random(), rng.random()]) for i in range(MEASURED)}
    return said | {f"flag_{i}": rng.choice([None, False]) for i in range(FLAGS)}


def a_message(rng: random.Random, schema: Any, number: int) -> bytes:
    packet = {
        "diaSourceId": 170_000_000_000_000_000 + number,
        "observation_reason": "science",
        "diaSource": a_source(rng, number),
        "prvDiaSources": [a_source(rng, number) for _ in range(PREVIOUS)],
        "prvDiaForcedSources": [{f"value_{i}": rng.random() for i in range(10)} for _ in range(FORCED)],
        "diaObject": {"nDiaSources": PREVIOUS + 1} | {f"mean_{i}": rng.random() for i in range(90)},
        "cutoutDifference": rng.randbytes(CUTOUT_BYTES),
        "cutoutScience": rng.randbytes(CUTOUT_BYTES),
        "cutoutTemplate": rng.randbytes(CUTOUT_BYTES),
    }
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, schema, packet)
    return b"\0" + SCHEMA_ID.to_bytes(4, "big") + stream.getvalue()


def a_region(rng: random.Random, cells: int) -> Ranges:
    """Sky of about as many ranges as a real credible region: cells of order 7 (0.21 deg2) around a place."""
    ra, dec = rng.uniform(0.0, 360.0), rng.uniform(-60.0, 0.0)
    places = np.random.default_rng(rng.randrange(2**32)).normal((ra, dec), (12.0, 6.0), (cells, 2))
    return Ranges.of_pixels(7, np.unique(pixel_at(7, places[:, 0], np.clip(places[:, 1], -89.0, 89.0))))


def rates(work: Any, messages: Sequence[bytes]) -> list[float]:
    """Messages a CPU second, once a round."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work(messages)
        found.append(len(messages) / (time.process_time() - began))
    return found


def read_everything(schemas: Any, messages: Sequence[bytes]) -> None:
    for raw in messages:
        understand(raw, name="", schemas=schemas)


async def from_broker_once(
    broker: Broker, topic: str, watches: Sequence[Watch], schemas: Any, messages: Sequence[bytes]
) -> tuple[float, int]:
    """Read a stream as the running system does; return the seconds it took, and the alerts that were journalled."""
    with tempfile.TemporaryDirectory() as folder:
        stream = StreamSettings(topic, kind="kafka", brokers=(broker.address,), topics=(topic,), survey=True)
        settings = Settings(state=Path(folder), streams=(stream,))
        intake = await factory.intake(settings, InMemoryJournal(), SystemSkyClock(), f"source/{topic}")
        intake.schemas = schemas
        pulse = stream_factory.pulse(stream)
        sieve, _ = stream_factory.survey(stream, intake, pulse)
        sieve.filter.watches = watches
        source = asyncio.create_task(stream_factory.source(stream, intake, pulse, "bench", sieve).run())

        def heard() -> int:
            return sum(pulse.counts.get(what, 0) for what in ("alert", "ignored", "rejected", "dropped"))

        await _feed(broker, topic, messages[:1], heard)
        began = time.monotonic()
        await _feed(broker, topic, messages, heard)
        took_s = time.monotonic() - began
        source.cancel()
        await asyncio.gather(source, return_exceptions=True)
        assert not pulse.counts.get("rejected"), pulse.counts
        return took_s, pulse.counts.get("alert", 0)


async def _feed(broker: Broker, topic: str, messages: Sequence[bytes], heard: Callable[[], int]) -> None:
    """Send messages, never far ahead of the reader: this broker answers with all it has, however much was asked for."""
    sent, before = 0, heard()
    while heard() - before < len(messages):
        if sent < len(messages) and sent - (heard() - before) < AHEAD:
            await asyncio.to_thread(broker.produce, topic, *messages[sent : sent + AT_ONCE])
            sent = min(sent + AT_ONCE, len(messages))
        else:
            await asyncio.sleep(0.002)


def from_broker(messages: Sequence[bytes], cases: dict[str, Sequence[Watch]], schemas: Any) -> None:
    stream = [*messages] * REPEATS
    print(f"\n{len(stream)} packets by way of a broker\n\n| what | alerts a second, wall clock | journalled |")
    print("| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder, a_broker(Path(folder)) as broker:
        for number, (name, watches) in enumerate(cases.items()):
            topic = broker.topic(f"rubin-{number}")
            took_s, alerts = asyncio.run(from_broker_once(broker, topic, watches, schemas, stream))
            print(f"| {name} | {len(stream) / took_s:,.0f} | {alerts:,} |")
        assert broker.process is not None
        broker.process.kill()  # asked to end, it would first write down a gigabyte that nobody wants


def main() -> None:
    rng = random.Random(7)
    document = packet_schema()
    schemas = {SCHEMA_ID: schema_of(document)}
    parsed = fastavro.parse_schema(document)
    messages = [a_message(rng, parsed, number) for number in range(MESSAGES)]
    start, end = NIGHT - timedelta(hours=1), NIGHT + timedelta(days=3)
    regions = [Watch(f"lvk:S{i}", a_region(rng, 3000), start, end) for i in range(5)]
    everywhere = [Watch("all", Ranges.of(np.array([0]), np.array([12 * 4**RANGE_ORDER])), start, end)]
    anything = ContentRules(min_real_bogus=None, moving=True, negative=True)
    area = Ranges.union_of(watch.sky for watch in regions).area_deg2
    cases = {
        f"five events, {area:,.0f} deg2 together, usual rules": SurveyFilter(regions, ContentRules(), schemas).sift,
        "the whole sky, usual rules": SurveyFilter(everywhere, ContentRules(), schemas).sift,
        "every packet decoded whole and passed": SurveyFilter(everywhere, anything, schemas).sift,
        "every packet made an alert, no filter": lambda batch: read_everything(schemas, batch),
    }
    size = statistics.mean(len(raw) for raw in messages)
    print(f"{MESSAGES} packets of {size / 1000:.0f} kB; needed: " + ", ".join(f"{v}/s {k}" for k, v in NEEDED.items()))
    print("\n| what | alerts a CPU second, median | slowest round | a night of 8 h |\n| --- | --- | --- | --- |")
    for name, work in cases.items():
        found = rates(work, messages)
        median = statistics.median(found)
        print(f"| {name} | {median:,.0f} | {min(found):,.0f} | {median * 8 * 3600 / 1e6:.0f} million |")
    from_broker(messages, {f"five events, {area:,.0f} deg2 together": regions, "the whole sky": everywhere}, schemas)


if __name__ == "__main__":
    main()
