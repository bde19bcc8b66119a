"""A recorded stream again, in its own rhythm on a clock that is handed in."""

import base64
import json
from pathlib import Path

import pytest

from coordinator.alerts.alert import Alert, Purpose
from coordinator.services.assess import MapSummary
from coordinator.services.facts import fact_of
from coordinator.services.intake import Intake
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Stored, Writer
from coordinator.sources.pulse import Pulse
from coordinator.sources.replay import ReplaySource
from telescopes.description.clocks import LinkTime, SystemSkyClock
from telescopes.description.errors import Refused


class Hand:
    """A link clock that moves when somebody sleeps on it."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def now(self) -> LinkTime:
        return LinkTime(self.at)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.at += seconds


async def no_map(data: bytes) -> MapSummary:
    raise AssertionError("no map in these messages")


def a_notice(name: str) -> bytes:
    notice = {"superevent_id": name, "alert_type": "RETRACTION", "time_created": "2026-11-22T21:18:31Z", "event": None}
    return json.dumps(notice).encode()


def a_line(value: bytes | None, second: int, **more: object) -> str:
    encoded = None if value is None else base64.b64encode(value).decode()
    return json.dumps({"topic": "t", "value_base64": encoded, "time": f"2026-11-22T21:18:{second:02d}Z"} | more)


async def replayed(recording: Path, speed: float = 1.0) -> tuple[list[Stored], Hand, Pulse]:
    link = Hand()
    journal, pulse = InMemoryJournal(), Pulse("old", link)
    intake = Intake(await Writer.elected(journal, "source/old"), InMemoryBlobs(), SystemSkyClock(), no_map, "old")
    await ReplaySource(recording, intake, pulse, link, speed, link.sleep).run()
    return [s for s in journal.stored if s.entry.kind != "writer_elected"], link, pulse


async def test_a_recording_comes_in_its_rhythm_times_the_speed(tmp_path: Path) -> None:
    file = tmp_path / "night.ndjson"
    lines = [a_line(a_notice("S261122aa"), 0), a_line(a_notice("S261122ab"), 20), a_line(a_notice("S261122ac"), 30)]
    file.write_text("\n".join(lines))
    facts, link, pulse = await replayed(file, speed=10.0)
    assert [stored.entry.event for stored in facts] == ["lvk:S261122aa", "lvk:S261122ab", "lvk:S261122ac"]
    assert link.slept == [0.0, 2.0, 1.0] and pulse.state == "ended"
    assert (await replayed(file, speed=0.0))[1].slept == []


async def test_headers_tombstones_and_poison_of_a_recording(tmp_path: Path) -> None:
    file = tmp_path / "night.ndjson"
    lines = [
        a_line(a_notice("S261122aa"), 0, headers={"_test": "true"}),
        a_line(None, 1),
        "{",
        "[1]",
        '{"topic": "t"}',
        a_line(b"x", 2).replace('"eA=="', '"§"'),
        a_line(a_notice("S261122ab"), 3),
    ]
    file.write_text("\n".join(lines))
    facts, _, pulse = await replayed(file)
    assert [stored.entry.kind for stored in facts] == ["alert_received", *["alert_quarantined"] * 4, "alert_received"]
    alert: Alert = fact_of(facts[0].entry)
    assert alert.purpose is Purpose.TEST
    assert pulse.counts == {"alert": 2, "rejected": 4, "tombstones": 1}


async def test_a_folder_of_messages_is_a_recording_too(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_bytes(a_notice("S261122ab"))
    (tmp_path / "a.json").write_bytes(a_notice("S261122aa"))
    (tmp_path / "b.json.headers.json").write_text('{"_id": "1", "_sender": "x", "_format": "json", "_test": "true"}')
    facts, _, _ = await replayed(tmp_path)
    alerts: list[Alert] = [fact_of(stored.entry) for stored in facts]
    assert [(alert.event_key, alert.purpose) for alert in alerts] == [
        ("lvk:S261122aa", Purpose.OBSERVATION),
        ("lvk:S261122ab", Purpose.TEST),
    ]


async def test_a_recording_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        await replayed(tmp_path / "none.ndjson")
