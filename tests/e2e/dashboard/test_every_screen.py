"""Every screen in every theme at a phone's, a laptop's and a large screen's width: for everybody, and asking nobody."""

import os
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from builders.acting_story import an_office
from builders.axe import axe_script, violations
from builders.browser import WAIT_MS, enter, opened
from builders.every_screen import CLOSED, EMPTY, MACHINE, RECORDED, SCREENS, lived_in
from builders.kept_campaigns import finished, half_way
from builders.kept_nights import a_recorded_story
from playwright.async_api import Page, expect

from coordinator.dashboard.themes import COOKIE, THEMES

pytestmark = pytest.mark.e2e
WIDTHS = (390, 1280, 2560)
TOO_WIDE = "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"
DATELESS = r"""[...document.querySelectorAll("[data-panel]")]
  .filter((panel) => !/as of (entry \d+|\d)/.test(panel.textContent.replace(/\s+/g, " "))).map(({ id }) => id)"""
"""Panels that do not say what they are as of."""

DIAGONAL, ALL = tuple(zip(THEMES, WIDTHS, strict=True)), tuple(product(THEMES, WIDTHS))
SOME = pytest.param(DIAGONAL, marks=pytest.mark.long, id="some")
LOOKS = [pytest.param(DIAGONAL, marks=pytest.mark.slow, id="some"), pytest.param(ALL, marks=pytest.mark.long, id="all")]
"""Each screen in one theme and width, the next one in the next, and on a phone; or each screen in all of them."""

Looks = tuple[tuple[str, int], ...]


async def faults_of(page: Page, address: str, screens: dict[str, str], looks: Looks) -> list[str]:
    """Look at every screen in themes and widths; return what is wrong."""
    line, script = await page.context.new_cdp_session(page), axe_script()
    faults: list[str] = []
    for turn, (theme, width) in enumerate(looks):
        await page.context.add_cookies([{"name": COOKIE, "value": theme, "url": address}])
        await page.set_viewport_size({"width": width, "height": 900})
        for number, (name, path) in enumerate(screens.items()):
            its_turn = looks is ALL or number % len(looks) == turn
            if not its_turn and width != min(WIDTHS):
                continue
            await page.goto(address + path, wait_until="domcontentloaded")
            await expect(page.locator("main")).to_be_visible(timeout=WAIT_MS)
            where = f"{name}, {theme}, {width} px"
            if over := await page.evaluate(TOO_WIDE):
                faults.append(f"{where}: {over} px too wide")
            faults += [f"{where}: #{panel} does not say what it is as of" for panel in await page.evaluate(DATELESS)]
            if script is not None and its_turn:
                faults += [f"{where}: {one}" for one in await violations(line, script)]
            if folder := os.environ.get("ARMILLARY_SCREENSHOTS"):
                await page.screenshot(path=Path(folder) / f"{name}-{theme}-{width}.png")
    return faults


@pytest.mark.parametrize("looks", LOOKS)
async def test_nothing_is_too_wide_or_closed_to_anybody_and_nobody_else_is_asked(
    telling: ModuleType, tmp_path: Path, looks: Looks
) -> None:
    story: Any = telling.Story()
    office = await lived_in(story, tmp_path)
    finished(tmp_path / "campaigns" / "done")
    half_way(tmp_path / "campaigns" / "running")
    complaints: list[str] = []
    async with (
        telling.serving(story, desk=office.desk(), campaigns=tmp_path / "campaigns", machine=MACHINE) as address,
        opened(address + office.link("cora"), complaints) as page,
    ):
        closed = await faults_of(page, address, CLOSED, looks)
        await page.goto(address + office.link("cora"))
        await enter(page)
        await page.goto(f"{address}/act/shift/take-over?subject=shift")
        await page.locator("textarea").fill("evening")
        await page.get_by_role("button", name="Take over").click()
        await expect(page.locator("#strip")).to_contain_text("on duty cora", timeout=WAIT_MS)
        faults = closed + await faults_of(page, address, SCREENS, looks)
    assert not faults, "\n".join(faults)
    assert complaints == []


@pytest.mark.parametrize("looks", [SOME, LOOKS[1]])
async def test_an_empty_observatory_is_for_everybody_too(telling: ModuleType, tmp_path: Path, looks: Looks) -> None:
    story: Any = telling.Story(telescopes={})
    office = await an_office(story, tmp_path)
    complaints: list[str] = []
    empty = {name: SCREENS[name] for name in EMPTY}
    async with (
        telling.serving(story, desk=office.desk(), campaigns=tmp_path / "campaigns") as address,
        opened(address + office.link("cora"), complaints) as page,
    ):
        await enter(page)
        faults = await faults_of(page, address, empty, looks)
    assert not faults, "\n".join(faults)
    assert complaints == []


@pytest.mark.parametrize("looks", [SOME, LOOKS[1]])
async def test_a_recorded_night_is_for_everybody_too(telling: ModuleType, tmp_path: Path, looks: Looks) -> None:
    complaints: list[str] = []
    async with a_recorded_story(telling.Story(), tmp_path) as address, opened(address, complaints) as page:
        faults = await faults_of(page, address, RECORDED, looks)
    assert not faults, "\n".join(faults)
    assert complaints == []


@pytest.mark.slow
def test_axe_is_installed() -> None:
    """Without it the tests above would look at widths alone."""
    assert axe_script() is not None, "pip install -c deploy/constraints.txt axe-playwright-python"
