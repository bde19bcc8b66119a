"""All open events on one sky: contours of each, a legend, and the choice in step with the table of events."""

import asyncio
from types import ModuleType
from typing import Any

import httpx
import pytest
from builders.axe import axe_script, violations
from builders.browser import WAIT_MS, opened
from playwright.async_api import Page, expect

from coordinator.dashboard.themes import COOKIE, THEMES

pytestmark = pytest.mark.e2e
PLACES = {"S1": (30.0, 40.0), "S2": (250.0, 10.0), "S3": (120.0, -60.0)}
FIELD = "() => document.querySelector('sky-view').camera.field"
WHERE = "([ra, dec]) => document.querySelector('sky-view').camera.projection.point(ra, dec)"
INKED = """([ra, dec]) => {
  const { camera, painter } = document.querySelector("sky-view");
  const [x, y] = camera.projection.point(ra, dec).map((one) => Math.round(one * painter.sharp) - 1);
  const { data } = painter.contexts.lines.getImageData(x, y, 3, 3);
  return data.some((one, i) => i % 4 === 3 && one > 0);
}"""
"""Whether anything is drawn over the fields at a place."""


async def told(telling: ModuleType) -> Any:
    """Three open events with maps and one that was taken back; the newest, S2, is the one that is shown."""
    story = telling.Story()
    await story.event(sky=telling.a_map())
    for name, place in PLACES.items():
        await story.event(name, sky=telling.a_map(*place), retracted=name == "S3")
    return story


async def drawn(page: Page, *names: str) -> None:
    """Wait until the contours of other events are there."""
    await expect(page.locator(".sky-others li")).to_have_text(list(names), timeout=WAIT_MS)
    await expect(page.locator("#sky-note")).to_contain_text(f"other open events, as of now: {', '.join(names)}.")


async def until_inked(page: Page, place: tuple[float, float], *, is_inked: bool) -> None:
    """Wait until something is drawn at a place, or nothing is."""
    async with asyncio.timeout(WAIT_MS / 1000):
        while await page.evaluate(INKED, place) is not is_inked:
            await asyncio.sleep(0.05)


async def click_at(page: Page, place: tuple[float, float]) -> None:
    stage = page.locator(".sky-stage")
    await stage.evaluate("stage => stage.scrollIntoView({ block: 'center' })")
    box = await stage.bounding_box()
    assert box is not None
    x, y = await page.evaluate(WHERE, place)
    await page.mouse.click(box["x"] + x, box["y"] + y)


@pytest.mark.slow
async def test_every_open_event_is_on_the_sky_of_the_first_page(telling: ModuleType) -> None:
    story = await told(telling)
    complaints: list[str] = []
    async with (
        telling.serving(story) as address,
        opened(address, complaints) as page,
        httpx.AsyncClient(base_url=address, timeout=60.0) as site,
    ):
        await drawn(page, "S1", "G298048")
        assert await page.evaluate(FIELD) > 90, "all of them are to be seen"
        await page.get_by_role("button", name="table", exact=True).click()
        for key in ("lvk:S1", "lvk:G298048"):
            contours = (await site.get(f"/api/v1/events/{key}/sky")).json()["contours"]
            row = page.locator(f".sky-twin tr[data-kind='event'][data-key='{key}']")
            for contour in contours:
                await expect(row).to_contain_text(f"{contour['area_deg2']:.1f} deg²")
                await until_inked(page, contour["polygons"][0][0], is_inked=True)
        layer = page.get_by_role("checkbox", name="other open events", include_hidden=True)
        for is_on in (False, True):
            await layer.evaluate("box => box.click()")
            await until_inked(page, contours[0]["polygons"][0][0], is_inked=is_on)
        await story.event("S1", revision=2, retracted=True)
        await drawn(page, "G298048")
        await story.event("S4", sky=telling.a_map(80.0, 5.0))
        await drawn(page, "S2", "G298048")
    assert [said for said in complaints if "getImageData" not in said] == []  # that is this test's own


@pytest.mark.slow
async def test_the_choice_is_in_step_with_the_table_of_events(telling: ModuleType) -> None:
    story = await told(telling)
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(address, complaints) as page:
        await drawn(page, "S1", "G298048")
        shown = page.locator("#events tr[aria-current]")
        await expect(shown).to_have_attribute("data-key", "lvk:S2")
        await page.locator(".sky-others button", has_text="G298048").click()
        await expect(shown).to_have_attribute("data-key", "lvk:G298048")
        await expect(page.locator(".sky-chosen")).to_contain_text("Event G298048: 50 % in")
        await click_at(page, PLACES["S1"])
        await expect(shown).to_have_attribute("data-key", "lvk:S1")
        await expect(page.locator(".sky-others button[aria-pressed='true']")).to_have_text("S1")
        await page.locator(".sky-stage").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#events tr[data-key='lvk:S1']")).to_be_focused()
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page.locator(".sky-chosen")).not_to_contain_text("Event S1")
        await page.locator("#events tr[data-key='lvk:S3'] td").nth(1).click()
        await expect(page.locator(".sky-chosen")).to_contain_text("No contour of this event is drawn")
        await story.clouds("tca")
        await expect(page.locator("#strip .seq")).to_have_text(str(len(story.journal.stored)), timeout=WAIT_MS)
        await expect(shown).to_have_attribute("data-key", "lvk:S3")
        await page.locator(".sky-stage").focus()
        await page.keyboard.press("Escape")
        await expect(shown).to_have_attribute("data-key", "lvk:S2")
    assert complaints == []


@pytest.mark.slow
async def test_many_events_are_for_everybody_and_a_page_of_one_shows_one(telling: ModuleType) -> None:
    story = await told(telling)
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(address, complaints) as page:
        line, script = await page.context.new_cdp_session(page), axe_script()
        assert script is not None
        for theme, width in zip(THEMES, (390, 1280, 2560), strict=True):
            await page.context.add_cookies([{"name": COOKIE, "value": theme, "url": address}])
            await page.set_viewport_size({"width": width, "height": 900})
            await page.reload(wait_until="domcontentloaded")
            await drawn(page, "S1", "G298048")
            assert (
                await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
            )
            assert await violations(line, script) == []
        await page.goto(f"{address}/events/lvk:S1", wait_until="domcontentloaded")
        await expect(page.locator("sky-view")).to_have_attribute(
            "data-ready", str(len(story.journal.stored)), timeout=WAIT_MS
        )
        await expect(page.locator(".sky-others li")).to_have_count(0)
        await expect(page.get_by_role("checkbox", name="other open events", include_hidden=True)).to_have_count(0)
    assert complaints == []
