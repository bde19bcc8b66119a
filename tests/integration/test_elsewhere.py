"""Messages of which a part lies elsewhere: off-loaded ones, and those that only name their schema."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from builders.archive import archived
from builders.avro import RUBIN_SCHEMA, a_rubin_packet, framed
from builders.map_server import MapServer, serving
from builders.registry import SchemaServer, a_registry

from coordinator import factory
from coordinator.alerts.alert import Alert, Purpose
from coordinator.alerts.avro_schema import MAX_BYTES
from coordinator.services.facts import fact_of
from coordinator.services.intake import Intake
from coordinator.services.journal import InMemoryJournal, Stored
from coordinator.services.map_fetch import Patience
from coordinator.services.prompt import PromptFetch
from coordinator.services.quarantine import read_again, still_quarantined
from coordinator.services.streams import StreamSettings
from coordinator.services.waiting import Waiting
from coordinator.settings import LinksSettings, Settings
from telescopes.description.clocks import LinkTime, SystemSkyClock
from telescopes.description.errors import RetryLater

QUICK = Patience(first_s=0.02, longest_s=0.1, tries=2000)
NOTICE = {
    "superevent_id": "S261122qx",
    "alert_type": "RETRACTION",
    "time_created": "2026-11-22T21:18:31Z",
    "event": None,
}
PATH = "/msg/f0b3f5b6"


@pytest.fixture
def archive() -> Iterator[MapServer]:
    with serving() as server:
        yield server


@pytest.fixture
def registry() -> Iterator[SchemaServer]:
    with a_registry() as server:
        yield server


async def an_intake(
    state: Path, *streams: StreamSettings, hosts: tuple[str, ...] = (), journal: InMemoryJournal | None = None
) -> Intake:
    """Build an intake as the running system does, over a journal in memory."""
    settings = Settings(state=state, streams=streams or (StreamSettings("scimma"),), links=LinksSettings(hosts=hosts))
    return await factory.intake(settings, journal or InMemoryJournal(), SystemSkyClock(), "source/scimma")


def written(intake: Intake) -> list[Stored]:
    assert isinstance(intake.writer.journal, InMemoryJournal)
    return [stored for stored in intake.writer.journal.stored if stored.entry.kind != "writer_elected"]


def kinds(intake: Intake) -> list[str]:
    return [stored.entry.kind for stored in written(intake)]


def alerts(intake: Intake) -> list[Alert]:
    return [fact_of(stored.entry) for stored in written(intake) if stored.entry.kind == "alert_received"]


async def until(what: Callable[[], object], at_most_s: float = 90.0) -> None:
    loop = asyncio.get_running_loop()
    give_up = loop.time() + at_most_s
    while not what():
        assert loop.time() < give_up, "it did not come to that"
        await asyncio.sleep(0.02)


async def read_while_waiting(intake: Intake, what: Callable[[], object]) -> None:
    task = asyncio.create_task(Waiting(intake, QUICK).run())
    try:
        await until(what)
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def pointer(server: MapServer) -> bytes:
    return json.dumps({"url": server.url(PATH)}).encode()


# -- off-loaded messages


async def test_an_off_loaded_message_is_fetched_and_is_the_alert(tmp_path: Path, archive: MapServer) -> None:
    archive.files[PATH] = archived(json.dumps(NOTICE).encode(), _format=b"json")
    intake = await an_intake(tmp_path, hosts=(archive.origin,))
    received = await intake.receive(pointer(archive), name="x", headers={"_format": "external", "_test": "true"})
    assert (received.outcome, received.event_key) == ("alert", "lvk:S261122qx")
    assert alerts(intake)[0].purpose is Purpose.TEST
    assert await intake.blobs.get(alerts(intake)[0].raw_sha256) == json.dumps(NOTICE).encode()


async def test_nothing_is_fetched_from_a_host_that_is_not_allowed(tmp_path: Path, archive: MapServer) -> None:
    archive.files[PATH] = archived(json.dumps(NOTICE).encode())
    received = await (intake := await an_intake(tmp_path)).receive(pointer(archive), name="x")
    assert received.outcome == "rejected" and not received.waits and archive.url(PATH) in (received.reason or "")
    assert kinds(intake) == ["alert_quarantined"] and not archive.asked


async def test_what_is_not_there_yet_holds_up_nobody_and_comes_later(tmp_path: Path, archive: MapServer) -> None:
    archive.files[PATH] = archived(json.dumps(NOTICE).encode())
    archive.misses[PATH] = 3
    intake = await an_intake(tmp_path, hosts=(archive.origin,))
    received = await intake.receive(pointer(archive), name="x", headers={"_test": "true"})
    assert received.waits and kinds(intake) == ["alert_quarantined"]
    later = json.dumps(NOTICE | {"superevent_id": "S261122zz"}).encode()
    assert (await intake.receive(later, name="y")).outcome == "alert"
    await read_while_waiting(intake, lambda: "quarantine_read" in kinds(intake))
    assert [(alert.event_key, alert.purpose) for alert in alerts(intake)] == [
        ("lvk:S261122zz", Purpose.OBSERVATION),
        ("lvk:S261122qx", Purpose.TEST),
    ]
    assert not await still_quarantined(intake.writer.journal)


async def test_what_waits_is_tried_again_by_the_next_life_of_the_source(tmp_path: Path, archive: MapServer) -> None:
    archive.statuses[PATH] = 503
    first = await an_intake(tmp_path, hosts=(archive.origin,))
    await first.receive(pointer(archive), name="x")
    archive.files[PATH] = archived(json.dumps(NOTICE).encode())
    del archive.statuses[PATH]
    assert isinstance(first.writer.journal, InMemoryJournal)
    second = await an_intake(tmp_path, hosts=(archive.origin,), journal=first.writer.journal)
    await read_while_waiting(second, lambda: "quarantine_read" in kinds(second))
    assert [alert.event_key for alert in alerts(second)] == ["lvk:S261122qx"]


async def test_a_message_that_never_comes_is_left_to_a_person(tmp_path: Path, archive: MapServer) -> None:
    intake = await an_intake(tmp_path, hosts=(archive.origin,))
    await intake.receive(pointer(archive), name="x")
    waiting = Waiting(intake, Patience(first_s=0.001, longest_s=0.001, tries=3))
    task = asyncio.create_task(waiting.run())
    await until(lambda: archive.asked[PATH] == 4)
    task.cancel()
    page = await read_again(intake)
    assert [one.outcome for one in page.messages] == ["rejected"] and "404" in page.messages[0].reason


class Hand:
    """A link clock that a test moves."""

    at = 0.0

    def now(self) -> LinkTime:
        return LinkTime(self.at)


async def test_a_host_that_does_not_answer_costs_a_stream_one_wait(archive: MapServer) -> None:
    hand, asked = Hand(), []

    async def slow(url: str) -> bytes:
        asked.append(url)
        hand.at += 4.0
        raise RetryLater("takes too long", where=url, mend="wait")

    prompt = PromptFetch(slow, hand)
    for _ in range(100):
        with pytest.raises(RetryLater):
            await prompt.get("https://a.example/1")
    assert len(asked) == 1
    hand.at += 60.0
    with pytest.raises(RetryLater):
        await prompt.get("https://a.example/1")
    assert len(asked) == 2


async def test_a_fetch_that_does_not_end_is_left() -> None:
    async def never(url: str) -> bytes:
        await asyncio.Event().wait()
        return b""

    with pytest.raises(RetryLater, match="did not come"):
        await PromptFetch(never, Hand(), most_s=0.01).get("https://a.example/1")


# -- schemas of a registry


def packet(number: int = 7, **changes: Any) -> bytes:
    return framed(RUBIN_SCHEMA, a_rubin_packet(**changes), number)


def of(server: SchemaServer, **more: Any) -> StreamSettings:
    return StreamSettings("scimma", schema_registry=server.url, **more)


async def test_a_schema_is_asked_for_once_and_kept_for_ever(tmp_path: Path, registry: SchemaServer) -> None:
    registry.schemas[7] = RUBIN_SCHEMA
    intake = await an_intake(tmp_path, of(registry))
    for number in (1, 2):
        assert (await intake.receive(packet(diaSourceId=number), name="x")).outcome == "alert"
    assert registry.asked == ["/schemas/ids/7"]
    registry.down = True
    after = await an_intake(tmp_path, of(registry))
    assert (await after.receive(packet(diaSourceId=3), name="x")).outcome == "alert"
    assert (tmp_path / "schemas" / "7.avsc").is_file() and len(registry.asked) == 1


async def test_a_registry_that_is_away_is_asked_again_and_holds_up_nobody(
    tmp_path: Path, registry: SchemaServer
) -> None:
    registry.schemas[7], registry.down = RUBIN_SCHEMA, True
    intake = await an_intake(tmp_path, of(registry))
    received = await intake.receive(packet(), name="x")
    assert received.waits and "schema 7" in (received.reason or "") and "503" in (received.reason or "")
    registry.down = False
    await read_while_waiting(intake, lambda: "quarantine_read" in kinds(intake))
    assert len(alerts(intake)) == 1


async def test_an_unknown_id_is_named_and_read_once_somebody_gives_the_schema(
    tmp_path: Path, registry: SchemaServer
) -> None:
    intake = await an_intake(tmp_path, of(registry))
    received = await intake.receive(packet(), name="x")
    assert received.outcome == "rejected" and not received.waits and "schema 7" in (received.reason or "")
    await intake.receive(packet(diaSourceId=5), name="x")
    assert len(registry.asked) == 1  # what nobody knew a moment ago is not asked for again at once
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "7.avsc").write_text(json.dumps(RUBIN_SCHEMA))
    again = await an_intake(tmp_path, of(registry), journal=intake.writer.journal)  # type: ignore[arg-type]
    assert [one.outcome for one in (await read_again(again)).messages] == ["alert", "alert"]


def in_pieces() -> dict[str, Any]:
    """Return the schema with its sources left out, to which it then refers."""
    fields = [
        one if one["name"] != "diaSource" else {"name": "diaSource", "type": SOURCE["name"]}
        for one in RUBIN_SCHEMA["fields"]
    ]
    return RUBIN_SCHEMA | {"fields": fields}


SOURCE = next(one["type"] for one in RUBIN_SCHEMA["fields"] if one["name"] == "diaSource")


def refers_to(subject: str, version: int = 1, name: str = SOURCE["name"]) -> list[dict[str, Any]]:
    return [{"name": name, "subject": subject, "version": version}]


async def test_a_schema_that_refers_to_others_is_put_together_and_kept_whole(
    tmp_path: Path, registry: SchemaServer
) -> None:
    registry.schemas[7], registry.references[7] = in_pieces(), refers_to("dia%2Fsource")
    registry.references[7][0]["subject"] = "dia/source"
    registry.subjects["dia%2Fsource", 1] = SOURCE
    intake = await an_intake(tmp_path, of(registry))
    assert (await intake.receive(packet(), name="x")).outcome == "alert"
    assert registry.asked == ["/schemas/ids/7", "/subjects/dia%2Fsource/versions/1"]
    registry.down = True
    after = await an_intake(tmp_path, of(registry))
    assert (await after.receive(packet(diaSourceId=3), name="x")).outcome == "alert"


async def test_a_reference_that_leads_nowhere_or_in_a_circle_is_refused(tmp_path: Path, registry: SchemaServer) -> None:
    registry.schemas[7], registry.references[7] = in_pieces(), refers_to("gone", 3)
    received = await (await an_intake(tmp_path, of(registry))).receive(packet(), name="x")
    assert received.outcome == "rejected" and "'gone' version 3, which is not there" in (received.reason or "")
    registry.references[7] = refers_to("round", 1)
    for number in range(1, 20):
        registry.subjects["round", number] = SOURCE
        registry.references["round", number] = refers_to("round", number + 1, f"x.t{number}")
    received = await (await an_intake(tmp_path, of(registry))).receive(packet(), name="y")
    assert received.outcome == "rejected" and "8 deep" in (received.reason or "")
    assert not (tmp_path / "schemas" / "7.avsc").exists()


async def test_what_is_too_long_when_put_together_is_not_kept(tmp_path: Path, registry: SchemaServer) -> None:
    registry.schemas[7], registry.references[7] = in_pieces(), refers_to("long")
    more = [{"name": f"f{number:0240}", "type": "int"} for number in range(MAX_BYTES // 240)]
    registry.subjects["long", 1] = SOURCE | {"fields": [*SOURCE["fields"], *more]}
    received = await (await an_intake(tmp_path, of(registry))).receive(packet(), name="x")
    assert received.outcome == "rejected" and "schema 7" in (received.reason or ""), received
    assert not (tmp_path / "schemas" / "7.avsc").exists()


async def test_a_registry_that_goes_away_between_two_pieces_is_asked_again(
    tmp_path: Path, registry: SchemaServer
) -> None:
    registry.answers[7] = json.dumps({"schema": json.dumps(in_pieces()), "references": refers_to("late")}).encode()
    registry.down_at = "/subjects/late/versions/1"
    intake = await an_intake(tmp_path, of(registry))
    received = await intake.receive(packet(), name="x")
    assert received.waits and "schema 7 cannot be had" in (received.reason or "")


async def test_a_schema_put_into_the_folder_is_found_without_a_registry(tmp_path: Path) -> None:
    intake = await an_intake(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "7.avsc").write_text(json.dumps(RUBIN_SCHEMA))
    assert (await intake.receive(packet(), name="x")).outcome == "alert"


@pytest.mark.parametrize(
    "answer",
    [
        b"rubbish",
        b"[]",
        b'{"schema": 7}',
        json.dumps({"schema": "{}"}).encode(),
        json.dumps({"schema": "x" * 2**20}).encode(),
        json.dumps({"schema": json.dumps(RUBIN_SCHEMA), "schemaType": "PROTOBUF"}).encode(),
        json.dumps({"schema": json.dumps(RUBIN_SCHEMA), "references": [{"name": "a"}]}).encode(),
        b'{"schema": "' + b"x" * 2**21 + b'"}',
    ],
)
async def test_what_is_no_schema_is_refused_and_not_kept(tmp_path: Path, registry: SchemaServer, answer: bytes) -> None:
    registry.answers[7] = answer
    received = await (await an_intake(tmp_path, of(registry))).receive(packet(), name="x")
    assert received.outcome == "rejected" and "schema 7" in (received.reason or "")
    assert not (tmp_path / "schemas").exists()


async def test_the_registry_is_shown_who_we_are(
    tmp_path: Path, registry: SchemaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.schemas[7], registry.who = RUBIN_SCHEMA, "ann:secret"
    stranger = await (await an_intake(tmp_path, of(registry))).receive(packet(), name="x")
    assert stranger.outcome == "rejected" and "401" in (stranger.reason or "")
    monkeypatch.setenv("REG_USER", "ann")
    monkeypatch.setenv("REG_SECRET", "secret")
    known = of(registry, registry_user_env="REG_USER", registry_secret_env="REG_SECRET")
    assert (await (await an_intake(tmp_path, known)).receive(packet(), name="x")).outcome == "alert"
