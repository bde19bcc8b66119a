"""Every screen in every theme at a phone's, a laptop's and a large screen's width: for everybody, and asking nobody."""

import io
import os
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from builders.acting_story import Office, a_searching_office, an_office
from builders.axe import axe_script, violations
from builders.browser import WAIT_MS, enter, opened
from builders.kept_campaigns import finished, half_way
from builders.kept_nights import a_recorded_story
from PIL import Image
from playwright.async_api import Page, expect

from coordinator.dashboard.machine.known import Machine
from coordinator.dashboard.themes import COOKIE, THEMES
from coordinator.events.coincidence_facts import CoincidenceFound, Tie
from coordinator.store.state_files import StateFiles
from coordinator.vetting.facts import DetectionsStored, NeighboursFound, StoredDetection
from coordinator.vetting.neighbours import Answer, Galaxy, Neighbours
from telescopes.description.messages import Detection

pytestmark = pytest.mark.e2e
WIDTHS = (390, 1280, 2560)
TOO_WIDE = "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"
EVENT = "lvk:G298048"
SCREENS = {
    "now": "/",
    "event": f"/events/{EVENT}",
    "plans": f"/events/{EVENT}/plans",
    "what-if": f"/events/{EVENT}/what-if?without=tca",
    "pointing": "/act/telescope/ask-pointing?subject=tca",
    "replan": f"/act/event/replan?subject={EVENT}",
    "telescope": "/telescopes/tca",
    "candidate": f"/events/{EVENT}/candidates/cand-1",
    "shift": "/shift",
    "log": "/log",
    "quarantine": "/quarantine",
    "system": "/system",
    "simulations": "/simulations",
    "simulation": "/simulations/done",
    "simulation-unfinished": "/simulations/running",
    "act": "/act/telescope/maintenance?subject=tca",
    "hand-over": "/act/shift/hand-over?subject=shift",
}
DIAGONAL, ALL = tuple(zip(THEMES, WIDTHS, strict=True)), tuple(product(THEMES, WIDTHS))
LOOKS = [pytest.param(DIAGONAL, marks=pytest.mark.slow, id="some"), pytest.param(ALL, marks=pytest.mark.long, id="all")]
"""Each theme and each width once, or each theme in each width."""

Looks = tuple[tuple[str, int], ...]
EMPTY = ("now", "shift", "log", "quarantine", "system", "simulations")
RECORDED = {f"recorded-{name}": SCREENS[name] for name in ("now", "event", "telescope", "candidate", "plans", "log")}
CLOSED = {"sign-in": "/sign-in", "invitation": "/invitation/x", "link": "/enter/x"}


PLACE = (197.4, -23.4)


async def lived_in(telling: ModuleType, folder: Path) -> tuple[Any, Office]:
    """A story with something on every screen."""
    story: Any = telling.Story()
    office = await a_searching_office(story, folder, EVENT)
    await all_told(story)
    return story, office


async def all_told(story: Any) -> None:
    """Notices, a coincidence that wants a look, a cutout, and what lies around the candidate."""
    await story.alert(1, b"a notice of one line " * 300)
    await story.alert(2, b"\x00\x01")
    tie = Tie("fermi:1", "GRB 170817A", "CBC x GRB", 1.74, (-1.0, 5.0), 0.001, 2.1e-14, None)
    fact = CoincidenceFound(
        EVENT, "G298048", (), (tie,), None, {EVENT: None}, None, "Their maps exclude each other.", True
    )
    await story.tell("coincidence_found", fact, event=EVENT, subject=EVENT)
    near = Neighbours(galaxies=(Answer("a catalogue", (Galaxy("NGC 4993", 10.6),)),))
    found = NeighboursFound(EVENT, "cand-1", "remote", *PLACE, near)
    await story.tell("neighbours_found", found, "vetter", event=EVENT, subject="cand-1")
    sent = io.BytesIO()
    Image.new("L", (32, 32), 128).save(sent, "PNG")
    seen = [
        StoredDetection(
            Detection(f"d{n}", "pointing-001", *PLACE, story.now, "r", 18.0, pos_err_arcsec=1.0), "tca", EVENT,
            await story.blobs.put(data),
        )
        for n, data in enumerate((sent.getvalue(), b"no image"))
    ]  # fmt: skip
    await story.tell("detections_stored", DetectionsStored(tuple(seen)), "vetter", event=EVENT)


async def supervised() -> list[dict[str, Any]]:
    """Two actors, one of which failed."""
    alive = {"name": "source/gcn", "state": "alive", "pid": 11, "answered_ago_s": 0.4, "because": None}
    failed = {"name": "vetter", "state": "failed", "pid": None, "answered_ago_s": None, "because": "no catalogue"}
    says = {"id": "gcn", "state": "silent", "because": "no sign of life for 61 s", "last_message_age_s": 61.0}
    return [alive | {"says": says}, failed | {"says": {}}]


MACHINE = Machine((("gcn", "kafka"),), supervised, lambda: StateFiles("SQLite file", 2**20, 7))


async def faults_of(page: Page, address: str, screens: dict[str, str], looks: Looks) -> list[str]:
    """Look at every screen in themes and widths; return what is wrong."""
    line, script = await page.context.new_cdp_session(page), axe_script()
    faults: list[str] = []
    for theme, width in looks:
        await page.context.add_cookies([{"name": COOKIE, "value": theme, "url": address}])
        await page.set_viewport_size({"width": width, "height": 900})
        for name, path in screens.items():
            await page.goto(address + path, wait_until="domcontentloaded")
            await expect(page.locator("main")).to_be_visible(timeout=WAIT_MS)
            where = f"{name}, {theme}, {width} px"
            if over := await page.evaluate(TOO_WIDE):
                faults.append(f"{where}: {over} px too wide")
            if script is not None:
                faults += [f"{where}: {one}" for one in await violations(line, script)]
            if folder := os.environ.get("ARMILLARY_SCREENSHOTS"):
                await page.screenshot(path=Path(folder) / f"{name}-{theme}-{width}.png")
    return faults


@pytest.mark.parametrize("looks", LOOKS)
async def test_nothing_is_too_wide_or_closed_to_anybody_and_nobody_else_is_asked(
    telling: ModuleType, tmp_path: Path, looks: Looks
) -> None:
    story, office = await lived_in(telling, tmp_path)
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


@pytest.mark.parametrize("looks", LOOKS)
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


@pytest.mark.parametrize("looks", LOOKS)
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
