"""Pages in Debian's Chromium."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Page, Response, async_playwright, expect

CHROMIUM = Path("/usr/bin/chromium")
WAIT_MS = 60_000
expect.set_options(timeout=WAIT_MS)  # Playwright's own 5 s are short for a page on a busy machine
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def is_complaint(said: ConsoleMessage) -> bool:
    """Tell a complaint from what the browser notes: that somebody typed before the page had given the focus, say."""
    return said.type not in ("info", "debug")


@asynccontextmanager
async def opened(address: str, complaints: list[str]) -> AsyncIterator[Page]:
    """A page of its own; whatever it complains of or asks of others is collected."""
    parts = urlsplit(address)
    ours = f"{parts.scheme}://{parts.netloc}/"

    def note_failure(answer: Response) -> None:
        """Say what was asked: the browser says only that something failed."""
        if answer.status >= 500:
            complaints.append(f"{answer.status} {answer.request.method} {answer.url}")

    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = await browser.new_page(viewport={"width": 1500, "height": 1000})
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        page.on("response", note_failure)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith(ours) else complaints.append(f"foreign: {r.url}"))
        await page.goto(address, wait_until="domcontentloaded")
        yield page
        await browser.close()


async def arrive(page: Page, address: str, deadline_s: float = 90.0) -> str:
    """Load a page as soon as a dashboard that reads after others has read of what it shows; return what was sent."""
    async with asyncio.timeout(deadline_s):
        while True:
            answer = await page.goto(address, wait_until="domcontentloaded")
            assert answer is not None
            if answer.ok:
                return await answer.text()
            assert answer.status in (404, 503), f"{address}: {answer.status}"
            await asyncio.sleep(0.2)


async def enter(page: Page, person: str = "cora") -> None:
    """Spend the link that the page shows, which is a person's own."""
    await page.get_by_role("button", name="Sign in").click(timeout=WAIT_MS)
    await expect(page.locator("#person")).to_contain_text(person, timeout=WAIT_MS)
