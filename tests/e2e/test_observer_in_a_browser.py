"""An observer with a real browser and no scripts: looks, says yes, and reports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from builders.browser import CHROMIUM, FLAGS, WAIT_MS
from builders.whole_pointings import ManualSite, Observatory, a_request, now
from playwright.async_api import Page, async_playwright, expect

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}")]


@asynccontextmanager
async def a_page() -> AsyncIterator[Page]:
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            context = await browser.new_context(java_script_enabled=False)
            page = await context.new_page()
            page.set_default_timeout(WAIT_MS)
            yield page
        finally:
            await browser.close()


async def test_an_observer_says_yes_and_reports(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    site = ManualSite(folder)
    observatory = Observatory(site.telescope, site.make, tmp_path / "state")
    async with observatory.running():
        observatory.coordinator.offer(a_request(for_s=300.0))
        await site.asked(observatory.driver)
        async with a_page() as page:
            await page.goto(observatory.driver.url)
            await expect(page.get_by_text("please observe")).to_be_visible()
            await page.get_by_role("button", name="I observe it").click()
            await expect(page.get_by_role("status")).to_contain_text("Report here when it is done")
            await observatory.reached("exposing")
            end = now()
            await page.locator("[name=start0]").fill(f"{end - timedelta(seconds=3):%H:%M:%S}")
            await page.locator("[name=end0]").fill("noon")
            await page.get_by_role("button", name="It is done: report").click()
            await expect(page.get_by_role("alert")).to_contain_text("'noon' is no time")
            await page.locator("[name=end0]").fill(f"{end:%H:%M:%S}")
            await page.get_by_role("button", name="It is done: report").click()
            await expect(page.get_by_role("status")).to_contain_text("2 exposures are reported")
            await page.reload()
            await expect(page.get_by_role("status")).to_have_count(0)
        await observatory.reached("completed")
    assert observatory.last().fraction_done == pytest.approx(1.0)
