"""A kept night of a simulation on the dashboard's screens: at its own time, as of any moment, and read only."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.kept_nights import a_night, keep_night
from builders.served import app_served

from coordinator.dashboard.projector import Projector
from coordinator.dashboard.recording import Playback, Recording
from coordinator.store.blobs import FolderBlobs
from telescopes.description.errors import Refused

EVENT = "lvk:G298048"
OURS = {"Sec-Fetch-Site": "same-origin"}
SCREENS = (
    "/", f"/events/{EVENT}", f"/events/{EVENT}/plans", f"/events/{EVENT}/candidates/cand-1", "/telescopes/tca", "/log",
    "/shift", "/quarantine", "/system",
)  # fmt: skip


@pytest.fixture
async def recording(story: Any, tmp_path: Path) -> Recording:
    await story.whole()
    night = a_night(story.telescopes.values())
    await keep_night(tmp_path / "night", story.journal.stored, story.blobs.data, night)
    return Recording.opened(tmp_path / "night")


@pytest.fixture
async def site(recording: Recording) -> AsyncIterator[httpx.AsyncClient]:
    projector = Projector(recording, FolderBlobs(recording.folder / "blobs"), time.monotonic)
    async with app_served(projector) as address, httpx.AsyncClient(base_url=address, timeout=60.0) as client:
        yield client


async def status(site: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await site.get("/api/v1/status")).json()
    return found


async def moved(site: httpx.AsyncClient, at: str, rate: str = "0", **said: str) -> httpx.Response:
    return await site.post("/moment", data={"at": at, "rate": rate, "back": "/log"} | said, headers=OURS)


async def test_every_screen_shows_the_night_and_says_what_it_is(site: httpx.AsyncClient) -> None:
    for path in SCREENS:
        answer = await site.get(path)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        assert "RECORDED SIMULATION" in answer.text
        assert "nothing can be asked of telescopes here" in answer.text
        assert "a test&#39;s: event 0 of seed 5, coordinated" in answer.text
        assert "/act/" not in answer.text


async def test_its_maps_and_plans_are_there(site: httpx.AsyncClient) -> None:
    sky = (await site.get(f"/api/v1/events/{EVENT}/sky")).json()
    assert [c["level"] for c in sky["contours"]] == [0.5, 0.9]
    plans = (await site.get(f"/api/v1/events/{EVENT}/plans")).json()
    assert len(plans["items"]) == 1
    planned = (await site.get("/api/v1/pointings?state=planned")).json()
    assert len(planned["items"]) == 2


async def test_as_of_is_the_nights_own_time_and_stands(site: httpx.AsyncClient, recording: Recording) -> None:
    now = await status(site)
    end = recording.end.isoformat().replace("+00:00", "Z")
    assert (now["sky_time"], now["as_of"]["time"], now["heard_at"]) == (end, end, end)
    assert now["sky_rate"] == 0.0
    assert now["as_of"]["seq"] == len(recording.entries)
    assert "SKY CLOCK STANDS" in (await site.get("/")).text


async def test_an_earlier_moment_shows_what_was_known_then(site: httpx.AsyncClient, recording: Recording) -> None:
    offered = next(s for s in recording.entries if s.entry.kind == "pointing_offered")
    at = offered.recorded_at + timedelta(seconds=1)
    answer = await moved(site, f"{at:%Y-%m-%dT%H:%M:%S}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/log")
    assert (await status(site))["as_of"]["seq"] == offered.seq
    pointings = (await site.get(f"/api/v1/pointings?event={EVENT}")).json()["items"]
    assert [p["state"] for p in pointings].count("offered") == 1
    assert (await site.get("/api/v1/candidates")).json()["items"] == []
    assert f'value="{at:%Y-%m-%d %H:%M:%S}"' in (await site.get("/")).text
    assert (await moved(site, "", jump="end")).status_code == 303
    assert (await status(site))["as_of"]["seq"] == len(recording.entries)


async def test_what_had_not_come_to_pass_is_told_nowhere(site: httpx.AsyncClient, recording: Recording) -> None:
    await moved(site, "", jump="begin")
    head = (await status(site))["as_of"]["seq"]
    assert 0 < head < len(recording.entries)
    log = (await site.get("/api/v1/log?limit=1000")).json()["items"]
    assert [row["seq"] for row in log] == list(range(1, head + 1))


async def test_a_night_that_goes_on_tells_its_entries_as_they_come(
    site: httpx.AsyncClient, recording: Recording
) -> None:
    await moved(site, "", jump="begin")
    first = await status(site)  # while it stands: what goes on may be over before it is asked
    assert first["sky_rate"] == 0.0
    await moved(site, "", "1", jump="begin")
    assert (await status(site))["sky_rate"] == 1.0
    await moved(site, "", "600", jump="begin")
    seen: list[int] = []
    async with asyncio.timeout(60), site.stream("GET", f"/stream?after={first['as_of']['seq']}") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("id: "):
                seen.append(int(line[4:]))
                if len(seen) == 3:
                    break
    assert seen == [first["as_of"]["seq"] + n for n in (1, 2, 3)]


async def test_an_open_stream_ends_when_another_moment_is_chosen(site: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60), site.stream("GET", "/stream") as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        await moved(site, "", jump="begin")
        async for _ in lines:
            pass  # until it ends


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/telescopes/tca/pause"),
        ("POST", f"/api/v1/events/{EVENT}/go"),
        ("POST", "/api/v1/coverage"),
        ("POST", "/act/telescope/pause"),
        ("GET", "/act/telescope/pause?subject=tca"),
        ("POST", "/sign-out"),
        ("DELETE", "/api/v1/telescopes/tca"),
    ],
)
async def test_whatever_would_ask_something_is_refused_in_one_line(
    site: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await site.request(method, path, headers=OURS)
    assert answer.status_code == 403
    assert answer.json()["title"] == "this is a recorded simulation: nothing can be asked of telescopes here"
    assert "armillary up" in answer.json()["mend"]
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    ("said", "because"),
    [
        ({"at": "yesterday"}, "is no time"),
        ({"at": ""}, "is no time"),
        ({"at": "0001-01-01T00:00:00+23:00"}, "is no time"),
        ({"at": "2017-08-17T13:00:00", "rate": "fast"}, "is no rate"),
        ({"at": "2017-08-17T13:00:00", "rate": "1e9"}, "is no rate"),
    ],
)
async def test_what_is_no_moment_is_refused_and_nothing_moves(
    site: httpx.AsyncClient, said: dict[str, str], because: str
) -> None:
    before = await status(site)
    answer = await site.post("/moment", data=said, headers=OURS)
    assert answer.status_code == 400
    assert because in answer.json()["title"]
    assert await status(site) == before


async def test_another_sites_page_moves_nothing(site: httpx.AsyncClient) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = await site.post("/moment", data={"jump": "begin"}, headers=headers)
        assert answer.status_code == 403
    assert (await site.post("/moment", data={"jump": "end", "back": "//evil.example"}, headers=OURS)).headers[
        "location"
    ] == "/"


async def test_a_moment_outside_the_night_is_its_nearest(site: httpx.AsyncClient, recording: Recording) -> None:
    await moved(site, "2030-01-01T00:00:00+00:00")
    assert (await status(site))["as_of"]["seq"] == len(recording.entries)
    await moved(site, "1999-01-01T00:00:00")
    assert datetime.fromisoformat((await status(site))["sky_time"]) == recording.begin


async def test_playback_goes_on_at_its_rate_and_stands_at_the_end(recording: Recording) -> None:
    now_s = 100.0
    playback = Playback(recording, recording.begin, 60.0, lambda: now_s)
    first = (await playback.info()).head_seq
    now_s += 10.0
    assert playback.utc() == recording.begin + timedelta(minutes=10)
    assert (await playback.info()).head_seq > first
    assert playback.rate == 60.0
    now_s += 1e6
    assert (playback.utc(), playback.rate) == (recording.end, 0.0)
    assert (await playback.info()).head_seq == len(recording.entries)


async def test_an_observatorys_own_journal_is_no_recorded_simulation(recording: Recording) -> None:
    (recording.folder / "night.json").unlink()
    with pytest.raises(Refused, match=r"holds no kept night of a simulation"):
        Recording.opened(recording.folder)


async def test_a_night_without_its_journal_is_refused(recording: Recording) -> None:
    (recording.folder / "journal.sqlite").unlink()
    with pytest.raises(Refused, match="there is no journal"):
        Recording.opened(recording.folder)


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ("UPDATE journal SET body = '{}' WHERE seq = 4", r"what follows entry 3 cannot be understood \(Object missing"),
        ("UPDATE journal SET body = 'no JSON' WHERE seq = 4", "what follows entry 0 cannot be understood"),
        ("UPDATE journal SET sky_time = 'yesterday' WHERE seq = 4", "'yesterday'"),
        ("DELETE FROM journal WHERE seq = 5", "its journal has gaps"),
    ],
)
async def test_a_journal_that_is_not_understood_is_refused_in_one_line(
    recording: Recording, change: str, because: str
) -> None:
    book = sqlite3.connect(recording.folder / "journal.sqlite")
    with book:
        for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            book.execute(f"DROP TRIGGER {name}")
        book.execute(change)
    book.close()
    with pytest.raises(Refused, match=because) as refused:
        Recording.opened(recording.folder)
    assert "\n" not in str(refused.value)
