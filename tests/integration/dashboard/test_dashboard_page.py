"""The page without script: complete, honest, and safe whatever an alert or a site says."""

import asyncio
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx

from coordinator.dashboard import app

STATIC = Path(app.__file__).parent / "static"
EVENT = "lvk:G298048"
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


class Found(HTMLParser):
    """Tags with their attributes, as a browser sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags_of(page: str) -> list[tuple[str, dict[str, str | None]]]:
    found = Found()
    found.feed(page)
    return found.tags


async def page_of(site: httpx.AsyncClient, seq: int, path: str = "/") -> str:
    async with asyncio.timeout(60):
        while True:
            page = (await site.get(path)).text
            if f'data-seq="{seq}"' in page:
                return page
            await asyncio.sleep(0.02)


async def test_the_page_shows_everything_without_script(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    page = await page_of(site, len(story.journal.stored))
    for word in ("G298048", "BNS 0.98", "tca", "exposing", "site closed: weather", "cand-1", "promising", "planned"):
        assert word in page
    assert "well inside the 50 % region" in page
    assert "tca was offered" in page
    assert page.count("as of entry") >= 5


async def test_the_rows_that_are_chosen_on_the_sky_are_the_pointings(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    page = await page_of(site, len(story.journal.stored))
    rows = [attributes for tag, attributes in tags_of(page) if tag == "tr" and "data-state" in attributes]
    served = (await site.get("/api/v1/pointings")).json()["items"]
    assert {r["data-key"]: r["data-state"] for r in rows} == {p["id"]: p["state"] for p in served}
    assert [a.get("event") for tag, a in tags_of(page) if tag == "sky-view"] == ["lvk:G298048"]


async def test_unknown_is_a_dash_and_never_zero(site: httpx.AsyncClient, story: Any) -> None:
    seq = await story.event()
    page = await page_of(site, seq)
    assert "— / —" in page
    assert "No candidate was weighed yet" in page
    assert "No pointing of this event" in page


async def test_hostile_text_stays_text(site: httpx.AsyncClient, story: Any) -> None:
    await story.event(EVIL)
    await story.offer(EVIL)
    await story.candidates(EVIL)
    await story.clouds(EVIL)
    page = await page_of(site, len(story.journal.stored))
    tags = tags_of(page)
    assert [a.get("src") for tag, a in tags if tag == "script"] == [
        "/static/live.js",
        "/static/calls.js",
        "/static/keys.js",
        "/static/sky/sky-view.js",
    ]
    assert not [tag for tag, _ in tags if tag == "img"]
    assert not [name for _, a in tags for name in a if name.startswith("on") or name == "style"]
    assert "&lt;script&gt;" in page


async def test_the_newest_word_stands_in_the_strip(site: httpx.AsyncClient, story: Any) -> None:
    assert "newest —" in (await site.get("/")).text
    seq = await story.event()
    assert f"newest #{seq} event revised · {EVENT}<" in await page_of(site, seq)
    pointing = await story.offer()
    seq = len(story.journal.stored)
    assert f"newest #{seq} pointing offered · tca · {pointing}<" in await page_of(site, seq)
    await story.offer(id="p" * 2000)
    assert f"newest #{seq + 1} pointing offered<" in await page_of(site, seq + 1), "as long as what the stream tells"


async def test_the_page_asks_nothing_of_foreign_hosts(site: httpx.AsyncClient) -> None:
    page = (await site.get("/")).text
    files = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert all(name.startswith("/") and not name.startswith("//") for name in files)
    scripts = [script.relative_to(STATIC).as_posix() for script in STATIC.rglob("*.js")]
    assert {"live.js", "stream-worker.js", "sky/sky-view.js"} <= set(scripts)
    for name in ("armillary.css", "sky.css", *scripts):
        text = (await site.get(f"/static/{name}")).text
        assert "http" not in text
        assert "innerHTML" not in text


async def test_of_many_events_the_newest_are_listed_and_the_rest_is_counted(
    site: httpx.AsyncClient, story: Any
) -> None:
    for n in range(53):
        seq = await story.event(f"S{n:02}")

    def listed(page: str) -> list[str]:
        rows = [attributes.get("data-key") for tag, attributes in tags_of(page) if tag == "tr"]
        return [key for key in rows if key and key.startswith("lvk:")]

    page = await page_of(site, seq)
    assert listed(page) == [f"lvk:S{n:02}" for n in range(52, 2, -1)]
    assert "3 more" in page
    page = await page_of(site, seq, "/?event=lvk:S00")
    assert listed(page)[49:] == ["lvk:S03", "lvk:S00"]
    assert "2 more" in page


async def test_a_retracted_event_is_shown_as_such_and_not_chosen_first(site: httpx.AsyncClient, story: Any) -> None:
    await story.event("S1")
    seq = await story.event("S2", retracted=True)
    page = await page_of(site, seq)
    assert "RETRACTED" in page
    assert "<title>S1" in page
    assert "<title>S2" in await page_of(site, seq, "/?event=lvk:S2")
