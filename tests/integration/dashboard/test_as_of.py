"""Every panel of every screen says what it is as of: up to which entry of the journal, or when it was asked for."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import lxml.html
import pytest
from builders.acting_story import an_office
from builders.every_screen import EMPTY, MACHINE, SCREENS, lived_in
from builders.kept_campaigns import finished, half_way

JOURNALED = re.compile(r"as of entry (\d+)")
ASKED_FOR = re.compile(r"as of\s+[\d.]+ (s|min|h|d) ago")


@pytest.fixture
async def site(story: Any, tmp_path: Path, serve_story: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A coordinator's client of a dashboard with something on every screen."""
    office = await lived_in(story, tmp_path)
    finished(tmp_path / "campaigns" / "done")
    half_way(tmp_path / "campaigns" / "running")
    async with (
        serve_story(story, desk=office.desk(), campaigns=tmp_path / "campaigns", machine=MACHINE) as address,
        httpx.AsyncClient(base_url=address, timeout=60.0, headers=office.token("cora")) as client,
    ):
        yield client


def dateless(text: str) -> list[str]:
    """Return the panels of a page that do not say what they are as of, or are of another entry than their page."""
    page = lxml.html.fromstring(text)
    (seq,) = page.xpath("//body/@data-seq")
    return [
        panel.get("id") for panel in page.xpath("//*[@data-panel]") if not is_dated(panel.text_content(), seq)
    ]  # fmt: skip


def is_dated(says: str, seq: str) -> bool:
    entries = JOURNALED.findall(says)
    return set(entries) == {seq} if entries else ASKED_FOR.search(says) is not None


async def test_every_panel_of_every_screen_says_what_it_is_as_of(site: httpx.AsyncClient) -> None:
    wrong, panels = {}, set()
    for name, path in SCREENS.items():
        answer = await site.get(path)
        assert answer.status_code == 200, f"{path}: {answer.text[:200]}"
        if "data-panel" not in answer.text:
            assert path.startswith("/act/"), f"{path} has no panel"
            continue
        panels |= set(lxml.html.fromstring(answer.text).xpath("//*[@data-panel]/@id"))
        if found := dateless(answer.text):
            wrong[name] = found
    assert wrong == {}
    assert {"strip", "pointings", "curve", "night", "past", "others", "actors", "figures"} <= panels


async def test_so_does_every_panel_that_has_nothing_to_show(story: Any, tmp_path: Path, serve_story: Any) -> None:
    story.telescopes = {}
    office = await an_office(story, tmp_path)
    async with (
        serve_story(story, desk=office.desk(), campaigns=tmp_path / "campaigns") as address,
        httpx.AsyncClient(base_url=address, timeout=60.0, headers=office.token("cora")) as client,
    ):
        wrong = {name: dateless((await client.get(SCREENS[name])).text) for name in EMPTY}
    assert wrong == {name: [] for name in EMPTY}


def test_a_panel_of_another_entry_or_of_none_is_found() -> None:
    of = '<p class="as-of">Journal, as of entry <span class="seq">{}</span>, 3 s ago</p>'
    texts = {"good": of.format(7), "old": of.format(6), "asked": "Actors, as of 0 s ago", "none": "as of late"}
    panels = "".join(f'<div id="{id}" data-panel>{says}</div>' for id, says in texts.items())
    assert dateless(f'<html><body data-seq="7">{panels}</body></html>') == ["old", "none"]
