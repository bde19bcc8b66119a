"""Pictures of the dashboard for the docs, taken at the end of a demonstration: `make screenshots`.

Run ``python tests/builders/programs/screenshots.py FOLDER``; it plays `armillary demo` and writes four small PNG files.
"""

import io
import sys
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from builders.browser import CHROMIUM, FLAGS

from coordinator.dashboard.themes import COOKIE
from coordinator.demo.options import Options
from coordinator.demo.run import run_demo

COLOURS = 96
SEEN_MS = 60_000


def shots(site: httpx.Client) -> dict[str, tuple[str, str, int, int]]:
    """Return each picture's page, theme, width and height."""
    event = site.get("/api/v1/events").json()["items"][0]["key"]
    best = site.get(f"/api/v1/candidates?event={event}&limit=1").json()["items"][0]["id"]
    return {
        "dashboard-now": ("/", "dark", 1280, 1100),
        "dashboard-event": (f"/events/{event}", "dark", 1280, 1000),
        "dashboard-candidate": (f"/events/{event}/candidates/{best}", "light", 1280, 1000),
        "dashboard-phone-at-night": (f"/events/{event}", "red", 390, 844),
    }


def take(browser: Browser, address: str, shot: tuple[str, str, int, int]) -> bytes:
    """Return a picture of a page, in few colours."""
    path, theme, width, height = shot
    context = browser.new_context(viewport={"width": width, "height": height})
    context.add_cookies([{"name": COOKIE, "value": theme, "url": address}])
    page = context.new_page()
    page.goto(address + path, wait_until="domcontentloaded")
    if page.locator("sky-view").count():
        page.wait_for_selector("sky-view[data-ready]", timeout=SEEN_MS)
        page.wait_for_timeout(1500)  # the way to the region of the event
        if width < height:
            page.locator("sky-view").evaluate("view => view.scrollIntoView()")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
    context.close()
    small = io.BytesIO()
    picture.save(small, "PNG", optimize=True)
    return small.getvalue()


def main(folder: Path) -> int:
    """Play the demonstration and take the pictures."""

    def hold(address: str) -> None:
        address = address.rstrip("/")
        with httpx.Client(base_url=address, timeout=60.0) as site, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            for name, shot in shots(site).items():
                data = take(browser, address, shot)
                (folder / f"{name}.png").write_bytes(data)
                print(f"{folder / name}.png: {len(data) / 1000:.0f} kB")
            browser.close()

    return 0 if run_demo(Options(keep_running=True), print, hold).kept else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
