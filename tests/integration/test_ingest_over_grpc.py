"""`armillary ingest` over a real gRPC port into a real intake."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import typer
from builders.operator_port import NOW, serving
from typer.testing import CliRunner

from coordinator.alerts.alert import Alert, Purpose
from coordinator.cli import ingest
from coordinator.gateway.loopback import LoopbackDesk
from coordinator.gateway.operator_service import OperatorService
from coordinator.operator_link import UNREACHABLE, Operator, Submission, running_on
from coordinator.services.assess import MapSummary
from coordinator.services.facts import fact_of
from coordinator.services.intake import Intake, Said
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.ports import Submitted
from coordinator.services.quarantine import read_again
from coordinator.services.quarantined import Page
from coordinator.store.blobs import FolderBlobs
from coordinator.store.journal import SqliteJournal
from telescopes.description.clocks import SystemSkyClock
from telescopes.description.errors import Refused, RetryLater


def cards(*pairs: str) -> bytes:
    block = "".join(card.ljust(80) for card in (*pairs, "END")).encode()
    return block.ljust(-(-len(block) // 2880) * 2880)


A_MAP = cards("SIMPLE  =                    T", "BITPIX  = 8", "NAXIS   = 0") + cards(
    "XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 8", "NAXIS2  = 400000"
)
A_NOTICE = b'{"superevent_id": "S261122qx", "alert_type": "RETRACTION", "time_created": "2026-11-22T21:18:31Z"}'


class IntakeDesk(LoopbackDesk):
    """A desk that hands what is submitted to an intake."""

    def __init__(self, intake: Intake) -> None:
        super().__init__({}, NOW)
        self.intake = intake
        self.restarting_for = 0

    async def status(self) -> dict[str, Any]:
        return {
            "events": [
                {"key": "fermi.gbm:797587480", "name": "GRB 260411A", "t0": "2026-04-11T08:04:35+00:00"},
                {"key": "icecube:1_2", "name": "IceCube-260411A", "t0": None},
            ]
        }

    async def submit(self, name: str, data: bytes, purpose: str, event_key: str) -> Submitted:
        if self.restarting_for:
            self.restarting_for -= 1
            raise RetryLater("restarts", where="journal", mend="wait", after_s=0.01)
        received = await self.intake.receive(data, name=name, purpose=purpose, event_key=event_key)
        return Submitted(received.seq or 0, received.outcome, received.event_key or "", received.reason or "")

    async def retry_quarantine(self, after: str) -> Page:
        return await read_again(self.intake, after, most=2)


async def read_map(data: bytes) -> MapSummary:
    return MapSummary(1.0, 2.0)


@pytest.fixture
async def journal() -> InMemoryJournal:
    return InMemoryJournal()


@pytest.fixture
async def desk(journal: InMemoryJournal) -> IntakeDesk:
    writer = await Writer.elected(journal, "source/gateway")
    return IntakeDesk(Intake(writer, InMemoryBlobs(), SystemSkyClock(), read_map, "gateway"))


@pytest.fixture
async def state(tmp_path: Path, desk: IntakeDesk) -> AsyncIterator[Path]:
    async with serving(tmp_path, OperatorService(desk)) as folder:
        yield folder


async def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    ingest.register(app)
    app.callback()(lambda: None)
    result = await asyncio.to_thread(CliRunner().invoke, app, ["ingest", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


def put(folder: Path, name: str, raw: bytes) -> str:
    (folder / name).write_bytes(raw)
    return str(folder / name)


async def test_a_notice_is_handed_over_and_told(state: Path, journal: InMemoryJournal) -> None:
    code, said = await run(put(state, "a.json", A_NOTICE), "--state", str(state))
    assert (code, said) == (0, "a.json: alert, lvk:S261122qx, entry 2\n")
    assert journal.stored[-1].entry.kind == "alert_received"


async def test_a_map_of_several_pieces_arrives_whole_with_a_person_s_word(
    state: Path, journal: InMemoryJournal
) -> None:
    raw = A_MAP + random.Random(7).randbytes(3_200_000)
    arguments = ("--purpose", "observation", "--event", "lvk:S190814bv", "--state", str(state))
    code, said = await run(put(state, "m.fits", raw), *arguments)
    alert: Alert = fact_of(journal.stored[-1].entry)
    assert (code, said) == (0, "m.fits: alert, lvk:S190814bv, entry 2\n")
    assert (alert.purpose, alert.localization.skymap_bytes) == (Purpose.OBSERVATION, len(raw))
    assert await run(put(state, "m.fits", raw), *arguments) == (code, said)
    assert len(journal.stored) == 2


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("S190814bv", "lvk:S190814bv"),
        ("GRB 260411A", "fermi.gbm:797587480"),
        ("bn260411336", "fermi.gbm:797587480"),
        ("IceCube-260411A", "icecube:1_2"),
    ],
)
async def test_an_event_may_be_named_as_people_do(state: Path, journal: InMemoryJournal, name: str, key: str) -> None:
    code, said = await run(put(state, "m.fits", A_MAP), "--event", name, "--state", str(state))
    assert (code, said) == (0, f"m.fits: alert, {key}, entry 2\n")
    assert journal.stored[-1].entry.event == key


async def test_a_rejected_file_does_not_keep_the_others_back(state: Path, journal: InMemoryJournal) -> None:
    bad, good = put(state, "bad.json", b"{"), put(state, "good.json", A_NOTICE)
    empty = put(state, "empty.json", b"")
    code, said = await run(bad, empty, good, "--state", str(state))
    assert code == 1
    assert "empty.json: " in said
    assert "bad.json: rejected, entry 2, not JSON" in said and "good.json: alert" in said
    assert journal.stored[1].entry.kind == "alert_quarantined"


async def test_headers_beside_a_file_travel_as_its_purpose(state: Path, journal: InMemoryJournal) -> None:
    file = put(state, "a.json", A_NOTICE)
    put(state, "a.json.headers.json", b'{"_test": "true"}')
    await run(file, "--state", str(state))
    alert: Alert = fact_of(journal.stored[-1].entry)
    assert alert.purpose is Purpose.TEST


async def test_while_a_part_restarts_ingest_waits_and_goes_on(
    state: Path, desk: IntakeDesk, journal: InMemoryJournal
) -> None:
    desk.restarting_for = 2
    code, said = await run(put(state, "a.json", A_NOTICE), "--state", str(state))
    assert (code, said) == (0, "a.json: alert, lvk:S261122qx, entry 2\n")


async def test_restarting_is_told_apart_from_not_running(state: Path, desk: IntakeDesk) -> None:
    desk.restarting_for = 1
    notice = Submission("a.json", A_NOTICE)
    with Operator(running_on(state).gateway) as operator, pytest.raises(RetryLater) as later:
        await asyncio.to_thread(operator.submit, notice)
    assert later.value.after_s == 0.01
    with Operator("127.0.0.1:1") as nobody, pytest.raises(Refused) as refusal:
        await asyncio.to_thread(nobody.submit, notice)
    assert refusal.value.reason == UNREACHABLE


async def fill(intake: Intake, *others: bytes) -> None:
    """Put a notice into quarantine as it would have come before its reader was mended, and others that stay."""
    await intake.quarantine(A_NOTICE, name="good.json", reason="no known format", said=Said(headers={}))
    for number, raw in enumerate(others):
        await intake.receive(raw, name=f"bad-{number}.json")


async def test_the_quarantine_of_a_running_observatory_is_read_again_page_by_page(
    state: Path, desk: IntakeDesk, journal: InMemoryJournal
) -> None:
    await fill(desk.intake, b"{", b"[", b"{{", b"")
    code, said = await run("--retry-quarantine", "--state", str(state))
    lines = said.splitlines()
    assert code == 0 and len(lines) == 6
    assert "good.json: alert, lvk:S261122qx" in lines
    assert sum("still rejected" in line for line in lines) == 4
    assert lines[-1] == "5 read again, 4 left in quarantine"
    assert [s.entry.kind for s in journal.stored[-2:]] == ["alert_received", "quarantine_read"]


async def test_the_quarantine_of_a_state_folder_is_read_again_where_nothing_runs(tmp_path: Path) -> None:
    kept = SqliteJournal(tmp_path / "journal.sqlite", lambda: NOW)
    writer = await Writer.elected(kept, "source/files")
    await fill(Intake(writer, FolderBlobs(tmp_path / "blobs"), SystemSkyClock(), read_map, "files"), b"{")
    await kept.close()
    code, said = await run("--retry-quarantine", "--state", str(tmp_path))
    assert code == 0
    assert "good.json: alert, lvk:S261122qx" in said and said.endswith("2 read again, 1 left in quarantine\n")
    assert "good.json" not in (await run("--retry-quarantine", "--state", str(tmp_path)))[1]
