"""The journal's newest word stands in the strip before the page is fetched again, and never gives way to an older."""

import asyncio
from types import ModuleType
from typing import Any

import pytest
from builders.browser import WAIT_MS, opened
from playwright.async_api import Page, Route, expect

from telescopes.description.states import PointingState

pytestmark = pytest.mark.e2e
BOXES = """() => [...document.querySelectorAll("#strip > *")].filter((e) => e.id !== "live").map((e) => {
  const { left, top, width, height } = e.getBoundingClientRect();
  return [left, top, width, height].map(Math.round).join(" ");
})"""
"""Where everything in the strip stands, but for an age that grows by itself."""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
STRAY = "\N{RIGHT-TO-LEFT OVERRIDE}<img src=x onerror=alert(1)>" * 6


class HeldUp:
    """Answers with the page again that are made at once, and come when they may."""

    def __init__(self) -> None:
        self.made, self.let = asyncio.Event(), asyncio.Event()

    async def __call__(self, route: Route) -> None:
        """Answer one."""
        answer = await route.fetch()
        self.made.set()
        await self.let.wait()
        await route.fulfill(response=answer)


async def says(page: Page, words: str) -> None:
    await expect(page.locator("#newest")).to_have_text(words, timeout=WAIT_MS)


@pytest.mark.slow
async def test_it_is_seen_before_the_page_is_fetched_and_never_goes_back(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/", complaints) as page:
        await says(page, f"newest #{len(story.journal.stored)} candidates scored")
        await page.locator("sky-view[data-ready]").wait_for()
        held = HeldUp()
        await page.route(f"{address}/", held)
        pointing = await story.offer("tca", ra_deg=190.0)
        await says(page, f"newest #{len(story.journal.stored)} pointing offered · tca · {pointing}")
        await held.made.wait()
        row = page.locator(f'#pointings tr[data-key="{pointing}"]')
        await expect(row).to_have_count(0)
        boxes = await page.evaluate(BOXES)
        seq = await story.move(pointing, PointingState.ACCEPTED)
        newest = f"newest #{seq} pointing accepted · tca · {pointing}"
        await says(page, newest)
        assert await page.evaluate(BOXES) == boxes, "nothing in the strip jumps"
        await page.evaluate(
            """() => {
              window.told = [];
              const look = () => told.push(document.getElementById("newest").textContent);
              document.addEventListener("armillary:page", look);
            }"""
        )
        held.let.set()
        await expect(row).to_contain_text("accepted", timeout=WAIT_MS)
        await says(page, newest)
        told = await page.evaluate("told")
        assert len(told) >= 2, "a page of before, and one that is as of the newest word"
        assert set(told) == {newest}
        await page.unroute(f"{address}/")
        await page.reload(wait_until="domcontentloaded")
        await says(page, newest)
    assert complaints == []


@pytest.mark.slow
async def test_whatever_a_name_says_it_is_text_of_one_line_on_a_phone_too(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/", complaints) as page:
        await page.set_viewport_size({"width": 390, "height": 900})
        await page.locator("sky-view[data-ready]").wait_for()
        newest = page.locator("#newest")
        before = await newest.bounding_box()
        held = HeldUp()
        await page.route(f"{address}/", held)
        await story.offer("tca", id=STRAY)
        await expect(newest).to_contain_text("onerror", timeout=WAIT_MS)
        assert before is not None
        after = await newest.bounding_box()
        assert after is not None
        assert (after["width"], after["height"]) == (before["width"], before["height"])
        assert await page.evaluate(TOO_WIDE) <= 0
        assert await newest.evaluate("it => it.closest('[aria-live], [role=status], [role=alert]')") is None
        held.let.set()
    assert complaints == []
