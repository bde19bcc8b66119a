"""The page in Chromium: it draws, it lives, it asks nobody else, and its console stays empty."""

import asyncio
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from builders.acting_story import an_office
from builders.browser import WAIT_MS, opened
from playwright.async_api import Page, Route, expect

from coordinator.demo.ports import free_port
from telescopes.description.states import PointingState

pytestmark = pytest.mark.e2e
EVENT = "lvk:G298048"
BY_ITSELF = "delete window.SharedWorker;"
"""As on some phones: a page has a line of its own, which is the same that tabs share elsewhere."""
PIXELS_OF = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let drawn = 0;
  for (let i = 3; i < data.length; i += 4) drawn += data[i] > 0;
  return drawn;
}"""


async def until(page: Page, holds: str) -> None:
    """Poll by hand: what Playwright polls with is `eval`, which our pages forbid."""
    async with asyncio.timeout(90.0):
        while not await page.evaluate(holds):
            await asyncio.sleep(0.05)


async def test_the_page_draws_the_sky_and_follows_the_journal(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/", complaints) as page:
        sky = page.locator("sky-view")
        await expect(sky).to_have_attribute("data-ready", str(len(story.journal.stored)), timeout=WAIT_MS)
        for layer in ("ground", "fields", "lines"):
            assert await page.locator(f".sky-{layer}").evaluate(PIXELS_OF) > 2_000
        label = await page.locator(".sky-lines").get_attribute("aria-label")
        assert label is not None
        assert "1 fields exposing" in label
        assert "90 % in" in label

        new = await story.offer("tca", ra_deg=190.0)
        row = page.locator(f'#pointings tr[data-key="{new}"]')
        await expect(row).to_contain_text("offered", timeout=WAIT_MS)
        await story.move(new, PointingState.ACCEPTED)
        seq = await story.move(new, PointingState.EXPOSING)
        await expect(row).to_contain_text("exposing", timeout=WAIT_MS)
        await expect(page.locator("#log")).to_contain_text(f"tca exposing {new}", timeout=WAIT_MS)
        await expect(sky).to_have_attribute("data-ready", str(seq), timeout=WAIT_MS)
        if folder := os.environ.get("ARMILLARY_SCREENSHOTS"):
            await page.screenshot(path=Path(folder) / "dashboard.png", full_page=True)
    assert complaints == []


@pytest.mark.slow
async def test_a_page_whose_server_comes_back_goes_on(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.event()
    complaints: list[str] = []
    port = free_port()  # of those that no connection of somebody else takes while nobody serves on it
    async with telling.serving(story, port) as address:
        play = opened(f"{address}/", complaints)
        page = await play.__aenter__()
        await expect(page.locator("sky-view")).to_have_attribute("data-ready", "2", timeout=WAIT_MS)
    missed = await story.offer()
    async with telling.serving(story, port):
        await expect(page.locator(f'#pointings tr[data-key="{missed}"]')).to_contain_text("offered", timeout=WAIT_MS)
        await play.__aexit__(None, None, None)


@pytest.mark.slow
async def test_a_line_that_died_without_a_word_is_opened_anew(telling: ModuleType) -> None:
    """As after a laptop's sleep: nothing is heard, and no error is told."""
    deaf_once = f"""{BY_ITSELF}
    window.lines = 0;
    window.EventSource = class extends EventSource {{
      addEventListener(...words) {{ if (!(this.deaf ??= !lines++)) super.addEventListener(...words); }}
      set onopen(does) {{ if (!this.deaf) super.onopen = does; }}
    }};"""
    story: Any = telling.Story()
    await story.whole()
    async with telling.serving(story) as address, opened(f"{address}/static/icon.svg", []) as page:
        await page.context.add_init_script(deaf_once)
        await page.clock.install()
        await page.goto(f"{address}/", wait_until="domcontentloaded")
        await page.locator("sky-view[data-ready]").wait_for()
        for ra_deg in (190.0, 185.0):  # the first comes with the page that is fetched as the line is opened
            new = await story.offer("tca", ra_deg=ra_deg)
            await page.clock.fast_forward(31_000 if ra_deg == 190.0 else 4_000)
            await expect(page.locator(f'#pointings tr[data-key="{new}"]')).to_contain_text("offered", timeout=WAIT_MS)
        assert await page.evaluate("lines") == 2


@pytest.mark.slow
async def test_news_of_the_sky_that_are_never_answered_are_asked_for_again(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    unanswered: list[str] = []

    async def silent_once(route: Route) -> None:
        unanswered.append(route.request.url)
        if len(unanswered) > 1:
            await route.continue_()

    async with telling.serving(story) as address, opened(f"{address}/static/icon.svg", []) as page:
        await page.clock.install()
        await page.goto(f"{address}/", wait_until="domcontentloaded")
        sky = page.locator("sky-view")
        await expect(sky).to_have_attribute("data-ready", str(len(story.journal.stored)), timeout=WAIT_MS)
        await page.clock.run_for(2_000)
        await page.route("**/scene?after=*", silent_once)
        seq = await story.clouds("tca", 10.0)
        async with asyncio.timeout(90.0):
            while not unanswered:
                await page.clock.run_for(500)
        for _ in range(8):
            await page.clock.run_for(5_000)
        await expect(sky).to_have_attribute("data-ready", str(seq), timeout=WAIT_MS)


async def true_of(page: Page, what: str) -> None:
    """Poll to a deadline; what the browser polls by itself needs an `eval` that the page forbids."""
    async with asyncio.timeout(WAIT_MS / 1000.0):
        while not await page.evaluate(what):
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_a_sleep_while_a_line_is_to_be_opened_anew_opens_one_alone(telling: ModuleType) -> None:
    """When it ends, the clock finds the line dead before the line that was due is opened."""
    counted = f"""{BY_ITSELF}
    window.lines = [];
    window.EventSource = class extends EventSource {{
      constructor(...words) {{ super(...words); lines.push(this); }}
    }};"""
    story: Any = telling.Story()
    await story.whole()
    async with telling.serving(story) as address, opened(f"{address}/static/icon.svg", []) as page:
        await page.context.add_init_script(counted)
        await page.clock.install()
        await page.route("**/stream?*", lambda route: route.abort())
        await page.goto(f"{address}/", wait_until="domcontentloaded")
        for tries in range(1, 6):  # each pause is longer than the one before
            await true_of(page, f"lines.filter((one) => one.readyState === 2).length >= {tries}")
            await page.clock.run_for(4_500 if tries < 5 else 0)
        await page.unroute("**/stream?*")
        await page.clock.fast_forward(60_000)
        await page.clock.run_for(5_000)
        await true_of(page, "lines.some((one) => one.readyState === 1)")
        assert await page.evaluate("lines.filter((one) => one.readyState !== 2).length") == 1


@pytest.mark.slow
async def test_what_stands_under_the_keyboard_or_is_chosen_stays_so_when_a_panel_is_written_anew(
    telling: ModuleType, tmp_path: Path
) -> None:
    async def with_a_link(route: Route) -> None:
        html = (await (await route.fetch()).text()).replace(
            '<p class="as-of">', '<p class="as-of"><a href="/more">more</a> '
        )
        await route.fulfill(body=html, content_type="text/html")

    story: Any = telling.Story()
    await story.whole()
    office = await an_office(story, tmp_path)
    async with (
        telling.serving(story, desk=office.desk()) as address,
        opened(address + office.link("cora"), []) as page,
    ):
        await page.get_by_role("button", name="Sign in").click()
        await page.locator("#person").wait_for()
        await page.route("**/candidates/cand-1", with_a_link)
        await page.goto(f"{address}/events/{EVENT}/candidates/cand-1", wait_until="load")
        chosen = page.locator("#candidate select[name='subject']")
        await chosen.select_option("tch")
        await chosen.focus()
        await story.candidates("cand-2", "cand-1")
        await expect(page.locator("#candidate")).to_contain_text("rank 2 of 2")
        await expect(chosen).to_have_value("tch")
        await expect(chosen).to_be_focused()
        link, said = page.locator("#candidate .as-of a"), page.locator("#candidate .as-of .seq")
        await link.focus()
        seq = await story.clouds("tca", 10.0)
        await expect(said).to_have_text(str(seq))
        await expect(link).to_be_focused()


@pytest.mark.slow
async def test_contours_that_could_not_be_fetched_are_fetched_again(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    asked: list[str] = []

    async def away_twice(route: Route) -> None:
        asked.append(route.request.url)
        await (route.abort() if len(asked) <= 2 else route.continue_())

    async with telling.serving(story) as address, opened("about:blank", []) as page:
        await page.route("**/api/v1/skies/*/contours", away_twice)
        await page.goto(f"{address}/", wait_until="domcontentloaded")
        await expect(page.locator("#sky-note")).to_contain_text("90 % in", timeout=WAIT_MS)
        new = await story.offer("tca", ra_deg=190.0)
        await expect(page.locator(f'#pointings tr[data-key="{new}"]')).to_contain_text("offered", timeout=WAIT_MS)


@pytest.mark.slow
async def test_a_sky_that_cannot_be_fetched_for_a_while_does_not_end_the_following(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    async with telling.serving(story) as address, opened(f"{address}/", []) as page:
        sky = page.locator("sky-view")
        await expect(sky).to_have_attribute("data-ready", str(len(story.journal.stored)), timeout=WAIT_MS)
        await page.route("**/scene?after=*", lambda route: route.abort())
        first = await story.offer("tca", ra_deg=190.0)
        await expect(page.locator(f'#pointings tr[data-key="{first}"]')).to_contain_text("offered", timeout=WAIT_MS)
        await page.unroute("**/scene?after=*")
        seq = await story.move(first, PointingState.ACCEPTED)
        await expect(sky).to_have_attribute("data-ready", str(seq), timeout=WAIT_MS)
