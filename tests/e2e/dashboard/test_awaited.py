"""A page that was asked for too early becomes the thing's own page as soon as the journal speaks of it."""

import asyncio
from types import ModuleType
from typing import Any

import pytest
from builders.axe import axe_script, violations
from builders.browser import WAIT_MS, opened
from playwright.async_api import Page, expect

pytestmark = pytest.mark.e2e
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNRELATED_S = 9.0
LOOKS_BY_ITSELF = 5
"""It looks again after 2, 4, 8, 16 and 32 s, whatever the journal speaks of."""


def asks_of(page: Page, path: str) -> list[str]:
    """Collect the times that a page is asked for, from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if path in request.url else None)
    return asked


def grave(complaints: list[str]) -> list[str]:
    """Return complaints but for those about the answer 404, which is awaited."""
    return [said for said in complaints if "404" not in said]


async def test_an_events_page_that_came_too_early_shows_it_when_it_is_there(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.event()
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/events/lvk:S1", complaints) as page:
        await expect(page.locator("#awaited")).to_contain_text("The journal has not spoken of it", timeout=WAIT_MS)
        await story.event("S1")
        await expect(page.locator("#event")).to_be_visible(timeout=WAIT_MS)
        await expect(page.locator("#h-event")).to_have_text("Event S1")
    assert grave(complaints) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "panel"), [("telescopes/late", "#telescope"), ("events/lvk:G298048/candidates/late", "#candidate")]
)
async def test_so_do_those_of_a_telescope_and_of_a_candidate(telling: ModuleType, path: str, panel: str) -> None:
    story: Any = telling.Story()
    await story.event()
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/{path}", complaints) as page:
        await expect(page.locator("#awaited")).to_be_visible(timeout=WAIT_MS)
        await story.candidates("late")
        await story.session("late")
        await expect(page.locator(panel)).to_be_visible(timeout=WAIT_MS)
    assert grave(complaints) == []


@pytest.mark.slow
async def test_what_never_comes_is_not_asked_for_whenever_the_journal_speaks(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.event()
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/events/lvk:never", complaints) as page:
        await expect(page.locator("#newest")).not_to_have_attribute("data-number", "0", timeout=WAIT_MS)
        asked = asks_of(page, "/events/lvk:never")
        loop = asyncio.get_running_loop()
        end = loop.time() + UNRELATED_S
        seq = 0
        while loop.time() < end or seq <= 2 * LOOKS_BY_ITSELF:
            seq = await story.clouds("tca")
            await expect(page.locator("#newest")).to_contain_text(f"#{seq}", timeout=WAIT_MS)
        assert len(asked) <= LOOKS_BY_ITSELF
        await story.event("never")
        await expect(page.locator("#event")).to_be_visible(timeout=WAIT_MS)
    assert grave(complaints) == []


@pytest.mark.slow
async def test_the_page_that_waits_is_for_everybody(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.event()
    complaints: list[str] = []
    name = "lvk:" + "S" * 150
    async with telling.serving(story) as address, opened(f"{address}/events/{name}", complaints) as page:
        line, script = await page.context.new_cdp_session(page), axe_script()
        assert script is not None
        for width in (390, 1280, 2560):
            await page.set_viewport_size({"width": width, "height": 900})
            assert await page.evaluate(TOO_WIDE) <= 0
            assert await violations(line, script) == []
    assert grave(complaints) == []
