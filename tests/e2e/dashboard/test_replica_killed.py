"""The replica that serves the dashboard is killed in the middle of a night: pages come back, and miss no event."""

import asyncio
import os
import re
import signal
from typing import Any

import psutil
import pytest
from builders.browser import arrive, opened
from builders.notices import a_map, a_notice
from builders.running import Running
from playwright.async_api import BrowserContext, Page, expect

from coordinator.dashboard.frames import topic_of
from coordinator.dashboard.hub import QUEUE_FRAMES

pytestmark = [pytest.mark.e2e, pytest.mark.ray, pytest.mark.slow]
BACK_MS = 90_000
NAME = "S260320ka"
EVENT = f"lvk:{NAME}"
PATHS = ("/", f"/events/{EVENT}", "/log")
LISTEN = """
window.heard = [];
document.addEventListener("armillary:news", ({ detail }) => heard.push([detail.seq, detail.topic]));
"""


def replica(night: Running) -> int | None:
    """Process id of the dashboard's replica; None: it has none now."""
    for one in night.note_processes():
        try:
            if " ".join(one.cmdline()).startswith("ray::ServeReplica:"):
                return one.pid
        except psutil.Error:
            continue
    return None


async def a_page(context: BrowserContext, address: str) -> tuple[Page, int]:
    """Open a page; return it with the journal's number that it was made of."""
    page = await context.new_page()
    made_of = re.search(r'<body data-seq="(\d+)"', await arrive(page, address))
    assert made_of is not None
    await page.evaluate("window.here = true")
    return page, int(made_of[1])


async def caught_up(page: Page, seq: int) -> list[list[Any]]:
    """Wait until a page has heard of an entry and is as of it; return everything that it heard."""
    async with asyncio.timeout(BACK_MS / 1000):
        while True:
            heard = await page.evaluate("heard")
            if heard and heard[-1][0] >= seq and await page.evaluate("Number(document.body.dataset.seq)") >= seq:
                return list(heard)
            await asyncio.sleep(0.2)


def unless_told_to_ask(heard: list[list[Any]], written: list[list[Any]]) -> list[list[Any]]:
    """Put what a page was told to ask for in the place of that word: only where too much was missed to be told."""
    told = [at for at, (_, topic) in enumerate(heard) if topic == "resync"]
    if not told:
        return heard
    (at,) = told
    missed = [one for one in written if (heard[at - 1][0] if at else 0) < one[0] <= heard[at][0]]
    assert len(missed) > QUEUE_FRAMES
    return [*heard[:at], *missed, *heard[at + 1 :]]


def goes_on(night: Running) -> int:
    """Let a new map come and be searched; return the entry of an answer to it."""
    fresh = night.hand_in("update.json", a_notice(NAME, "UPDATE", 30, a_map(3)))
    revised = night.first(fresh, "event_revised", event=EVENT).seq
    return night.first(revised, "pointing_accepted", event=EVENT).seq


@pytest.mark.timeout(600)
async def test_pages_come_back_by_themselves_and_no_event_is_missed(night: Running) -> None:
    start = night.hand_in("preliminary.json", a_notice(NAME, "PRELIMINARY", 0, a_map(2)))
    await asyncio.to_thread(night.first, start, "pointing_accepted", event=EVENT)
    async with opened(f"{night.dashboard}/static/icon.svg", []) as first:
        assert first.context.browser is not None
        context = await first.context.browser.new_context()
        await context.add_init_script(LISTEN)
        pages = [await a_page(context, night.dashboard + path) for path in PATHS]
        for page, made_of in pages:
            await caught_up(page, made_of + 1)

        killed = replica(night)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        last = await asyncio.to_thread(goes_on, night)

        for page, made_of in pages:
            heard = [entry for entry in await caught_up(page, last) if entry[0] > made_of]
            written = [[s.seq, topic_of(s.entry.kind)] for s in night.read(made_of) if s.seq <= heard[-1][0]]
            assert unless_told_to_ask(heard, written) == written, "every entry since the page was made, once, in order"
            assert await page.evaluate("window.here"), "the same page, not one that was loaded again"
            await expect(page.locator("#live")).not_to_have_class("lost")
        await expect(pages[1][0].locator("#event")).to_contain_text("revision 2", timeout=BACK_MS)
        await expect(pages[0][0].locator("sky-view")).to_have_attribute("data-ready", re.compile(r"\d+"))
    assert replica(night) not in (None, killed)
