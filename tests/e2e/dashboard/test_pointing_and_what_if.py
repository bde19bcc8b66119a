"""A pointing by hand and a what-if in Chromium: asked once with a reason, in the journal, and taken back."""

import asyncio
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from builders.acting_story import Office, a_searching_office
from builders.browser import WAIT_MS, enter, opened
from playwright.async_api import Page, expect

SEEN = """() => {
  window.seen = new Promise((done) => {
    document.addEventListener("armillary:news", () => document.addEventListener("armillary:page", done));
  });
}"""
"""Promises a page that was taken after news."""
EVENT = "lvk:G298048"
pytestmark = pytest.mark.e2e


async def searched(telling: ModuleType, folder: Path) -> tuple[Any, Office]:
    """A story whose event is searched, and a scheduler that can plan it."""
    story: Any = telling.Story()
    return story, await a_searching_office(story, folder, EVENT)


async def say(page: Page, button: str, reason: str) -> None:
    """Give the reason, and decide."""
    await page.locator("textarea").fill(reason)
    await page.get_by_role("button", name=button).click()


@pytest.mark.slow
async def test_a_pointing_is_asked_for_and_withdrawn(telling: ModuleType, tmp_path: Path) -> None:
    _, office = await searched(telling, tmp_path)
    complaints: list[str] = []
    async with (
        telling.serving(office.story, desk=office.desk()) as address,
        opened(address + office.link("cora"), complaints) as page,
    ):
        await enter(page)
        await page.goto(f"{address}/telescopes/tca", wait_until="domcontentloaded")
        await page.get_by_role("link", name="ask for a pointing").click()
        await expect(page.locator("h1")).to_have_text("Ask for a pointing: tca", timeout=WAIT_MS)
        for name, value in {"ra_deg": "120", "dec_deg": "30", "exposure_s": "45", "count": "2"}.items():
            await page.locator(f"input[name={name}]").fill(value)
        await page.locator("input[name=start]").fill("2030-01-01T18:00")
        await page.locator("input[name=end]").fill("2030-01-01T23:00")
        await page.locator("select[name=filter]").select_option("clear")
        await say(page, "Ask for a pointing", "a galaxy stands there")
        facts = page.locator("#telescope")
        await expect(facts).to_contain_text("a galaxy stands there (cora)", timeout=WAIT_MS)
        (asked,) = office.scheduler.state.telescope("tca").asked_for
        assert (asked.event, asked.ra_deg, asked.exposure_s, asked.count) == (EVENT, 120.0, 45.0, 2)
        await page.get_by_role("link", name="withdraw a pointing").click()
        await say(page, "Withdraw a pointing", "seen elsewhere")
        await expect(facts).not_to_contain_text("a galaxy stands there", timeout=WAIT_MS)
        assert office.scheduler.state.telescope("tca").asked_for == ()
    assert complaints == []


@pytest.mark.slow
async def test_what_if_is_shown_beside_the_plan_and_put_in_force(telling: ModuleType, tmp_path: Path) -> None:
    story, office = await searched(telling, tmp_path)
    complaints: list[str] = []
    async with (
        telling.serving(story, desk=office.desk()) as address,
        opened(address + office.link("cora"), complaints) as page,
    ):
        await enter(page)
        await page.get_by_role("link", name="plans of G298048").click()
        await page.get_by_label("tch").check()
        await page.locator("input[name=until]").fill("2030-01-01T04:00")
        before = len(story.journal.stored)
        await page.get_by_role("button", name="What if").click()
        await expect(page.locator("#what-if")).to_contain_text("without tch", timeout=WAIT_MS)
        assert len(story.journal.stored) == before
        again: list[str] = []
        page.on("request", lambda r: again.append(r.url) if "/what-if" in r.url else None)
        await page.evaluate(SEEN)
        await story.clouds("tca")
        async with asyncio.timeout(WAIT_MS / 1000):
            await page.evaluate("() => window.seen.then(() => true)")
        assert again == [], "news must not make two plans more"
        await page.locator("#in-force").click()
        await expect(page.locator("input[name=until]")).to_have_value("2030-01-01T04:00", timeout=WAIT_MS)
        await say(page, "Plan with other limits", "its dome is stuck")
        limits = page.locator("#plans")
        await expect(limits).to_contain_text("without tch, until 2030-01-01T04:00Z", timeout=WAIT_MS)
        await page.get_by_role("link", name="lift them").click()
        await say(page, "Lift the limits", "it moves again")
        await expect(limits).to_contain_text("Limits by people: none", timeout=WAIT_MS)
    assert complaints == []
    acts = [s.entry.body["action"] for s in story.journal.stored if s.entry.kind == "operator_acted"]
    assert acts == ["limit_event", "lift_limits"]
