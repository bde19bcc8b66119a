"""The guide from image to detection, followed word for word: from a FITS file to the coordinator's journal."""

import asyncio
import contextlib
import math
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from builders.agent_commands import without_clock

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope, no_such_telescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.practice import practice_pointing
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from coordinator.services.vetter import Vetter
from coordinator.sky.skymap import SkyMap
from coordinator.store.blobs import FolderBlobs
from coordinator.store.journal import SqliteJournal
from telescopes.description.clocks import LinkTime, MonotonicClock, ScaledSkyClock, SkyClockReading, SystemSkyClock
from telescopes.description.messages import (
    ItemResult,
    Pointing,
    SessionGrant,
    SessionRequest,
    StatusReply,
    StatusReport,
)

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guides" / "from-image-to-detection.md"
FILE = re.compile(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
UTC_NOW = SystemSkyClock().now
MIDNIGHT = datetime(2026, 3, 20, tzinfo=UTC)
RATE = 60.0
SAID_FWHM_ARCSEC = 2.0
GENEROUS_S = 150.0
PNG = b"\x89PNG\r\n\x1a\n"


async def no_map(sha256: str) -> SkyMap:
    raise AssertionError(f"nothing here has a map, {sha256} neither")


class VettedTelescope(LoopbackTelescope):
    """Its detections go where a coordinator's go: to the vetter, and into the journal."""

    vetter: Vetter

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        return replace(await super().open_session(request), server_time=UTC_NOW())

    async def report_status(self, session_id: str, report: StatusReport) -> StatusReply:
        return replace(await super().report_status(session_id, report), server_time=UTC_NOW())

    async def report_detections(self, session_id: str, detections: Any) -> tuple[ItemResult, ...]:
        await super().report_detections(session_id, detections)
        return await self.vetter.store(self.telescope_id, detections)


class Observatory:
    """A real gateway and a real journal in the place of the guide's practice gateway."""

    def __init__(self, folder: Path) -> None:
        clock = MonotonicClock()
        self.folder = folder
        self.sky = ScaledSkyClock(clock, LinkTime(clock.now()), MIDNIGHT, RATE)
        self.telescope = VettedTelescope("polar", heartbeat_s=0.5, clock=self.sky)
        self.blobs = FolderBlobs(folder / "blobs")

    def _find(self, telescope_id: str) -> LoopbackTelescope:
        if telescope_id != "polar":
            raise no_such_telescope(telescope_id)
        return self.telescope

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        self.journal = SqliteJournal(self.folder / "journal.sqlite", now=UTC_NOW)
        self.telescope.vetter = Vetter(self.journal, self.blobs, self.sky, no_map)
        await self.telescope.vetter.start()
        service = TelescopeService(
            self._find,
            sky_clock=lambda: SkyClockReading(self.sky.now(), self.sky.rate),
            utc_now=UTC_NOW,
            timing=StreamTiming(0.5, lambda: 0.5),
        )
        server = GatewayServer(
            "127.0.0.1", 0, service, OperatorService(LoopbackDesk({"polar": self.telescope}, MIDNIGHT))
        )
        port = await server.start()
        try:
            yield port
        finally:
            await server.stop(grace_s=0.2)
            await self.journal.close()

    def asked(self) -> Pointing:
        """What the practice gateway offers, with time for slow machines: this sky runs fast."""
        offered = practice_pointing("polar", "main", self.sky.now())
        return replace(offered, pointing_id="42", window_end=offered.window_end + timedelta(hours=12))

    async def kept(self) -> list[dict[str, Any]]:
        """Detections in the journal."""
        tail = await self.journal.read(0)
        bodies = [s.entry.body for s in tail.entries if s.entry.kind == "detections_stored"]
        return [one for body in bodies for one in body["detections"]]

    async def has_everything(self) -> bool:
        """Whether all three images and the pipeline's file have come through, and the depths that were measured."""
        kept = [one["detection"] for one in await self.kept()]
        last = self.telescope.reports[-1] if self.telescope.reports else None
        measured = last is not None and [e.fwhm_arcsec != SAID_FWHM_ARCSEC for e in last.exposures] == [True] * 3
        return measured and len(found(kept)) == 3 and sum(d["image_uri"] == "" for d in kept) == 2


def follow(folder: Path, port: int) -> None:
    """Write the files that the guide shows."""
    shown = dict(FILE.findall(GUIDE.read_text(encoding="utf-8")))
    assert set(shown) == {"site.toml", "world.json", "own.ndjson"}
    for name, text in shown.items():
        (folder / name).write_text(text.replace("127.0.0.1:50051", f"127.0.0.1:{port}"))
    shutil.copy(ROOT / "docs" / "examples" / "reduce.py", folder)


@contextlib.asynccontextmanager
async def armillary(
    folder: Path, *words: str, log: IO[bytes] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "coordinator.cli", "agent", *words),
        cwd=folder,
        env=os.environ | {"PATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=log or asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    try:
        with (folder / "agent.log").open("wb") as log:
            async with armillary(folder, "run", "--config", "site.toml", "--state", "state", log=log) as agent:
                yield agent
    finally:
        sys.stdout.write((folder / "agent.log").read_text())  # shown where the test fails


async def ended(folder: Path, *words: str) -> tuple[int | None, str, str]:
    async with armillary(folder, *words) as process, asyncio.timeout(120.0):
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()


async def until(fact: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(GENEROUS_S):
        while not await fact():
            await asyncio.sleep(0.1)


def arcsec(detection: dict[str, Any], ra_deg: float, dec_deg: float) -> float:
    east = (detection["ra_deg"] - ra_deg) * math.cos(math.radians(dec_deg))
    return math.hypot(east, detection["dec_deg"] - dec_deg) * 3600


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "site"
    made.mkdir()
    return made


@pytest.mark.slow
async def test_the_guide_leads_from_images_to_the_journal(folder: Path, tmp_path: Path) -> None:
    observatory = Observatory(tmp_path)
    report = ("report", "own.ndjson", "--config", "site.toml", "--state", "state")
    async with observatory.serving() as port:
        follow(folder, port)
        status, _, err = await ended(folder, "check", "--config", "site.toml")
        assert (status, without_clock(err)) == (0, "")
        await observatory.telescope.command(observatory.asked())
        async with running(folder) as agent:
            assert await ended(folder, *report) == (0, "polar: 2 detections queued, 0 known already\n", "")
            await until(observatory.has_everything)
            agent.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(agent.wait(), 120.0) == 130
        kept = await observatory.kept()
        await shows_what_was_injected(observatory, kept)
        log = (folder / "agent.log").read_text()
        assert "exposure 0 reduced: " in log
        assert "Traceback" not in log
        assert await ended(folder, *report) == (0, "polar: 0 detections queued, 2 known already\n", "")


def found(detections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was detected at the injected source's place."""
    return [d for d in detections if arcsec(d, 197.48, -23.36) < 1.0]


async def shows_what_was_injected(observatory: Observatory, kept: list[dict[str, Any]]) -> None:
    seen = found([one["detection"] for one in kept])
    assert len(seen) == 3
    assert all(abs(d["mag_ab"] - 17.5) < 0.2 for d in seen), seen
    assert all(d["pointing_id"] == "42" and d["real_bogus"] > 0.5 for d in seen)
    images = [Path(d["image_uri"].removeprefix("file://")) for d in seen]
    assert sorted(path.name for path in images) == [f"polar_42_{n}.fits" for n in range(3)]
    for one in kept:
        if one["detection"]["image_uri"]:
            assert (await observatory.blobs.get(one["cutout_sha256"])).startswith(PNG)
    exposures = observatory.telescope.reports[-1].exposures
    assert all(19.0 < (e.limiting_mag_ab or 0.0) < 20.0 for e in exposures)


async def test_a_bad_file_is_named_line_by_line_and_nothing_is_queued(folder: Path) -> None:
    follow(folder, 50051)
    (folder / "bad.ndjson").write_text('{"ra_deg": 1.0}\n\n{oops\n' + (folder / "own.ndjson").read_text())
    status, out, err = await ended(folder, "report", "bad.ndjson", "--config", "site.toml", "--state", "state")
    assert (status, out) == (1, "")
    said = ("line 1: dec_deg is missing", "line 1: mag_ab is missing", "line 3: is no JSON", "nothing was queued")
    assert [words for words in said if words not in err] == []
    status, out, _ = await ended(folder, "report", "own.ndjson", "--config", "site.toml", "--state", "state")
    assert (status, out) == (0, "polar: 2 detections queued, 0 known already\n")
