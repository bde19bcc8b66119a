"""A kept night of a simulation in Chromium: its sky is drawn, another moment is chosen, it goes on, it is read only."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from builders.browser import WAIT_MS, opened
from builders.kept_nights import a_recorded_story
from playwright.async_api import Page, expect

pytestmark = pytest.mark.e2e
EVENT = "lvk:G298048"
ASK = """async () => {
  const answer = await fetch("/api/v1/telescopes/tca/pause", { method: "POST", body: "{}" });
  return [answer.status, (await answer.json()).title];
}"""


async def shows(page: Page, seq: int) -> None:
    """Wait until page and sky are those of an entry."""
    await expect(page.locator("body")).to_have_attribute("data-seq", str(seq), timeout=WAIT_MS)
    await expect(page.locator("sky-view")).to_have_attribute("data-ready", str(seq), timeout=WAIT_MS)


@pytest.mark.slow
async def test_a_night_is_looked_at_as_of_any_moment_and_goes_on(telling: ModuleType, tmp_path: Path) -> None:
    story: Any = telling.Story()
    complaints: list[str] = []
    async with (
        a_recorded_story(story, tmp_path) as address,
        opened(f"{address}/events/{EVENT}", complaints) as page,
    ):
        band, sky_clock = page.locator("#recorded"), page.locator("#sky-clock")
        await expect(band).to_contain_text("RECORDED SIMULATION a test's: event 0 of seed 5, coordinated")
        head = int(await page.locator("body").get_attribute("data-seq") or 0)
        await shows(page, head)
        await expect(page.locator("#candidates")).to_contain_text("cand-1")
        await expect(page.locator("a[href^='/act/']")).to_have_count(0)

        offered = next(s for s in story.journal.stored if s.entry.kind == "pointing_offered").entry.sky_time
        await band.get_by_label("As of").fill(f"{offered:%Y-%m-%d %H:%M:%S}")
        await band.get_by_role("button", name="Show").click()
        await expect(page.locator("#candidates")).to_contain_text("No candidate was weighed yet", timeout=WAIT_MS)
        assert page.url == f"{address}/events/{EVENT}"
        then = int(await page.locator("body").get_attribute("data-seq") or 0)
        assert then < head
        await shows(page, then)
        await expect(page.locator("#pointings tr.chosen, #pointings td.state.offered")).to_have_count(1)
        await expect(sky_clock).to_have_text(f"{offered:%Y-%m-%d %H:%M:%S}")

        await band.get_by_label("and then it").select_option("600")
        await band.get_by_role("button", name="Show").click()
        await expect(page.locator("#candidates")).to_contain_text("cand-1", timeout=WAIT_MS)
        await shows(page, head)

        assert await page.evaluate(ASK) == [
            403,
            "this is a recorded simulation: nothing can be asked of telescopes here",
        ]
    assert [c for c in complaints if "403" not in c] == []
