"""`<sky-view>` in Chromium: its geometry, moving about, choosing, the time bar, and the table that says the same."""

import asyncio
import re
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any
from urllib.parse import quote

import healpy
import httpx
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS
from builders.big_sky import tell_big_sky
from builders.browser import WAIT_MS, opened
from playwright.async_api import Locator, Page, Route, expect

from telescopes.description.footprint import Circle, Polygons, Rectangle
from telescopes.description.geometry import outline
from telescopes.description.states import PointingState

EVENT = "lvk:G298048"
pytestmark = pytest.mark.e2e
CAMERA = "() => { const { ra, dec, field } = document.querySelector('sky-view').camera; return [ra, dec, field]; }"
NO_NEWS = """for (const name of ["armillary:news", "armillary:page"]) {
  document.addEventListener(name, (event) => event.stopImmediatePropagation());
}"""
WHERE = """([kind, id]) => {
  const { camera, scene } = document.querySelector("sky-view");
  const it = kind === "field" ? scene.fields[scene.number.get(id)] : scene.candidates.find((c) => c.id === id);
  return camera.projection.point(it.ra_deg, it.dec_deg);
}"""


async def drawn(page: Page, story: Any) -> Locator:
    """Wait until the sky is as of the newest entry."""
    view = page.locator("sky-view")
    await expect(view).to_have_attribute("data-ready", str(len(story.journal.stored)), timeout=WAIT_MS)
    return view


async def twin(page: Page) -> dict[str, list[str]]:
    """Return the rows of fields and candidates of the sky's own table, by id."""
    rows = await page.locator(".sky-twin tbody tr").evaluate_all(
        "rows => rows.map(r => [r.dataset.kind, r.dataset.key, ...[...r.cells].map(c => c.textContent)])"
    )
    return {row[1]: row[2:] for row in rows if row[0] in ("field", "candidate")}


async def test_a_walk_by_keyboard_and_pointer_keeps_sky_and_tables_in_step(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/events/{EVENT}", complaints) as page:
        await drawn(page, story)
        stage = page.locator(".sky-stage")
        ra, dec, field = await page.evaluate(CAMERA)
        assert abs(ra - 197.4) < 1
        assert abs(dec + 23.4) < 1

        await stage.focus()
        await page.keyboard.press("+")
        await page.keyboard.press("ArrowLeft")
        near = await page.evaluate(CAMERA)
        assert near[2] == pytest.approx(field / 1.5)
        assert near[0] > ra, "the sky goes to the right, so the middle is farther east"
        await page.keyboard.press("9")
        await expect(stage).to_have_attribute("data-whole", "true")
        await page.keyboard.press("0")
        await expect(stage).to_have_attribute("data-whole", "false")

        await page.locator("#pointings tr[data-key='pointing-002'] td").nth(2).click()
        await expect(page.locator(".sky-chosen")).to_contain_text("tca, exposing")
        await stage.evaluate("stage => stage.scrollIntoView({ block: 'center' })")
        box = await stage.bounding_box()
        assert box is not None
        async with asyncio.timeout(WAIT_MS / 1000.0):
            while await page.evaluate("document.querySelector('sky-view').painter.moving"):
                await asyncio.sleep(0.05)
        x, y = await page.evaluate(WHERE, ["field", "pointing-004"])
        await page.mouse.move(box["x"] + x, box["y"] + y)
        await expect(page.locator(".sky-readout")).to_contain_text("credible level")
        await page.mouse.click(box["x"] + x, box["y"] + y)
        row = page.locator("#pointings tr[data-key='pointing-004']")
        await expect(row).to_have_attribute("aria-current", "true")
        await expect(page.locator(".sky-chosen")).to_contain_text("tch, offered")
        await stage.focus()
        await page.keyboard.press("Enter")
        await expect(row).to_be_focused()
        await page.keyboard.press("k")
        await page.keyboard.press("Enter")
        await expect(page.locator(".sky-chosen")).not_to_contain_text("tch, offered")
        await page.locator("#candidates tr[data-key='cand-1'] td").nth(3).click()
        await expect(page.locator(".sky-chosen")).to_contain_text("Candidate cand-1, rank 1: promising")
    assert complaints == []


@pytest.mark.slow
async def test_the_table_twin_says_what_the_server_says_now_and_at_any_time(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    complaints: list[str] = []
    async with (
        telling.serving(story) as address,
        opened(f"{address}/events/{EVENT}", complaints) as page,
        httpx.AsyncClient(base_url=address) as site,
    ):
        await drawn(page, story)
        await page.locator(".sky-stage").focus()
        await page.keyboard.press("v")
        await page.locator(".sky-twin tr[data-key='pointing-001']").wait_for()
        shown = await twin(page)
        listed = {p["id"]: p for p in (await site.get(f"/api/v1/pointings?event={EVENT}")).json()["items"]}
        assert {id: row[2] for id, row in shown.items() if id in listed} == {i: p["state"] for i, p in listed.items()}
        for id, pointing in listed.items():
            assert float(shown[id][3]) == pytest.approx(pointing["ra_deg"], abs=1e-4)
            assert float(shown[id][4].replace("\N{MINUS SIGN}", "-")) == pytest.approx(pointing["dec_deg"], abs=1e-4)
        assert shown["cand-1"][1] == "promising"
        contours = (await site.get(f"/api/v1/events/{EVENT}/sky")).json()["contours"]
        table = page.locator(".sky-twin")
        for contour in contours:
            await expect(table).to_contain_text(f"{contour['area_deg2']:.1f} deg²")

        history = (await site.get(f"/api/v1/events/{EVENT}/history")).json()
        for at_s in (60.0 * 6 + 30, 60.0 * 9 + 30, 60.0 * 14 + 30):
            await page.evaluate("(at) => document.querySelector('sky-view').clock.set(at)", at_s)
            when = datetime.fromisoformat(history["epoch"]) + timedelta(seconds=at_s)
            await expect(page.locator(".sky-when")).to_contain_text(f"{when:%Y-%m-%d %H:%M:%S} UTC")
            states = {"plan-0": "planned", "plan-1": "planned"}
            moves = history["moves"]
            for number, moved_s, state in zip(moves["pointing"], moves["at_s"], moves["state"], strict=True):
                if moved_s <= at_s:
                    states[history["pointings"][number]] = history["states"][state]
            await expect(table.locator("tr[data-kind='field']")).to_have_count(len(states))
            assert {id: row[2] for id, row in (await twin(page)).items() if id in states} == states
        await page.get_by_role("button", name="now", exact=True).click()
        await expect(table.locator("tr[data-kind='field']")).to_have_count(len(listed))
    assert complaints == []


@pytest.mark.slow
async def test_names_are_asked_for_when_somebody_needs_them_and_once(telling: ModuleType) -> None:
    """They are hashes, which weigh as much as the rest of the sky."""
    story: Any = telling.Story()
    await story.whole()
    asked: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/static/icon.svg", []) as page:
        page.on("request", lambda request: asked.append(request.url) if "/names" in request.url else None)
        await page.goto(f"{address}/events/{EVENT}", wait_until="domcontentloaded")
        await drawn(page, story)
        await story.offer("tch", id="plan-1", ra_deg=199.0, dec_deg=-25.0)
        await drawn(page, story)
        await expect(page.locator("#sky-note")).to_contain_text("6 fields")  # the planned one is now offered
        assert asked == []
        await page.locator("#pointings tr[data-key='plan-0'] td").nth(2).click()
        await expect(page.locator(".sky-chosen")).to_contain_text("tca, planned")
        await page.locator(".sky-stage").focus()
        await page.keyboard.press("n")
        await expect(page.locator(".sky-chosen")).not_to_contain_text("planned")
        await page.keyboard.press("v")
        for id in ("plan-0", "plan-1", "pointing-003"):
            await expect(page.locator(f".sky-twin tr[data-key='{id}']")).to_be_attached()
        assert len(asked) == 1


AT = "(at) => document.querySelector('sky-view').clock.set(at)"


@pytest.mark.slow
async def test_names_that_cannot_be_had_at_once_are_asked_for_again(telling: ModuleType) -> None:
    """Until then no row is marked, and no past is drawn in which nothing happened."""
    story: Any = telling.Story()
    await story.whole()
    away = True

    async def names(route: Route) -> None:
        await (route.abort() if away else route.continue_())

    async with telling.serving(story) as address, opened(f"{address}/static/icon.svg", []) as page:
        await page.route("**/names", names)
        await page.goto(f"{address}/events/{EVENT}", wait_until="domcontentloaded")
        await drawn(page, story)
        await page.locator(".sky-stage").focus()
        await page.keyboard.press("v")
        rows = page.locator(".sky-twin tbody tr")
        await expect(rows.filter(has_text="field …")).to_have_count(6)
        await expect(page.locator(".sky-twin tr[aria-current]")).to_have_count(0)
        async with page.expect_response("**/history"):
            await page.evaluate(AT, 60.0 * 14 + 30)
        await expect(rows.filter(has_text="field")).to_have_count(6)
        away = False
        await expect(page.locator(".sky-twin tr[data-key='pointing-001']")).to_contain_text(
            "completed", timeout=WAIT_MS
        )
        await expect(rows.filter(has_text="field …")).to_have_count(0)


@pytest.mark.slow
async def test_the_past_knows_what_happened_since_somebody_first_looked_back(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    story.now = telling.T0 + timedelta(minutes=len(story.journal.stored))
    async with telling.serving(story) as address, opened(f"{address}/events/{EVENT}", []) as page:
        await drawn(page, story)
        await page.locator(".sky-stage").focus()
        await page.keyboard.press("v")
        row = page.locator(".sky-twin tr[data-key='pointing-002']")
        await page.evaluate(AT, 60.0 * 14 + 30)
        await expect(row).to_contain_text("accepted")
        await page.get_by_role("button", name="now", exact=True).click()
        story.now += timedelta(minutes=10)
        seq = await story.move("pointing-002", PointingState.COMPLETED)
        await drawn(page, story)
        await expect(row).to_contain_text("completed")
        await page.evaluate(AT, 60.0 * (seq - 1) + 30)
        await expect(page.locator(".sky-when")).to_contain_text("as it was")
        await expect(row).to_contain_text("completed")


@pytest.mark.slow
async def test_a_revision_brings_its_own_map_back(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.event(sky=telling.a_map())
    await story.event(revision=2, sky=telling.a_map(width_deg=6.0))
    async with telling.serving(story) as address, opened(f"{address}/events/{EVENT}", []) as page:
        await drawn(page, story)
        note = page.locator("#sky-note")
        newest = await note.text_content()
        await page.locator(".sky-stage").focus()
        await page.keyboard.press("[")
        await expect(note).not_to_have_text(newest or "", timeout=WAIT_MS)
        await expect(page.locator(".sky-when")).to_contain_text("as it was")
        await expect(page.locator(".sky-revisions button")).to_have_count(2)
        old = story.skies[EVENT]
        await expect(note).not_to_contain_text(f"map {old[:8]}", timeout=WAIT_MS)
        await page.keyboard.press("]")
        await expect(note).to_contain_text(f"map {old[:8]}", timeout=WAIT_MS)


@pytest.mark.slow
async def test_without_an_event_the_sky_says_so_until_one_comes(telling: ModuleType) -> None:
    story: Any = telling.Story()
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/", complaints) as page:
        await expect(page.locator("#sky-note")).to_contain_text("No event", timeout=WAIT_MS)
        for name in ("all sky", "region", "play", "now", "table"):
            await page.get_by_role("button", name=name, exact=True).click()
        await page.locator(".sky-stage").focus()
        for key in ("n", "[", "]", "0", "Enter", "ArrowUp", "v", "Escape"):
            await page.keyboard.press(key)
        await page.mouse.move(400, 400)
        await story.whole()
        await drawn(page, story)
        await expect(page.locator("#sky-note")).to_contain_text("6 fields and 2 candidates")
    assert complaints == []


@pytest.mark.slow
async def test_a_new_event_takes_the_sky_over_and_what_is_told_meanwhile_is_followed(telling: ModuleType) -> None:
    """Its scene is held back while the journal goes on, and so is the last question about the event before."""
    story: Any = telling.Story()
    await story.whole()
    complaints: list[str] = []
    new, go_on, old_told, told = "lvk:S190425z", asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def last_question(route: Route) -> None:
        await old_told.wait()
        await route.continue_()

    async def first_scene(route: Route) -> None:
        answer = await route.fetch()
        go_on.set()
        await told.wait()
        await route.fulfill(response=answer)

    def scene_of(key: str) -> re.Pattern[str]:
        return re.compile(rf"/events/{quote(key, safe='')}/scene")

    async with telling.serving(story) as address, opened(f"{address}/#sky=10,20,30&at=390", complaints) as page:
        await drawn(page, story)
        await expect(page.locator(".sky-when")).to_contain_text("as it was")
        await expect(page.locator(".sky-revisions button")).to_have_count(1, timeout=WAIT_MS)
        await page.route(scene_of(EVENT), last_question)
        await page.route(scene_of(new), first_scene, times=1)
        await story.event("S190425z", sky=telling.a_map(120.0, 10.0))
        async with asyncio.timeout(90.0):
            await go_on.wait()
        await story.candidates("cand-7", event=new)
        newest = str(len(story.journal.stored))
        await expect(page.locator("body")).to_have_attribute("data-seq", newest, timeout=WAIT_MS)
        await expect(page.locator(".sky-revisions button")).to_have_count(0)
        old_told.set()
        await page.wait_for_function("() => !document.querySelector('sky-view').fetching", timeout=WAIT_MS)
        told.set()
        await drawn(page, story)
        await expect(page.locator("#sky-note")).to_contain_text("0 fields and 1 candidates")
        await expect(page.locator(".sky-when")).to_contain_text(", now")
        assert "at=" not in page.url
        ra, dec, _ = await page.evaluate(CAMERA)
        assert (ra, dec) == (pytest.approx(120.0, abs=1), pytest.approx(10.0, abs=1))
        await story.candidates("cand-7", "cand-8", event=new)
        await drawn(page, story)
        await expect(page.locator("#sky-note")).to_contain_text("0 fields and 2 candidates")
    assert complaints == []


@pytest.mark.slow
async def test_a_reload_in_a_quiet_night_shows_the_time_it_is(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    async with telling.serving(story) as address, opened(f"{address}/events/{EVENT}", []) as page:
        await drawn(page, story)
        await expect(page.locator(".sky-when")).to_contain_text(f"{story.now:%Y-%m-%d %H:%M}:")
        story.now += timedelta(minutes=10)
        await page.add_init_script(NO_NEWS)
        await page.reload(wait_until="domcontentloaded")
        await drawn(page, story)
        await expect(page.locator(".sky-when")).to_contain_text(f"{story.now:%Y-%m-%d %H:%M}:")


@pytest.mark.long
async def test_ten_thousand_fields_are_all_drawn_and_follow_the_journal(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await tell_big_sky(story, telling.a_map(width_deg=12.0), telling.T0, pointings=10_000, candidates=300)
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/events/{EVENT}", complaints) as page:
        await drawn(page, story)
        await expect(page.locator("#sky-note")).to_contain_text("10000 fields and 300 candidates")
        live = next(a for a in (s.entry for s in reversed(story.journal.stored)) if a.kind == "pointing_offered")
        assert live.subject is not None
        await story.move(live.subject, PointingState.FAILED)
        state = """(id) => {
          const { scene } = document.querySelector("sky-view");
          return scene.state(scene.fields[scene.number.get(id)]);
        }"""
        await drawn(page, story)
        assert await page.evaluate(state, live.subject) == "failed"
    assert complaints == []


@pytest.mark.slow
async def test_both_projections_are_those_of_the_atlas_and_go_there_and_back(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.event()
    rng = np.random.default_rng(3)
    ra, dec = rng.uniform(0, 360, 400), np.degrees(np.arcsin(rng.uniform(-1, 1, 400)))
    ra[:3], dec[:3] = (0.0, 359.999, 180.0), (89.99, -89.99, 0.0)
    near_ra, near_dec = 200.0 + rng.uniform(-20, 20, 200), -35.0 + rng.uniform(-20, 20, 200)
    script = """async ([sky, near]) => {
      const { Gnomonic, Mollweide } = await import("/static/sky/projections.js");
      const { pixel, place, RAD } = await import("/static/sky/sphere.js");
      const all = new Mollweide(1000, 600, 197.4, 0, 150), plane = new Gnomonic(800, 600, 200, -35, 900);
      const there = (p, some) => some.map(([ra, dec]) => p.point(ra, dec));
      const back = (p, some) => there(p, some).map(([x, y]) => { const d = p.inverse(x, y); return d && place(d); });
      const pixels = [3, 9, 12].map((order) => sky.map(([ra, dec]) => pixel(order, Math.sin(dec * RAD), ra * RAD)));
      const [allBack, planeBack] = [back(all, sky), back(plane, near)];
      return { all: there(all, sky), allBack, plane: there(plane, near), planeBack, pixels };
    }"""
    async with telling.serving(story) as address, opened(f"{address}/", []) as page:
        sky = [np.column_stack([ra, dec]).tolist(), np.column_stack([near_ra, near_dec]).tolist()]
        found = await page.evaluate(script, sky)
    for code, centre, scale, size, (lon, lat), ours in (
        ("MOL", (197.4, 0.0), 150.0, (1000, 600), (ra, dec), found["all"]),
        ("TAN", (200.0, -35.0), 900.0, (800, 600), (near_ra, near_dec), found["plane"]),
    ):
        wcs = WCS(naxis=2)
        wcs.wcs.ctype = [f"RA---{code}", f"DEC--{code}"]
        wcs.wcs.crval, wcs.wcs.crpix = centre, (0.0, 0.0)
        wcs.wcs.cdelt = (-np.degrees(1 / scale), np.degrees(1 / scale))
        x, y = wcs.wcs_world2pix(lon, lat, 0)
        theirs = np.column_stack([size[0] / 2 + x + 1, size[1] / 2 - y - 1])
        assert np.abs(np.array(ours) - theirs).max() < 0.01, code
    for (lon, lat), back in (((ra, dec), found["allBack"]), ((near_ra, near_dec), found["planeBack"])):
        apart = SkyCoord(lon, lat, unit="deg").separation(SkyCoord(*np.array(back).T, unit="deg"))
        assert apart.arcsec.max() < 0.1
    for order, ours in zip((3, 9, 12), found["pixels"], strict=True):
        assert ours == healpy.ang2pix(1 << order, ra, dec, nest=True, lonlat=True).tolist()


@pytest.mark.slow
async def test_footprints_are_drawn_as_the_telescopes_have_them(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.event()
    ccds = Polygons(
        (((-1, -0.5), (-0.1, -0.5), (-0.1, 0.5), (-1, 0.5)), ((0.1, -0.5), (1, -0.4), (1, 0.5), (0.1, 0.5)))
    )
    fields = [(10.0, 88.5, 33.0), (359.9, -20.0, 0.0), (120.0, -89.9, 200.0), (197.4, 45.0, -71.0)]
    script = """async (some) => {
      const { axes, onSky } = await import("/static/sky/cameras.js");
      return some.map(([corners, ra, dec, angle]) => onSky(corners, axes(ra, dec, angle)));
    }"""
    asked, wanted = [], []
    for footprint in (ccds, Rectangle(1.9, 1.2), Circle(0.7)):
        flat = outline(footprint, 0.0, 0.0, 0.0)
        plane = [[[np.degrees(np.tan(np.radians(a))), np.degrees(np.tan(np.radians(d)) / np.cos(np.radians(a)))]
                  for a, d in (((a + 180) % 360 - 180, d) for a, d in polygon)] for polygon in flat]  # fmt: skip
        for ra, dec, angle in fields:
            for corners, sky in zip(plane, outline(footprint, ra, dec, angle), strict=True):
                asked.append([corners, ra, dec, angle])
                wanted.append(sky)
    async with telling.serving(story) as address, opened(f"{address}/", []) as page:
        found = await page.evaluate(script, asked)
    for ours, theirs in zip(found, wanted, strict=True):
        apart = SkyCoord(ours, unit="deg").separation(SkyCoord(theirs, unit="deg"))
        assert apart.arcsec.max() < 0.5


@pytest.mark.slow
async def test_what_crosses_the_seam_or_holds_a_pole_is_drawn_whole(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.event()
    script = """async () => {
      const { Gnomonic, Mollweide } = await import("/static/sky/projections.js");
      const { Shapes } = await import("/static/sky/shapes.js");
      const all = new Mollweide(900, 470, 0, 0, 140), near = new Gnomonic(600, 600, 10, 80, 900);
      const square = [[-1, -1], [1, -1], [1, 1], [-1, 1]];
      const box = (at, size) => square.map(([a, b]) => [at[0] + a * size, at[1] + b * size]);
      const traced = (corners) => {
        const shapes = new Shapes(), points = [];
        let paths = 0;
        shapes.add(corners, true);
        const lineTo = (x, y) => points.push([x, y]), moveTo = (x, y) => { paths++; lineTo(x, y); };
        all.trace({ moveTo, lineTo, closePath() {} }, shapes, 0, true);
        return [paths, points];
      };
      const cap = Array.from({ length: 36 }, (_, i) => [10 * i, 80]);
      return {
        seam: traced(box([180, 0], 2))[0], plain: traced(box([10, 0], 2))[0], turned: traced(box([539, 0], 2))[0],
        cap: Math.min(...traced(cap)[1].map((p) => p[1])), rim: all.point(0, 90)[1],
        east: all.point(30, 0)[0] < all.point(0, 0)[0] && near.point(14, 80)[0] < near.point(10, 80)[0],
        north: all.point(0, 30)[1] < all.point(0, 0)[1] && near.point(10, 82)[1] < near.point(10, 80)[1],
        behind: near.point(190, -80),
      };
    }"""
    async with telling.serving(story) as address, opened(f"{address}/", []) as page:
        found = await page.evaluate(script)
    assert (found["seam"], found["plain"], found["turned"]) == (2, 1, 2)
    assert found["cap"] == pytest.approx(found["rim"])
    assert found["east"]
    assert found["north"]
    assert found["behind"] is None
