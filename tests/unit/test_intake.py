"""The intake: kept, journalled once, acknowledged; a person's word never loosens."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from builders.avro import RUBIN_SCHEMA, a_rubin_packet, container, framed

from coordinator.alerts.alert import Alert, Purpose
from coordinator.alerts.avro_schema import schema_of
from coordinator.alerts.leads import Leads
from coordinator.dashboard.sentences import sentence
from coordinator.services.assess import MapSummary
from coordinator.services.facts import fact_of
from coordinator.services.intake import Intake, Received
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Stored, Writer
from coordinator.services.state import ObservatoryState
from telescopes.description.errors import Refused

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class StandingSkyClock:
    rate = 1.0

    def now(self) -> datetime:
        return NOW


async def read_map(data: bytes) -> MapSummary:
    if b"BAD" in data:
        raise Refused("a negative probability", where="sky map", mend="fetch it again")
    return MapSummary(10.0, 100.0, t0=NOW, distance_mpc=40.0, distance_std_mpc=8.0, warnings=("7 cells are NaN",))


def cards(*pairs: str) -> bytes:
    block = "".join(card.ljust(80) for card in (*pairs, "END")).encode()
    return block.ljust(-(-len(block) // 2880) * 2880)


def a_map(*more: str) -> bytes:
    table = cards("XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 0", "NAXIS2  = 0", *more)
    return cards("SIMPLE  =                    T", "BITPIX  = 8", "NAXIS   = 0") + table


def a_notice(skymap: bytes | None = None, superevent: str = "S261122qx", **changes: Any) -> bytes:
    event = {"time": "2026-11-22T21:14:07Z", "search": "AllSky", "group": "CBC"}
    notice = {"superevent_id": superevent, "alert_type": "PRELIMINARY", "time_created": "2026-11-22T21:18:31Z"}
    event["skymap"] = base64.b64encode(a_map() if skymap is None else skymap).decode()
    return json.dumps(notice | {"event": event} | changes).encode()


async def an_intake(source_id: str = "folder") -> Intake:
    journal = InMemoryJournal()
    writer = await Writer.elected(journal, f"source/{source_id}")
    return Intake(writer, InMemoryBlobs(), StandingSkyClock(), read_map, source_id)


def written(intake: Intake) -> list[Stored]:
    assert isinstance(intake.writer.journal, InMemoryJournal)
    return [stored for stored in intake.writer.journal.stored if stored.entry.kind != "writer_elected"]


def blobs(intake: Intake) -> dict[str, bytes]:
    assert isinstance(intake.blobs, InMemoryBlobs)
    return intake.blobs.data


def the_alert(intake: Intake) -> Alert:
    found: Alert = fact_of(written(intake)[-1].entry)
    return found


async def test_an_alert_is_kept_whole_with_its_map_and_journalled() -> None:
    intake = await an_intake()
    received = await intake.receive(a_notice(), name="notice.json")
    assert received == Received(2, "alert", "lvk:S261122qx")
    entry = written(intake)[0].entry
    alert = the_alert(intake)
    assert (entry.kind, entry.event, entry.subject) == ("alert_received", "lvk:S261122qx", alert.notice_id)
    assert entry.sky_time == NOW and alert.source == "folder" and alert.file == "notice.json"
    assert set(blobs(intake)) == {alert.raw_sha256, alert.localization.skymap_sha256}
    assert (alert.localization.area90_deg2, alert.localization.distance_mpc) == (100.0, 40.0)
    assert alert.localization.warnings == ("7 cells are NaN",)


async def test_the_same_bytes_again_give_the_first_entry() -> None:
    intake = await an_intake()
    first = await intake.receive(a_notice(), name="a.json")
    assert await intake.receive(a_notice(), name="b.json") == first
    assert len(written(intake)) == 1


async def test_another_writer_of_the_same_journal_adds_nothing_either() -> None:
    intake = await an_intake()
    first = await intake.receive(a_notice(), name="a.json")
    again = Intake(
        await Writer.elected(intake.writer.journal, "source/x"), intake.blobs, StandingSkyClock(), read_map, "x"
    )
    assert await again.receive(a_notice(), name="a.json") == first


async def test_what_nobody_understands_is_quarantined_whole_with_the_reason() -> None:
    intake = await an_intake()
    received = await intake.receive(b"{", name="poison.json")
    assert received.outcome == "rejected" and received.seq == 2 and received.reason
    entry = written(intake)[0].entry
    assert entry.kind == "alert_quarantined"
    said = {"raw_sha256": entry.subject, "file": "poison.json", "reason": received.reason, "headers": {}}
    assert said.items() <= entry.body.items()
    assert blobs(intake)[entry.body["raw_sha256"]] == b"{"
    assert await intake.receive(b"{", name="poison.json") == received
    assert len(written(intake)) == 1


async def test_a_heartbeat_leaves_nothing_behind() -> None:
    intake = await an_intake()
    raw = b'{"$schema": "https://gcn.nasa.gov/schema/main/gcn/heartbeat.schema.json"}'
    assert await intake.receive(raw, name="") == Received(None, "ignored", reason="heartbeat: liveness only")
    assert not written(intake) and not blobs(intake)


def a_circular(**changes: Any) -> bytes:
    circular = {"circularId": 1, "subject": "S261122qx: Retraction", "eventId": "S261122qx", "body": "It was noise."}
    return json.dumps(circular | changes).encode()


async def test_a_circular_leaves_its_leads_and_moves_nothing() -> None:
    intake = await an_intake()
    received = await intake.receive(a_circular(), name="c.json")
    assert received == Received(2, "ignored", "lvk:S261122qx", "a circular: leads only, never facts")
    entry = written(intake)[0].entry
    assert (entry.kind, entry.event, entry.subject) == ("circular_received", "lvk:S261122qx", "circular:1:v1")
    leads = fact_of(entry)
    assert isinstance(leads, Leads) and leads.retraction and leads.raw_sha256 in blobs(intake)
    state = ObservatoryState()
    for stored in written(intake):
        state.apply(stored)
    assert not state.events and not state.alerts.events
    assert sentence(entry) == "lvk:S261122qx: gcn.circulars 1 reports a retraction “S261122qx: Retraction”"


async def test_a_version_of_a_circular_is_journalled_once_whatever_its_bytes() -> None:
    intake = await an_intake()
    first = await intake.receive(a_circular(), name="a.json")
    assert await intake.receive(a_circular(bibcode="2026GCN....1"), name="b.json") == first
    second = await intake.receive(a_circular(version=2), name="c.json")
    assert second.seq == 3 and len(written(intake)) == 2


async def test_an_alert_whose_map_is_refused_stays_an_alert_and_says_why() -> None:
    intake = await an_intake()
    received = await intake.receive(a_notice(a_map("COMMENT BAD")), name="n.json")
    assert received == Received(2, "alert", "lvk:S261122qx", "sky map: a negative probability")
    assert the_alert(intake).localization.skymap_sha256 is None
    assert set(blobs(intake)) == {the_alert(intake).raw_sha256}


async def test_a_bare_map_that_is_refused_goes_to_quarantine() -> None:
    intake = await an_intake()
    received = await intake.receive(a_map("COMMENT BAD"), name="m.fits")
    assert (received.outcome, received.reason) == ("rejected", "sky map: a negative probability")


async def test_a_bare_map_is_unknown_until_a_person_says_what_it_is() -> None:
    intake = await an_intake()
    unknown = await intake.receive(a_map(), name="m.fits")
    assert the_alert(intake).purpose is None
    said = await intake.receive(a_map(), name="m.fits", purpose="observation", event_key="lvk:S190814bv")
    alert = the_alert(intake)
    assert (alert.purpose, alert.event_key, alert.name) == (Purpose.OBSERVATION, "lvk:S190814bv", "S190814bv")
    assert alert.t0 == NOW
    assert said.seq != unknown.seq and len(blobs(intake)) == 1
    again = await intake.receive(a_map(), name="m.fits", purpose="observation", event_key="lvk:S190814bv")
    assert again == said


@pytest.mark.parametrize(
    ("raw", "purpose", "event_key", "holds"),
    [
        (a_notice(superevent="MS261122qx"), "observation", None, Purpose.MOCK),
        (a_notice(superevent="TS261122qx"), "observation", None, Purpose.TEST),
        (a_notice(is_test=True), "observation", None, Purpose.TEST),
        (a_notice(superevent="X1"), "observation", None, Purpose.OBSERVATION),
        (a_notice(), "test", None, Purpose.TEST),
        (a_notice(), "observation", None, Purpose.OBSERVATION),
        (a_map("OBJECT  = 'MS190814bv'"), "observation", "lvk:S190814bv", Purpose.MOCK),
        (a_map(), "observation", "lvk:MS190814bv", Purpose.MOCK),
        (a_map(), None, "lvk:S190814bv", None),
        (a_map(), "injection", "lvk:S190814bv", Purpose.INJECTION),
    ],
)
async def test_a_person_can_make_nothing_of_a_test_but_a_test(
    raw: bytes, purpose: str | None, event_key: str | None, holds: Purpose | None
) -> None:
    intake = await an_intake()
    await intake.receive(raw, name="x", purpose=purpose, event_key=event_key)
    assert the_alert(intake).purpose is holds


async def test_the_event_of_a_notice_is_not_a_person_s_to_say() -> None:
    intake = await an_intake()
    received = await intake.receive(a_notice(), name="x", event_key="lvk:S190814bv")
    assert received.event_key == "lvk:S261122qx"


@pytest.mark.parametrize(
    ("purpose", "event_key"), [("real", None), (None, "S190814bv"), (None, "lvk:"), (None, "a:b c")]
)
async def test_a_word_that_means_nothing_is_refused(purpose: str | None, event_key: str | None) -> None:
    intake = await an_intake()
    with pytest.raises(Refused):
        await intake.receive(a_map(), name="x", purpose=purpose, event_key=event_key)
    assert not written(intake)


async def test_headers_and_topic_are_heard() -> None:
    intake = await an_intake()
    await intake.receive(a_notice(), name="x", headers={"_test": "true"})
    assert the_alert(intake).purpose is Purpose.TEST
    await intake.receive(a_notice(), name="y__igwn.gwalert-test__.json")
    assert len(written(intake)) == 1
    await intake.receive(a_notice(), name="z", topic="igwn.gwalert")
    assert the_alert(intake).purpose is Purpose.OBSERVATION


async def test_an_entry_stays_small_whatever_comes() -> None:
    many = {f"{i:04d}" + "é" * 500: 0.5 for i in range(3000)}
    notice = json.loads(a_notice())
    notice["event"] |= {"classification": many, "properties": many, "instruments": ["x" * 999] * 999}
    notice["urls"] = {str(i): "https://" + "y" * 9999 for i in range(99)}
    intake = await an_intake()
    await intake.receive(json.dumps(notice).encode(), name="n" * 9999)
    assert len(json.dumps(written(intake)[0].entry.body)) < 64 * 1024


async def test_all_records_of_a_container_are_journalled_at_once() -> None:
    intake = await an_intake()
    packets = [a_rubin_packet(diaSourceId=number) for number in (5, 6)]
    await intake.receive(container(RUBIN_SCHEMA, *packets), name="x")
    subjects = [stored.entry.subject for stored in written(intake)]
    assert subjects == ["rubin.dia_source:5", "rubin.dia_source:6"]


async def test_a_message_that_cannot_be_read_without_its_schema_is_kept_and_read_once_it_is_known() -> None:
    intake = await an_intake()
    raw = framed(RUBIN_SCHEMA, a_rubin_packet(), 9901)
    first = await intake.receive(raw, name="x")
    assert first.outcome == "rejected" and "9901" in (first.reason or "") and raw in blobs(intake).values()
    intake.schemas = {9901: schema_of(RUBIN_SCHEMA)}
    assert (await intake.receive(raw, name="x")).outcome == "alert"


async def test_an_off_loaded_message_is_kept_with_its_url_where_nothing_can_fetch_it() -> None:
    intake = await an_intake()
    received = await intake.receive(b'{"url": "https://archive.example/1"}', name="x", headers={"_format": "external"})
    assert received.outcome == "rejected" and "https://archive.example/1" in (received.reason or "")
