"""The event's page and its sky in Chromium: what it weighs, how soon it is there, and what a pan and live news cost.

Run ``python tests/benchmarks/bench_sky.py`` (``--skymap FILE`` for another map than a made one); it prints markdown
tables. Chromium runs headless and rasterises by software, so a frame costs more here than on a screen with a graphics
card. Frames are told as milliseconds of script, and with a read-back of a pixel of each canvas, which waits for the
rasterising; and as CPU of all of the browser's processes. "Empty" is the same with nothing drawn.
"""

import argparse
import asyncio
import importlib.util
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import psutil
from playwright.async_api import Browser, CDPSession, Page, async_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders.big_sky import EVENT, tell_big_sky
from builders.browser import CHROMIUM, FLAGS

ROOT = Path(__file__).resolve().parents[2]
STARTS, FRAMES, LIVE_S = 5, 60, 12.0
LOOKS = {"all sky": [0, 0, 400], "close up, 50 deg": None}
READY_MS = 60_000
PAN = """async ([frames, look, empty]) => {
  const view = document.querySelector("sky-view"), { camera, painter, controls } = view;
  for (const name of Object.keys(controls.layers)) controls.layers[name] = !empty;
  camera.look(...(look ?? [...view.region.slice(0, 2), 50]));
  painter.moving = true;
  const script = [], total = [];
  for (let i = 0; i < frames; i++) {
    const began = performance.now();
    camera.pan(i % 2 ? 7 : 5, i % 3 ? 0 : 1);
    painter.wants();
    painter.paint();
    const drawn = performance.now();
    for (const context of Object.values(painter.contexts)) context.getImageData(0, 0, 1, 1);
    script.push(drawn - began);
    total.push(performance.now() - began);
  }
  return { script, total };
}"""
ROLL = """async ([frames, look, empty]) => {
  const view = document.querySelector("sky-view"), { camera, painter, controls } = view;
  for (const name of Object.keys(controls.layers)) controls.layers[name] = !empty;
  camera.look(...(look ?? [...view.region.slice(0, 2), 50]));
  painter.moving = true;
  const began = performance.now();
  for (let i = 0; i < frames; i++) {
    camera.pan(6, 0);
    painter.wants();
    await new Promise(requestAnimationFrame);
  }
  painter.moving = false;
  return performance.now() - began;
}"""


def the_story() -> ModuleType:
    """Return the module that tells stories to a dashboard in memory."""
    path = ROOT / "tests" / "integration" / "dashboard" / "conftest.py"
    spec = importlib.util.spec_from_file_location("armillary_dashboard_story", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@asynccontextmanager
async def served(telling: ModuleType, sky_map: bytes, fields: int, candidates: int) -> AsyncIterator[tuple[Any, str]]:
    """Serve a big sky; give its story and its address."""
    story: Any = telling.Story()
    await tell_big_sky(story, sky_map, telling.T0, pointings=fields, candidates=candidates)
    async with telling.serving(story) as address:
        yield story, f"{address}/events/{EVENT}"


@asynccontextmanager
async def fresh_page(browser: Browser) -> AsyncIterator[tuple[Page, CDPSession]]:
    """A page that knows nothing yet."""
    context = await browser.new_context(viewport={"width": 1500, "height": 1000})
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    yield page, session
    await context.close()


async def ready(page: Page, address: str) -> None:
    await page.goto(address, wait_until="domcontentloaded")
    await page.wait_for_selector("sky-view[data-ready]", timeout=READY_MS)


def kind_of(url: str) -> str:
    """Say what a request brought."""
    if "/static/" in url:
        return "scripts" if url.endswith(".js") else "styles, icon"
    return "scene" if "/scene" in url else "map" if "/skies/" in url else "galaxies" if "/galaxies" in url else "page"


async def weight(browser: Browser, address: str) -> Counter[str]:
    """Return bytes on the wire by kind, headers included, until the sky is there."""
    found: Counter[str] = Counter()
    urls: dict[str, str] = {}
    async with fresh_page(browser) as (page, session):
        await session.send("Network.enable")
        session.on("Network.responseReceived", lambda e: urls.update({e["requestId"]: e["response"]["url"]}))
        session.on(
            "Network.loadingFinished",
            lambda e: found.update({kind_of(urls.get(e["requestId"], "")): int(e["encodedDataLength"])}),
        )
        await ready(page, address)
        await asyncio.sleep(1.0)
    return found


async def starts(browser: Browser, address: str) -> tuple[list[float], list[float]]:
    """Return milliseconds to the first paint with content, and to the whole sky, of some starts."""
    first, whole = [], []
    for _ in range(STARTS):
        async with fresh_page(browser) as (page, _session):
            await ready(page, address)
            whole.append(float(await page.evaluate("performance.now()")))
            paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
            first.append(float(await page.evaluate(paint)))
    return first, whole


def cpu_s(browser_processes: list[psutil.Process]) -> float:
    """CPU of processes so far."""
    return sum(sum(p.cpu_times()[:2]) for p in browser_processes)


def own_children() -> list[psutil.Process]:
    """Return the browser's processes: all that this program started."""
    return [p for p in psutil.Process().children(recursive=True) if p.is_running()]


async def pans(page: Page) -> None:
    """Print what a frame of a pan costs."""
    print("\n| look | script ms | with rasterising ms | CPU a frame ms | with nothing drawn | frames a second of CPU |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, look in LOOKS.items():
        drawn = await page.evaluate(PAN, [FRAMES, look, False])
        spent = []
        for empty in (True, False):
            processes = own_children()
            before = cpu_s(processes)
            await page.evaluate(ROLL, [FRAMES, look, empty])
            spent.append((cpu_s(processes) - before) / FRAMES * 1000)
        script, total = (statistics.median(drawn[kind]) for kind in ("script", "total"))
        nothing, all_ = spent
        print(f"| {name} | {script:.1f} | {total:.1f} | {all_:.1f} | {nothing:.1f} | {1000 / all_:.0f} |")


async def live(story: Any, telling: ModuleType) -> None:
    """Print what ten messages a second cost, each about five fields."""
    moved = [a for a in [s.entry.subject for s in story.journal.stored if s.entry.kind == "pointing_offered"] if a]
    processes, began = own_children(), asyncio.get_running_loop().time()
    before, n = cpu_s(processes), 0
    while asyncio.get_running_loop().time() - began < LIVE_S:
        for _ in range(5):
            n += 1
            await story.move(moved[-n], telling.PointingState.EXPOSING)
        await asyncio.sleep(0.1)
    wall_s = asyncio.get_running_loop().time() - began
    spent_s = cpu_s(processes) - before
    print(f"\nLive: {n / wall_s:.0f} fields/s for {wall_s:.0f} s take {spent_s / wall_s:.0%} of a core in the browser.")


async def page_cpu_ms(address: str) -> float:
    """Return the server's CPU for the page itself, when something is new each time."""
    async with httpx.AsyncClient() as client:
        await client.get(address)
        before = time.process_time()
        for n in range(STARTS):
            (await client.get(address, params={"again": n})).raise_for_status()
        return (time.process_time() - before) / STARTS * 1000


async def main(sky_map: bytes | None) -> None:
    telling = the_story()
    sky = telling.a_map(width_deg=12.0) if sky_map is None else sky_map
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        print(f"Chromium {browser.version}, headless, software rasterising, 1500 x 1000\n")
        print("| pointings, candidates | kB on the wire | of these | first paint ms | whole sky ms | server CPU ms |")
        print("| --- | --- | --- | --- | --- | --- |")
        for fields, candidates in ((1000, 200), (5000, 2000)):
            async with served(telling, sky, fields, candidates) as (_story, address):
                bytes_ = await weight(browser, address)
                first, whole = await starts(browser, address)
                cpu = await page_cpu_ms(address)
            parts = ", ".join(f"{kind} {size / 1000:.0f}" for kind, size in bytes_.most_common())
            paint, all_ = (f"{statistics.median(x):.0f} ({min(x):.0f} to {max(x):.0f})" for x in (first, whole))
            print(
                f"| {fields}, {candidates} | {sum(bytes_.values()) / 1000:.0f} "
                f"| {parts} | {paint} | {all_} | {cpu:.0f} |"
            )
        async with served(telling, sky, 10_000, 200) as (story, address), fresh_page(browser) as (page, _session):
            await ready(page, address)
            await pans(page)
            await live(story, telling)
        await browser.close()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--skymap", type=Path)
    given = options.parse_args().skymap
    asyncio.run(main(None if given is None else given.read_bytes()))
