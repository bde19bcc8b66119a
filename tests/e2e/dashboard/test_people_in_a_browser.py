"""A person at the page in Chromium: in by a link, a veto by keyboard alone, and two who decide at once."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from builders.acting_story import an_office
from builders.browser import WAIT_MS, opened
from playwright.async_api import Page, expect

pytestmark = pytest.mark.e2e


async def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(200):
        if await page.locator(f"{selector}:focus").count():
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not come to {selector}")


async def enter(page: Page) -> None:
    """Spend the link that the page shows."""
    await expect(page.get_by_role("button", name="Sign in")).to_be_focused(timeout=WAIT_MS)
    await page.keyboard.press("Enter")
    await expect(page.locator("#person")).to_be_visible(timeout=WAIT_MS)


async def test_a_veto_by_keyboard_alone(telling: ModuleType, tmp_path: Path) -> None:
    story: Any = telling.Story()
    await story.whole()
    office = await an_office(story, tmp_path)
    complaints: list[str] = []
    async with (
        telling.serving(story, desk=office.desk()) as address,
        opened(address + office.link("cora"), complaints) as page,
    ):
        await enter(page)
        await expect(page.locator("#person")).to_contain_text("cora, coordinator")
        await tab_to(page, "a[href^='/act/pointing/revoke?subject=pointing-002']")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Veto: pointing-002", timeout=WAIT_MS)
        await page.keyboard.type("somebody opens the dome")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        row = page.locator("#pointings tr[data-key='pointing-002']")
        await expect(row).to_contain_text("asked back", timeout=WAIT_MS)
    assert complaints == []
    (act,) = [s.entry for s in story.journal.stored if s.entry.kind == "operator_acted"]
    assert (act.subject, act.body["operator"], act.body["reason"]) == (
        "pointing-002", "cora", "somebody opens the dome",
    )  # fmt: skip
    assert office.scheduler.state.pointings.assignments["pointing-002"].revocation is not None


@pytest.mark.slow
async def test_the_second_of_two_is_shown_what_changed_and_keeps_what_they_wrote(
    telling: ModuleType, tmp_path: Path
) -> None:
    story: Any = telling.Story()
    await story.whole()
    office = await an_office(story, tmp_path)
    complaints: list[str] = []
    async with telling.serving(story, desk=office.desk()) as address:
        asks = f"{address}/act/telescope/pause?subject=tca"
        async with (
            opened(address + office.link("cora"), complaints) as first,
            opened(address + office.link("ada"), complaints) as second,
        ):
            for page, why in ((first, "clouds come up"), (second, "the dome is stuck")):
                await enter(page)
                await page.goto(asks, wait_until="domcontentloaded")
                await page.locator("textarea").fill(why)
            await first.get_by_role("button", name="Pause").click()
            await expect(first.locator("#telescopes tr[data-key='tca']")).to_contain_text("paused", timeout=WAIT_MS)
            complaints.clear()  # what follows answers 409 on purpose, and Chromium says so
            await second.get_by_role("button", name="Pause").click()
            await expect(second.get_by_role("alert")).to_contain_text("clouds come up (cora)", timeout=WAIT_MS)
            await expect(second.locator("textarea")).to_have_value("the dome is stuck")
    assert [one for one in complaints if "409" not in one] == []
    assert len([s for s in story.journal.stored if s.entry.kind == "operator_acted"]) == 1


@pytest.mark.slow
async def test_news_leaves_the_keyboard_where_it_is_and_the_end_of_a_session_is_said(
    telling: ModuleType, tmp_path: Path
) -> None:
    story: Any = telling.Story()
    await story.whole()
    office = await an_office(story, tmp_path)
    complaints: list[str] = []
    async with (
        telling.serving(story, desk=office.desk()) as address,
        opened(address + office.link("cora"), complaints) as page,
    ):
        await enter(page)
        veto = page.locator("a[href^='/act/pointing/revoke?subject=pointing-002']")
        await veto.focus()
        await page.locator("#pointings").evaluate("(table) => table.setAttribute('data-old', '')")
        await story.offer("tch", dec_deg=-12.0)
        await expect(page.locator("#pointings[data-old]")).to_have_count(0, timeout=WAIT_MS)
        await expect(veto).to_be_focused(timeout=WAIT_MS)
        assert complaints == []
        office.people.end("cora", "session", story.now, "a test")
        await story.clouds("tca", 50.0)
        await expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=WAIT_MS)
        assert "/sign-in?back=" in page.url


@pytest.mark.slow
async def test_who_wants_to_be_called_is_and_the_call_ends_with_the_waiting(
    telling: ModuleType, tmp_path: Path
) -> None:
    story: Any = telling.Story()
    await story.event()
    office = await an_office(story, tmp_path)
    complaints: list[str] = []
    async with (
        telling.serving(story, desk=office.desk(open_reading=True)) as address,
        opened(f"{address}/log", complaints) as page,
    ):
        calls = page.locator("#calls")
        await expect(calls).to_have_attribute("aria-live", "polite")
        await story.candidates("cand-0")
        await expect(page.locator("#strip .waits b")).to_have_text("1", timeout=WAIT_MS)
        assert await calls.locator("p").count() == 0, "nobody is called who does not want it"
        notes, sound = (page.get_by_role("button", name=name) for name in ("shows a note", "makes a sound"))
        async with page.expect_response("**/api/v1/inbox") as known:
            await notes.click()
        await (await known.value).finished()  # what is in the first answer is known, and nobody is called for it
        await sound.click()
        await expect(notes).to_have_attribute("aria-pressed", "true")
        await expect(calls).to_have_attribute("data-sounded", "1")
        await story.candidates("<b>cand-9</b>")
        await expect(calls.locator("p")).to_contain_text("<b>cand-9</b> of G298048 may be", timeout=WAIT_MS)
        await expect(calls).to_have_attribute("data-sounded", "2")
        await page.goto(f"{address}/system", wait_until="domcontentloaded")
        await expect(page.get_by_role("button", name="shows a note")).to_have_attribute("aria-pressed", "true")
        await story.candidates("cand-7")
        await expect(calls.locator("p")).to_have_count(1, timeout=WAIT_MS)
        await story.event(retracted=True)
        await expect(calls.locator("p")).to_have_count(0, timeout=WAIT_MS)
    assert complaints == []
