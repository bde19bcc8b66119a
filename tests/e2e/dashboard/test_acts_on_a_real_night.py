"""What people decide on the pages of a running observatory: real telescopes' agents obey it, and all screens say so."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from builders.browser import arrive, enter, opened
from builders.notices import a_map, a_notice
from builders.running import Running, poll
from playwright.async_api import Page, expect

from coordinator.dispatch.assignment import Assignment
from coordinator.services.journal import Stored
from telescopes.description.states import PointingState

pytestmark = [pytest.mark.e2e, pytest.mark.ray, pytest.mark.slow]
NAME = "S260320kb"
EVENT = f"lvk:{NAME}"
SLOW_MS = 90_000
MOST_VETOES = 6
BEGUN = (PointingState.SLEWING, PointingState.EXPOSING)
ASKED_AGAIN = re.compile(r"503 (GET|POST) |Failed to load resource: .*status of (404|409|503) ")
"""What `arrive` and `_said` ask again after: the world moved on, or the page is of an older entry."""


@dataclass
class Coordinator:
    """Somebody at a page, with the journal beside."""

    night: Running
    page: Page

    async def decide(self, path: str, link: str, button: str, reason: str, row: str = "main", **words: str) -> int:
        """Follow a link on a screen, give the reason and decide; return the journal's entry of it."""
        head = self.night.head()
        await arrive(self.page, self.night.dashboard + path)
        await self.page.locator(row).get_by_role("link", name=link, exact=True).first.click(timeout=SLOW_MS)
        for name, value in words.items():
            place = self.page.locator(f"[name={name}]")
            await (
                place.select_option(value) if await place.evaluate("e => e.tagName") == "SELECT" else place.fill(value)
            )
        acted = await self._said(head, button, reason)
        await expect(self.page.locator("main.form")).to_have_count(0, timeout=SLOW_MS)
        assert acted.entry.body["reason"] == reason and acted.entry.body["operator"] == "local"
        return acted.seq

    async def _said(self, head: int, button: str, reason: str) -> Stored:
        """Say it, and once more where the world has moved on meanwhile, as a person would who reads what changed."""
        for _ in range(3):
            await self.page.locator("textarea[name=reason]").fill(reason)
            async with self.page.expect_navigation(wait_until="domcontentloaded", timeout=SLOW_MS):
                await self.page.get_by_role("button", name=button, exact=True).click(timeout=SLOW_MS)
            if not await self.page.locator("main.form [role=alert]").count():
                return await self.entry(head, "operator_acted")
        raise AssertionError(await self.page.locator("main.form [role=alert]").inner_text())

    async def entry(self, after: int, kind: str, **which: str) -> Stored:
        return await asyncio.to_thread(self.night.first, after, kind, **which)

    async def until(self, what: str, look: Callable[[], bool]) -> None:
        await asyncio.to_thread(poll, what, look)

    def live(self, telescope: str | None = None) -> list[Assignment]:
        return list(self.night.state().pointings.live(telescope=telescope))

    async def asked(self, path: str) -> Any:
        answer = await self.page.request.get(f"{self.night.dashboard}/api/v1{path}")
        assert answer.ok, await answer.text()
        return await answer.json()


@pytest.mark.timeout(900)
async def test_telescopes_obey_what_is_decided_on_the_pages(night: Running) -> None:
    head = night.hand_in("preliminary.json", a_notice(NAME, "PRELIMINARY", 0, a_map(2)))
    one, other, third = night.telescopes
    async with opened(night.sign_in_link(), complaints := []) as page:
        await enter(page, "local")
        here = Coordinator(night, page)
        await here.entry(head, "pointing_accepted", event=EVENT)
        await a_telescope_is_paused_and_resumed(here, one)
        await a_pointing_is_vetoed(here, other)
        await an_event_is_kept_away(here, third)
        await a_candidate_is_judged(here)
        await a_search_is_stopped_begun_again_and_ended(here)
        await every_screen_says_what_the_journal_says(here)
    assert [one for one in complaints if not ASKED_AGAIN.match(one)] == []
    assert night.broken_laws() == []


async def a_telescope_is_paused_and_resumed(here: Coordinator, telescope: str) -> None:
    screen = f"/telescopes/{telescope}"
    paused = await here.decide(screen, "pause", "Pause", "dome is cleaned")
    await expect(here.page.locator("#telescope")).to_contain_text("paused: dome is cleaned", timeout=SLOW_MS)
    again = here.night.hand_in("update.json", a_notice(NAME, "UPDATE", 30, a_map(3)))
    made = await here.entry(again, "plan_made")
    await here.until("others are asked", lambda: any(a.telescope != telescope for a in here.live()))
    offered = [s for s in here.night.read(paused) if s.entry.kind == "pointing_offered"]
    assert made and not [s for s in offered if s.entry.telescope == telescope]
    resumed = await here.decide(screen, "resume", "Resume", "it is clean")
    await here.entry(resumed, "pointing_accepted", telescope=telescope)


async def a_pointing_is_vetoed(here: Coordinator, telescope: str) -> None:
    # What it has agreed to stays as it is until its turn; an offer is answered while somebody reads.
    for _ in range(MOST_VETOES):
        held = await asyncio.to_thread(poll, "it has agreed to something", lambda: agreed(here, telescope))
        row = f'tr[data-key="{held.id}"]'
        vetoed = await here.decide(f"/telescopes/{telescope}", "veto", "Veto", "an aeroplane", row=row)
        await here.until("its agent has answered", lambda held=held: not assignment(here, held.id).live)
        if assignment(here, held.id).state in (PointingState.REVOKED, PointingState.PARTIAL):
            return
        # The sky runs fast: its turn came, and was over, while somebody read.
        assert assignment(here, held.id).state is PointingState.COMPLETED
        begun = [
            s.seq for s in here.night.read() if (s.entry.kind, s.entry.subject) == ("pointing_progressed", held.id)
        ]
        assert begun and begun[0] < vetoed
    raise AssertionError("each was completed before anybody could say no")


async def an_event_is_kept_away(here: Coordinator, telescope: str) -> None:
    screen = f"/telescopes/{telescope}"
    kept = await here.decide(screen, "keep an event away", "Keep an event away", "another programme", event=EVENT)
    await here.until("it holds no more of it", lambda: not [a for a in here.live(telescope) if a.state not in BEGUN])
    offers = [s for s in here.night.read(kept) if s.entry.kind == "pointing_offered" and s.entry.telescope == telescope]
    assert offers == []
    assert here.night.state().telescopes[telescope].vetoed == {EVENT: "another programme (local)"}
    allowed = await here.decide(screen, "allow an event again", "Allow an event again", "it is over", event=EVENT)
    # others may have looked at its sky meanwhile, so that it is planned with again is all that must follow
    await here.entry(allowed, "plan_made")
    assert EVENT not in here.night.state().telescopes[telescope].vetoed


async def a_candidate_is_judged(here: Coordinator) -> None:
    await here.until("something is found", lambda: EVENT in here.night.state().candidates)
    found = here.night.state().candidates[EVENT].candidates[0].id
    screen = f"/events/{quote(EVENT, safe='')}/candidates/{quote(found, safe='')}"
    await here.decide(screen, "comment", "Comment", "looks like a moving thing")
    await expect(here.page.locator("#candidate")).to_contain_text("looks like a moving thing", timeout=SLOW_MS)
    await here.decide(screen, "it is not", "It is not", "it moved")
    await expect(here.page.locator("#candidate dd.rejected")).to_contain_text("marked by a person", timeout=SLOW_MS)
    rows = (await here.asked(f"/candidates?event={quote(EVENT, safe='')}"))["items"]
    assert [row["verdict"] for row in rows if row["id"] == found] == ["rejected"]


async def a_search_is_stopped_begun_again_and_ended(here: Coordinator) -> None:
    screen = f"/events/{quote(EVENT, safe='')}"
    stopped = await here.decide(screen, "stop", "Stop", "too many fields")
    await here.until("nothing is open that has not begun", lambda: not [a for a in here.live() if a.state not in BEGUN])
    decided = (await here.entry(stopped, "event_decided", event=EVENT)).seq
    assert not [s for s in here.night.read(decided) if s.entry.kind == "pointing_offered" and s.entry.event == EVENT]
    begun = await here.decide(screen, "go", "Go", "on with it")
    await here.entry(begun, "pointing_accepted", event=EVENT)
    await here.decide(screen, "retract", "Retract by hand", "a glitch in the data")
    await here.until("everybody has answered for everything", lambda: not here.live())


async def every_screen_says_what_the_journal_says(here: Coordinator) -> None:
    """With all at rest pages and REST are of the same entries."""
    page, key = here.page, quote(EVENT, safe="")
    for telescope in (await here.asked("/telescopes"))["items"]:
        await page.goto(f"{here.night.dashboard}/telescopes/{telescope['id']}", wait_until="domcontentloaded")
        await expect(page.locator("#telescope")).to_contain_text(telescope["state"])
    await page.goto(f"{here.night.dashboard}/events/{key}", wait_until="domcontentloaded")
    event = await here.asked(f"/events/{key}")
    await expect(page.locator("#event")).to_contain_text(f"revision {event['revision']}")
    for row in (await here.asked(f"/pointings?event={key}"))["items"]:
        shown = page.locator(f'#pointings tr[data-key="{row["id"]}"]')
        if await shown.count():
            assert await shown.get_attribute("data-state") == row["state"]
    await page.goto(f"{here.night.dashboard}/log", wait_until="domcontentloaded")
    await page.get_by_role("link", name="what people decided").click()
    for reason in ("dome is cleaned", "an aeroplane", "another programme", "a glitch in the data"):
        await expect(page.locator("main")).to_contain_text(reason, timeout=SLOW_MS)


def agreed(here: Coordinator, telescope: str) -> Assignment | None:
    """Return the last pointing of a telescope that it has accepted and not begun."""
    held = [a for a in here.live(telescope) if a.state is PointingState.ACCEPTED and a.revocation is None]
    return max(held, key=lambda a: a.busy_from, default=None)


def assignment(here: Coordinator, pointing: str) -> Assignment:
    return here.night.state().pointings.assignments[pointing]
