"""Tables of an event say since its T0 when something was or will be, wherever they stand."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from coordinator.vetting.facts import CandidatesScored, DetectionsStored, ScoredCandidate, StoredDetection
from telescopes.description.messages import Detection

EVENT = "lvk:G298048"
T0 = datetime(2017, 8, 17, 12, 41, 4, tzinfo=UTC)
PLACE = (197.4, -23.4)
SAID = re.compile(
    r'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?: UTC)?(?:" data-clock="sky">[^<]*</time>)?'
    r' <small class="after">T0([+-])(?:(\d+) d )?(\d\d):(\d\d):(\d\d)</small>'
)
PANELS = [
    (f"/events/{EVENT}", "pointings", 6),
    (f"/events/{EVENT}", "revisions", 2),
    (f"/events/{EVENT}", "candidates", 1),
    (f"/events/{EVENT}", "notices", 2),
    ("/", "pointings", 6),
    ("/", "candidates", 1),
    ("/", "log", 4),
    (f"/events/{EVENT}/plans", "plans", 1),
    (f"/events/{EVENT}/candidates/late", "candidate", 1),
    (f"/events/{EVENT}/candidates/late", "curve", 1),
    ("/telescopes/tca", "queue", 2),
    ("/telescopes/tca", "history", 2),
    ("/log", "journal", 4),
]


async def panel_of(site: httpx.AsyncClient, story: Any, path: str, panel: str) -> str:
    head = len(story.journal.stored)
    async with asyncio.timeout(60):
        while f'<body data-seq="{head}"' not in (text := (await site.get(path)).text):
            await asyncio.sleep(0.02)
    return str(text.split(f'id="{panel}"')[1].split("</section>")[0])


async def all_told(story: Any, sky: bytes, *, t0: datetime | None = T0) -> None:
    """A night with something in every table of an event."""
    await story.whole()
    await story.event(revision=2, t0=t0, sky=sky)
    await story.alert(1)
    seen = T0 + timedelta(days=1, hours=2, minutes=3, seconds=4)
    late = ScoredCandidate("late", *PLACE, 0.1, 0.9, 4.0, "promising", 1, (), 17.3, "r", last_seen=seen.isoformat())
    await story.tell("candidates_scored", CandidatesScored(EVENT, 1, 0.1, (late,), best="late", weighed=1), "vetter")
    one = StoredDetection(Detection("d", "pointing-001", *PLACE, seen, "r", 18.0, pos_err_arcsec=1.0), "tca", EVENT)
    await story.tell("detections_stored", DetectionsStored((one,)), "vetter", event=EVENT)


@pytest.mark.parametrize(("path", "panel", "least"), PANELS)
async def test_every_table_of_an_event_says_times_since_its_t0(
    site: httpx.AsyncClient, story: Any, some_map: Any, path: str, panel: str, least: int
) -> None:
    await all_told(story, some_map())
    said = SAID.findall(await panel_of(site, story, path, panel))
    assert len(said) >= least
    for at, sign, days, *clock in said:
        hours, minutes, seconds = map(int, clock)
        after = timedelta(days=int(days or 0), hours=hours, minutes=minutes, seconds=seconds)
        when = datetime.fromisoformat(f"{at}+00:00")
        assert when - T0 == (after if sign == "+" else -after)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "panel", "least"), PANELS)
async def test_an_event_without_t0_has_nothing_to_count_from(
    site: httpx.AsyncClient, story: Any, some_map: Any, path: str, panel: str, least: int
) -> None:
    await all_told(story, some_map(), t0=None)
    assert 'class="after"' not in await panel_of(site, story, path, panel)


async def test_what_was_a_day_later_says_so(site: httpx.AsyncClient, story: Any, some_map: Any) -> None:
    await all_told(story, some_map())
    assert "T0+1 d 02:03:04" in await panel_of(site, story, f"/events/{EVENT}/candidates/late", "curve")
