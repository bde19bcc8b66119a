"""`armillary replay --dashboard` serves a kept night until Ctrl-C, as a process of its own without an observatory."""

import asyncio
import re
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.kept_nights import a_night, keep_night

SERVES = re.compile(r"dashboard (http://127\.0\.0\.1:\d+)/")


@pytest.mark.slow
async def test_a_kept_night_is_served_until_ctrl_c(story: Any, tmp_path: Path) -> None:
    await story.whole()
    night = tmp_path / "night"
    await keep_night(night, story.journal.stored, story.blobs.data, a_night(story.telescopes.values()))
    words = ("-m", "coordinator.cli", "replay", "--state", str(night), "--dashboard", "--port", "0", "--until", "5")
    child = await asyncio.create_subprocess_exec(sys.executable, *words, stderr=asyncio.subprocess.PIPE)
    assert child.stderr is not None
    try:
        async with asyncio.timeout(120):
            said = ""
            while (found := SERVES.search(said)) is None:
                line = await child.stderr.readline()
                assert line, said
                said += line.decode()
            assert "recorded simulation, a test's: event 0 of seed 5, coordinated" in said
            async with httpx.AsyncClient(base_url=found[1], timeout=60.0) as client:
                status = (await client.get("/api/v1/status")).json()
                assert status["as_of"]["seq"] >= 5
                assert status["sky_time"].startswith("2017-08-17")
                assert "RECORDED SIMULATION" in (await client.get("/")).text
            child.send_signal(signal.SIGINT)
            rest = (await child.stderr.read()).decode()
            assert await child.wait() == 130
            assert rest == ""
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
