"""The keyboard on every page: `?` says what it does and gives the place back; no key of one letter is in the way."""

import re
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import pytest
from builders.acting_story import an_office
from builders.axe import axe_script, violations
from builders.browser import enter, opened
from playwright.async_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
EVENT = "lvk:G298048"
WITH_SKY = ("/", f"/events/{EVENT}")
PATHS = (
    *WITH_SKY, f"/events/{EVENT}/plans", f"/events/{EVENT}/candidates/cand-1", "/telescopes/tca", "/shift", "/log",
    "/quarantine", "/system", "/act/telescope/maintenance?subject=tca", "/sign-in",
)  # fmt: skip
NAME_OF_FOCUS = "() => document.activeElement.getAttribute('href') ?? document.activeElement.tagName"


async def test_a_question_mark_tells_the_keys_of_every_page_and_gives_the_place_back(
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
        line, script = await page.context.new_cdp_session(page), axe_script()
        assert script is not None
        for path in PATHS:
            await page.goto(address + path, wait_until="load")
            here = page.locator("main a, main button, nav a").first
            await here.focus()
            before = await page.evaluate(NAME_OF_FOCUS)
            await page.keyboard.press("?")
            dialog = page.get_by_role("dialog", name="Keys")
            await expect(dialog).to_be_visible()
            assert await page.evaluate("document.activeElement.closest('dialog') !== null"), path
            await expect(dialog.get_by_role("heading", name="With the sky in focus")).to_have_count(
                int(path in WITH_SKY)
            )
            filters = dialog.get_by_text("to the field that filters")
            await expect(filters).to_have_count(int(path == "/log"))
            assert await violations(line, script) == [], path
            await page.keyboard.press("Escape")
            await expect(dialog).to_have_count(0)
            assert await page.evaluate(NAME_OF_FOCUS) == before, path
    assert complaints == []


async def test_the_place_is_given_back_in_a_panel_that_was_written_anew(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    async with telling.serving(story) as address, opened(f"{address}/", []) as page:
        await expect(page.locator("sky-view")).to_have_attribute("data-ready", str(len(story.journal.stored)))
        row = page.locator("#pointings tr[data-key='pointing-002']")
        await row.focus()
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_be_visible()
        new = await story.offer("tca", ra_deg=190.0)
        await expect(page.locator(f"#pointings tr[data-key='{new}']")).to_be_attached()
        await page.keyboard.press("Escape")
        await expect(row).to_be_focused()


async def test_g_and_a_letter_lead_on_and_whoever_dictates_turns_letters_off(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    async with telling.serving(story) as address, opened(f"{address}/", []) as page:
        await page.locator("sky-view[data-ready]").wait_for()
        ways = {"gl": "/log", "gs": "/shift", "gy": "/system", "go": "/", "ge": f"/events/{quote(EVENT, safe='')}"}
        for keys, path in ways.items():
            await page.keyboard.type(keys)
            await page.wait_for_url(re.compile(re.escape(address + path) + "(#.*)?$"))
            await page.wait_for_load_state("load")
        await page.locator("sky-view[data-ready]").wait_for()
        await page.locator(".sky-stage").focus()
        await page.keyboard.type("gp")
        assert await page.evaluate("document.activeElement.closest('#pointings') !== null")
        await expect(page.locator(".sky-chosen")).to_be_empty()

        await page.keyboard.type("gl")
        await page.wait_for_url(f"{address}/log")
        await page.wait_for_load_state("load")
        await page.keyboard.press("/")
        await page.keyboard.type("g?l")
        await expect(page.locator("input[name='event']")).to_have_value("g?l")

        await page.get_by_role("button", name="keys").click()
        await page.get_by_role("button", name="Keys of one letter").click()
        await page.get_by_role("button", name="Close").click()
        await page.locator("nav a").first.focus()
        await page.keyboard.type("?gs")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        assert page.url == f"{address}/log"
        await page.get_by_role("button", name="keys").click()
        await expect(page.get_by_role("button", name="Keys of one letter")).to_have_attribute("aria-pressed", "false")
