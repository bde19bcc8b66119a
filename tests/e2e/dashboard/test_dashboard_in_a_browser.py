"""The page in Chromium: it draws, it lives, it asks nobody else, and its console stays empty."""

import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from builders.browser import CHROMIUM, opened
from playwright.async_api import Route, expect

from telescopes.description.states import PointingState

pytestmark = pytest.mark.e2e
PIXELS_OF = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let drawn = 0;
  for (let i = 3; i < data.length; i += 4) drawn += data[i] > 0;
  return drawn;
}"""


@pytest.fixture(autouse=True)
def _needs_chromium() -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: install Debian's chromium")


async def test_the_page_draws_the_sky_and_follows_the_journal(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/", complaints) as page:
        all_sky = page.locator("#all-sky")
        await expect(all_sky).to_have_attribute("data-ready", str(len(story.journal.stored)), timeout=20_000)
        assert await all_sky.evaluate(PIXELS_OF) > 5_000
        assert await page.locator("#close-up").evaluate(PIXELS_OF) > 5_000
        label = await all_sky.get_attribute("aria-label")
        assert label is not None
        assert "1 fields exposing" in label
        assert "90 % in" in label

        new = await story.offer("tca", ra_deg=190.0)
        row = page.locator(f'#pointings tr[data-key="{new}"]')
        await expect(row).to_contain_text("offered", timeout=20_000)
        await story.move(new, PointingState.ACCEPTED)
        seq = await story.move(new, PointingState.EXPOSING)
        await expect(row).to_contain_text("exposing", timeout=20_000)
        await expect(page.locator("#log")).to_contain_text(f"tca exposing {new}", timeout=20_000)
        await expect(all_sky).to_have_attribute("data-ready", str(seq), timeout=20_000)
        if folder := os.environ.get("ARMILLARY_SCREENSHOTS"):
            await page.screenshot(path=Path(folder) / "dashboard.png", full_page=True)
    assert complaints == []


@pytest.mark.slow
async def test_right_ascension_increases_to_the_left(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.event()
    complaints: list[str] = []
    geometry = """async () => {
      const { mollweide, gnomonic, paths } = await import("/static/geometry.js");
      const all = mollweide(900, 470, 0), near = gnomonic(600, 600, 10, 80, 20);
      return {
        east: all.project(30, 0)[0] < all.project(0, 0)[0] && near.project(14, 80)[0] < near.project(10, 80)[0],
        north: all.project(0, 30)[1] < all.project(0, 0)[1] && near.project(10, 82)[1] < near.project(10, 80)[1],
        pole: all.project(77, 90),
        tip: all.project(0, 0),
        seam: paths(all, [[179, 0], [181, 0], [181, 2], [179, 2]]).length,
        plain: paths(all, [[10, 0], [12, 0], [12, 2], [10, 2]]).length,
        behind: near.project(190, -80),
      };
    }"""
    async with telling.serving(story) as address, opened(f"{address}/", complaints) as page:
        found = await page.evaluate(geometry)
    assert found["east"]
    assert found["north"]
    assert found["pole"] == [450, pytest.approx(235 - (225 - 6))]
    assert found["tip"] == [450, 235]
    assert (found["seam"], found["plain"]) == (2, 1)
    assert found["behind"] is None


@pytest.mark.slow
async def test_a_page_whose_server_comes_back_goes_on(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.event()
    complaints: list[str] = []
    async with telling.serving(story) as address:
        port = int(address.rpartition(":")[2])
        play = opened(f"{address}/", complaints)
        page = await play.__aenter__()
        await expect(page.locator("#all-sky")).to_have_attribute("data-ready", "2", timeout=20_000)
    missed = await story.offer()
    async with telling.serving(story, port):
        await expect(page.locator(f'#pointings tr[data-key="{missed}"]')).to_contain_text("offered", timeout=30_000)
        await play.__aexit__(None, None, None)


@pytest.mark.slow
async def test_contours_that_could_not_be_fetched_are_fetched_again(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    asked: list[str] = []

    async def away_twice(route: Route) -> None:
        asked.append(route.request.url)
        await (route.abort() if len(asked) <= 2 else route.continue_())

    async with telling.serving(story) as address, opened("about:blank", []) as page:
        await page.route("**/api/v1/events/*/sky", away_twice)
        await page.goto(f"{address}/", wait_until="domcontentloaded")
        await expect(page.locator("#sky-note")).to_contain_text("90 % in", timeout=20_000)
        new = await story.offer("tca", ra_deg=190.0)
        await expect(page.locator(f'#pointings tr[data-key="{new}"]')).to_contain_text("offered", timeout=20_000)


@pytest.mark.slow
async def test_a_page_that_cannot_be_drawn_does_not_end_the_following(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/", complaints) as page:
        await expect(page.locator("#all-sky")).to_have_attribute("data-ready", str(len(story.journal.stored)))

        async def broken(route: Route) -> None:
            answer = await route.fetch()
            await route.fulfill(
                response=answer, body=(await answer.text()).replace('data-outline="', 'data-outline="{')
            )

        await page.route(f"{address}/", broken)
        first = await story.offer("tca", ra_deg=190.0)
        await expect(page.locator(f'#pointings tr[data-key="{first}"]')).to_contain_text("offered", timeout=20_000)
        await page.unroute(f"{address}/")
        seq = await story.move(first, PointingState.ACCEPTED)
        await expect(page.locator("#all-sky")).to_have_attribute("data-ready", str(seq), timeout=20_000)
    assert complaints
    assert all("JSON" in said for said in complaints)
