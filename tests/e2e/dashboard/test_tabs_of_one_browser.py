"""Many tabs of one browser share one stream; each hears every entry, whatever happens to the stream or to a tab."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from builders.acting_story import an_office
from builders.browser import WAIT_MS, enter, opened
from builders.served import app_served
from playwright.async_api import BrowserContext, CDPSession, Page, Route, expect
from starlette.types import Receive, Scope, Send

from coordinator.demo.ports import free_port

pytestmark = pytest.mark.e2e
TABS = 8
"""HTTP/1.1 has six connections for all of them."""
LISTEN = """
window.heard = [];
document.addEventListener("armillary:news", ({ detail }) => heard.push(detail.seq));
"""


@dataclass
class Away:
    """A server that is coming back: 503 to everybody."""

    asked: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or the server's own question whether it may start."""
        if scope["type"] == "lifespan":
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.asked.append(scope["path"])
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b"coming back"})


@asynccontextmanager
async def a_browser(address: str) -> AsyncIterator[BrowserContext]:
    """Give a browser whose pages note what they hear."""
    async with opened(f"{address}/static/icon.svg", []) as first:
        assert first.context.browser is not None
        context = await first.context.browser.new_context()
        await context.add_init_script(LISTEN)
        yield context


async def a_tab(context: BrowserContext, address: str) -> Page:
    page = await context.new_page()
    await page.goto(address, wait_until="domcontentloaded")
    return page


async def until(holds: Callable[[], Awaitable[bool]], wait_s: float = 90.0) -> None:
    async with asyncio.timeout(wait_s):
        while not await holds():
            await asyncio.sleep(0.05)


async def streams(address: str) -> int:
    """How many streams the server has open."""
    async with httpx.AsyncClient(timeout=60.0) as client:
        return int((await client.get(f"{address}/api/v1/status")).json()["streams_open"])


async def heard(tab: Page, last: int) -> list[int]:
    """Wait until a tab has heard of an entry; return all that it heard."""

    async def of_it() -> bool:
        return last in await tab.evaluate("heard")

    await until(of_it)
    return list(await tab.evaluate("heard"))


async def show(tabs: list[Page], pointing: str) -> None:
    for tab in tabs:
        await expect(tab.locator(f'#pointings tr[data-key="{pointing}"]')).to_contain_text("offered", timeout=WAIT_MS)


@pytest.mark.slow
async def test_eight_tabs_share_a_stream_and_each_hears_every_entry(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    begun = len(story.journal.stored)
    port = free_port()  # of those that no connection of somebody else takes while nobody serves on it
    async with telling.serving(story, port) as address:
        play = a_browser(address)
        context = await play.__aenter__()
        tabs = [await a_tab(context, address) for _ in range(TABS)]
        await show(tabs, await story.offer("tca", ra_deg=190.0))
        assert await streams(address) == 1
    away = Away()
    async with app_served(away, port):

        async def has_tried() -> bool:
            return away.asked.count("/stream") >= 3

        await until(has_tried)
        missed = [await story.offer("tca", ra_deg=ra_deg) for ra_deg in (185.0, 183.0)]
    async with telling.serving(story, port):
        for pointing in (*missed, await story.offer("tca", ra_deg=181.0)):
            await show(tabs, pointing)
        written = list(range(begun + 1, len(story.journal.stored) + 1))
        assert [await heard(tab, written[-1]) for tab in tabs] == [written] * TABS
        assert await streams(address) == 1
        for tab in tabs[1:]:
            await tab.close()
        await show(tabs[:1], await story.offer("tca", ra_deg=179.0))
        await tabs[0].close()

        async def nobody_listens() -> bool:
            return await streams(address) == 0

        await until(nobody_listens)
        await play.__aexit__(None, None, None)


@pytest.mark.slow
async def test_a_page_that_was_made_before_others_heard_more_hears_it_too(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    made, told = asyncio.Event(), asyncio.Event()

    async def held_up(route: Route) -> None:
        answer = await route.fetch()
        made.set()
        await told.wait()
        await route.fulfill(response=answer)

    async with telling.serving(story) as address, a_browser(address) as context:
        first = await a_tab(context, address)
        await show([first], await story.offer("tca", ra_deg=190.0))
        late = await context.new_page()
        await late.route(f"{address}/", held_up, times=1)
        coming = asyncio.create_task(late.goto(address, wait_until="domcontentloaded"))
        await made.wait()
        pointing = await story.offer("tca", ra_deg=185.0)
        await show([first], pointing)
        told.set()
        await coming
        await show([late], pointing)
        head = len(story.journal.stored)
        assert await heard(late, head) == [head]
        assert await streams(address) == 1


@pytest.mark.slow
async def test_all_tabs_are_led_to_the_sign_in_when_the_session_ends(telling: ModuleType, tmp_path: Path) -> None:
    story: Any = telling.Story()
    await story.whole()
    office = await an_office(story, tmp_path)
    async with telling.serving(story, desk=office.desk()) as address, a_browser(address) as context:
        first = await a_tab(context, address + office.link("cora"))
        await enter(first)
        tabs = [first, await a_tab(context, f"{address}/log")]
        await asyncio.gather(*(tab.locator("#live").wait_for() for tab in tabs))
        office.people.disable("cora", story.now, "a test")
        for tab in tabs:
            await tab.wait_for_url("**/sign-in**", timeout=WAIT_MS)


async def end_workers(line: CDPSession) -> int:
    """End the browser's shared workers, which tell nobody, as when their process falls; return how many there were."""
    found = [t for t in (await line.send("Target.getTargets"))["targetInfos"] if t["type"] == "shared_worker"]
    for target in found:
        await line.send("Target.closeTarget", {"targetId": target["targetId"]})
    return len(found)


@pytest.mark.slow
async def test_a_worker_that_fell_is_joined_anew(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    async with telling.serving(story) as address, a_browser(address) as context:
        tab = await context.new_page()
        await tab.clock.install()
        await tab.goto(address, wait_until="domcontentloaded")
        await show([tab], await story.offer("tca", ra_deg=190.0))
        assert context.browser is not None
        assert await end_workers(await context.browser.new_browser_cdp_session()) == 1

        async def nobody_listens() -> bool:
            return await streams(address) == 0

        await until(nobody_listens)
        missed = await story.offer("tca", ra_deg=185.0)

        async def heard_again() -> bool:
            await tab.clock.run_for(2_000)  # slowly: what it joins takes its own time to begin
            return len(story.journal.stored) in await tab.evaluate("heard")

        await until(heard_again, 60.0)
        await show([tab], missed)
        assert await streams(address) == 1
