"""Surveys' packets as their authors publish them enter vetting by the door of our telescopes' detections."""

import asyncio
import csv
import gzip
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders.vetter_bench import Bench, LoopSky, on_bench
from builders.vetting import a_detection, a_sky, an_event

from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Alerts
from coordinator.alerts.points import ztf
from coordinator.alerts.points.point import SurveyPoint
from coordinator.alerts.points.reading import points_in
from coordinator.services.assess import Delivery, assess
from coordinator.services.facts import entry_of
from coordinator.services.journal import Entry, InMemoryBlobs, InMemoryJournal, Stored
from coordinator.services.survey_door import PIECE
from coordinator.services.vetter_snapshot import read_vetter, write_vetter
from coordinator.vetting.association import associate
from coordinator.vetting.sighting import sighting_of
from coordinator.vetting.surveys import SurveyPacket, stored_of
from telescopes.description.errors import RetryLater

pytestmark = pytest.mark.realdata

NAMES = ("objectId", "candid", "pid", "isdiffpos")
ZTF = "alerts/ztf/739260766315010006.avro"
FINK = "alerts/fink/fink-broker-sample-alert-1.avro"


def kinds(points: tuple[SurveyPoint, ...]) -> dict[str, int]:
    return dict(Counter(p.kind for p in points))


@pytest.mark.parametrize(
    ("file", "found"),
    [
        (ZTF, {"detection": 3, "limit": 6}),
        (FINK, {"detection": 3, "limit": 17}),
        ("alerts/rubin/fakeAlert_v11_0.avro", {"detection": 3}),
        ("alerts/lasair/single_alert_batch.json", {"detection": 26, "forced": 1, "limit": 2}),
        ("alerts/ampel_babamul_pittgoogle_boom/ampel_report.avro", {"detection": 14}),
    ],
)
def test_packets_tell_their_history_and_their_limits(shared_data: Path, file: str, found: dict[str, int]) -> None:
    points = points_in((shared_data / file).read_bytes())
    assert kinds(points) == found
    assert len(stored_of(points, "survey")) == len(points)


def test_a_packed_packet_of_a_broker_is_read(shared_data: Path) -> None:
    raw = (shared_data / "alerts/fink/elasticc_obj747_src1494043.avro.gz").read_bytes()
    assert points_in(raw) == points_in(gzip.decompress(raw))


def told(raw: bytes, file: str) -> Any:
    async def no_map(data: bytes) -> Any:
        raise AssertionError("no packet holds a map")

    return assess(Delivery(raw, file, "survey"), no_map)


def packet_bench(
    raw: bytes, file: str, days: float, story_after: Any = None, off_deg: float = 0.0, **parts: Any
) -> Bench:
    """Let a packet come in, and then an event around its place, that many days before its newest detection."""
    points = points_in(raw)
    newest = max(p.seen for p in points if p.kind == "detection")
    seen = next(p for p in points if p.kind == "detection")

    async def story(bench: Bench) -> None:
        await bench.blobs.put(raw)
        meaning = await told(raw, file)
        if isinstance(meaning, Leads):
            await bench.say("circular_received", meaning, event=meaning.event_key, subject=meaning.notice_id)
        else:
            assert isinstance(meaning, Alerts)
            for alert in meaning.alerts:
                await bench.say("alert_received", alert, event=alert.event_key, subject=alert.notice_id)
        await bench.settle(1.0)
        assert bench.entries("detections_stored") == []
        await bench.event(an_event(t0=newest - timedelta(days=days)))
        await bench.settle(1.0)
        if story_after is not None:
            await story_after(bench)

    sky = a_sky(ra_deg=seen.ra_deg + off_deg, dec_deg=seen.dec_deg)
    return on_bench(story, maps={"a" * 64: sky}, **parts)


@pytest.mark.parametrize("file", [ZTF, FINK])
def test_a_detection_in_an_events_region_is_a_candidate_with_its_history(shared_data: Path, file: str) -> None:
    raw = (shared_data / file).read_bytes()
    bench = packet_bench(raw, file, days=1.0)
    stored = [d for e in bench.entries("detections_stored") for d in e["detections"]]
    assert {d["telescope"] for d in stored} == {"ztf"}
    points = points_in(raw)
    assert sum(d["upper_limit"] for d in stored) == kinds(points)["limit"]
    newest = bench.newest()
    assert newest["weighed"] == 1
    assert newest["candidates"][0]["detections"] == kinds(points)["detection"]


def test_outside_the_region_it_waits_and_is_taken_once_also_after_a_kill(shared_data: Path) -> None:
    raw = (shared_data / ZTF).read_bytes()
    assert packet_bench(raw, ZTF, days=1.0, off_deg=60.0).entries("detections_stored") == []
    assert packet_bench(raw, ZTF, days=400.0).entries("detections_stored") == []

    async def again(bench: Bench) -> None:
        await bench.restart()
        await bench.settle(1.0)
        assert bench.vetter.state.packets == {}

    bench = packet_bench(raw, ZTF, days=1.0, story_after=again)
    ids = [d["detection"]["detection_id"] for e in bench.entries("detections_stored") for d in e["detections"]]
    assert len(ids) == len(set(ids)) == 9


def test_a_packet_that_waits_survives_a_snapshot(shared_data: Path) -> None:
    async def waits(bench: Bench) -> None:
        state = bench.vetter.state
        (packet,) = state.packets.values()
        assert isinstance(packet, SurveyPacket)
        again = read_vetter(write_vetter(state, "j"), "j")
        assert (again.packets, again.packets_seq) == (state.packets, state.packets_seq)

    packet_bench((shared_data / ZTF).read_bytes(), ZTF, days=1.0, off_deg=60.0, story_after=waits)


def test_of_two_events_each_gets_the_history_of_its_own_time(shared_data: Path) -> None:
    raw = (shared_data / ZTF).read_bytes()
    points = points_in(raw)
    newest = max(p.seen for p in points)

    async def story(bench: Bench) -> None:
        await bench.blobs.put(raw)
        for alert in (await told(raw, ZTF)).alerts:
            await bench.say("alert_received", alert, event=alert.event_key, subject=alert.notice_id)
        late = an_event(key="lvk:S0", name="S0", t0=newest + timedelta(days=59))
        for event in (late, an_event(t0=newest - timedelta(days=1))):
            entry = entry_of("event_revised", event, sky_time=LoopSky(bench.loop).now(), event=event.key)
            await bench.scheduler.append([entry])
        await bench.settle(1.0)

    bench = on_bench(story, maps={"a" * 64: a_sky(ra_deg=points[0].ra_deg, dec_deg=points[0].dec_deg)})
    assert sum(len(e["detections"]) for e in bench.entries("detections_stored")) == len(points)
    assert {e["event"] for e in bench.entries("candidates_scored")} == {"lvk:S0", "lvk:S1"}


class BusyJournal(InMemoryJournal):
    """Is away the first time that a message is taken."""

    busy = 1

    async def append(self, entries: Sequence[Entry], **named: Any) -> tuple[Stored, ...]:
        if self.busy and any(e.kind == "detections_stored" for e in entries):
            self.busy -= 1
            raise RetryLater("the journal is away", where="journal", mend="wait", after_s=0.1)
        return await super().append(entries, **named)


def test_a_packet_is_taken_when_the_journal_is_back(shared_data: Path) -> None:
    bench = packet_bench((shared_data / ZTF).read_bytes(), ZTF, days=1.0, journal=BusyJournal())
    assert sum(len(e["detections"]) for e in bench.entries("detections_stored")) == 9


class SlowBlobs(InMemoryBlobs):
    """Takes a minute to read."""

    async def get(self, sha256: str) -> bytes:
        await asyncio.sleep(60.0)
        return await super().get(sha256)


def test_our_own_detections_do_not_wait_for_packets_that_are_read(shared_data: Path) -> None:
    async def story(bench: Bench) -> None:
        begun = bench.loop.time()
        await bench.send(a_detection("d1"))
        assert bench.loop.time() - begun < 1.0
        await bench.settle(120.0)

    bench = packet_bench((shared_data / ZTF).read_bytes(), ZTF, days=1.0, story_after=story, blobs=SlowBlobs())
    assert sum(len(e["detections"]) for e in bench.entries("detections_stored")) == 10


class ReadInATenth(InMemoryBlobs):
    """Takes a tenth of a second to read."""

    async def get(self, sha256: str) -> bytes:
        await asyncio.sleep(0.1)
        return await super().get(sha256)


def test_odds_of_our_own_detections_wait_for_a_few_packets_and_not_for_all(shared_data: Path) -> None:
    raw = (shared_data / ZTF).read_bytes()
    points = points_in(raw)
    newest = max(p.seen for p in points)

    async def story(bench: Bench) -> None:
        await bench.blobs.put(raw)
        (alert,) = (await told(raw, ZTF)).alerts
        for n in range(4 * PIECE):
            one = replace(alert, notice_id=f"{alert.notice_id}-{n}")
            await bench.say("alert_received", one, event=one.event_key, subject=one.notice_id)
        await bench.event(an_event(t0=newest - timedelta(days=1)))
        await bench.settle(1.0)
        await bench.send(a_detection("d1", place=(points[0].ra_deg, points[0].dec_deg + 0.1)))
        await bench.settle(0.1 * PIECE)
        assert len(bench.vetter.state.packets) > PIECE
        assert bench.newest()["weighed"] == 2
        await bench.settle(1.0 + 0.3 * PIECE)
        assert bench.vetter.state.packets == {}

    on_bench(story, blobs=ReadInATenth(), maps={"a" * 64: a_sky(ra_deg=points[0].ra_deg, dec_deg=points[0].dec_deg)})


def number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text if text not in ("null", "") else None


def rows(path: Path) -> list[dict[str, Any]]:
    """Rows of a table as a packet holds them: names as text, the rest as numbers."""
    with path.open() as file:
        every = list(csv.DictReader(file))
    return [{k: v if k in NAMES else number(v) for k, v in row.items()} for row in every]


def test_a_night_of_ztf_becomes_candidates_each_with_its_own_history(shared_data: Path) -> None:
    earlier: dict[str, list[dict[str, Any]]] = {}
    for n, row in enumerate(rows(shared_data / "candidates" / "ztf_alerts_20240115_history.csv")):
        earlier.setdefault(row["objectId"], []).append(row | {"candid": f"h{n}", "pid": f"p{n}"})
    alerts = rows(shared_data / "candidates" / "ztf_alerts_20240115.csv")
    records = [
        {"candidate": row, "prv_candidates": earlier.get(row["objectId"])}
        | {key: row[key] for key in ("objectId", "candid")}
        for row in alerts
    ]
    points = [p for record in records for p in ztf.points(record)]
    candidates = associate(sighting_of(one) for one in stored_of(points, "ztf"))
    positive = {row["objectId"] for row in alerts if row["isdiffpos"] not in ztf.NEGATIVE}
    assert 0.9 * len(positive) <= len(candidates) <= 1.2 * len({row["objectId"] for row in alerts})
    seen = [s.id for c in candidates for s in c.sightings]
    assert len(seen) == len(set(seen))
    assert all(s.upper_limit for c in candidates for s in c.limits)
