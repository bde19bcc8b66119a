"""Pages read the journal's file once whoever looks how often, and lose nothing of it when it is away for a moment."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import Office, an_office, decide, served, shown

from coordinator.services.journal import EVERYTHING, InMemoryJournal, Only, Tail
from telescopes.description.errors import RetryLater

EVENT = "lvk:G298048"


class AskedJournal(InMemoryJournal):
    """Counts what is read of some kinds alone, and can be away or slow for those who read so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.away = 0, False
        self.asking, self.may_answer = asyncio.Event(), asyncio.Event()
        self.may_answer.set()

    async def read(self, after_seq: int, *, only: Only = EVERYTHING, limit: int = 1000) -> Tail:
        if only.kinds is not None:
            self.asked += 1
            self.asking.set()
            await self.may_answer.wait()
            if self.away:
                raise RetryLater("is away", where="journal", mend="ask again", after_s=1.0)
        return await super().read(after_seq, only=only, limit=limit)


@pytest.fixture
def journal(story: Any) -> AskedJournal:
    asked = AskedJournal()
    story.journal = asked
    return asked


@pytest.fixture
async def office(journal: AskedJournal, story: Any, tmp_path: Path) -> Office:
    await story.whole()
    return await an_office(story, tmp_path)


@pytest.fixture
async def site(office: Office, serve_story: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with served(office, serve_story, "cora") as client:
        yield client


async def shift(site: httpx.AsyncClient, action: str | None = None) -> dict[str, Any]:
    """What is shown of the shift; an action: what it became."""
    answer = await site.get("/api/v1/shift")
    assert answer.status_code == 200, answer.text
    if action is None:
        return dict(answer.json())
    said = await decide(site, f"shift/{action}", {}, expected_version=answer.json()["version"])
    assert said.status_code == 200, said.text
    return dict(said.json())


def events(shown: dict[str, Any]) -> list[str]:
    return [row["text"] for row in shown["happened"].get("Events", [])]


async def test_plans_are_read_once(journal: AskedJournal, office: Office, site: httpx.AsyncClient) -> None:
    first = await site.get(f"/events/{EVENT}/plans")
    assert "new sky" in first.text
    asked = journal.asked
    for path in (f"/events/{EVENT}/plans", f"/api/v1/events/{EVENT}/plans"):
        assert "new sky" in (await site.get(path)).text
    assert journal.asked == asked
    seq = await office.story.plan(("tca", 190.0, -20.0))
    await shown(site, "events", EVENT, office.token("cora"), at_least=seq)
    assert (await site.get(f"/api/v1/events/{EVENT}/plans")).json()["items"][0]["seq"] == seq
    assert journal.asked == asked + 1, "only what is new is read"


async def test_a_shift_that_is_over_is_read_once(
    journal: AskedJournal, office: Office, site: httpx.AsyncClient
) -> None:
    taken = await shift(site, "take-over")
    await office.story.event("S1")
    await shift(site, "leave")
    page = await site.get(f"/shift/{taken['seq']}")
    assert "S1 revision 1" in page.text
    asked = journal.asked
    assert "S1 revision 1" in (await site.get(f"/shift/{taken['seq']}")).text
    assert journal.asked == asked


async def test_what_happened_while_the_journal_was_away_is_told_when_it_is_back(
    journal: AskedJournal, office: Office, site: httpx.AsyncClient
) -> None:
    await shift(site, "take-over")
    seq = await office.story.event("S1")
    await shown(site, "events", "lvk:S1", office.token("cora"), at_least=seq)
    journal.away = True
    assert (await site.get("/api/v1/shift")).status_code == 503
    journal.away = False
    assert events(await shift(site)) == ["S1 revision 1"]


async def test_who_asks_while_another_reads_is_told_the_whole(
    journal: AskedJournal, office: Office, site: httpx.AsyncClient
) -> None:
    await shift(site, "take-over")
    seq = await office.story.event("S1")
    await shown(site, "events", "lvk:S1", office.token("cora"), at_least=seq)
    journal.asking.clear()
    journal.may_answer.clear()
    one = asyncio.create_task(shift(site))
    await journal.asking.wait()
    two = asyncio.create_task(shift(site))
    await asyncio.wait({two}, timeout=1.0)  # half a tale would come at once; the whole cannot yet
    journal.may_answer.set()
    assert [events(told) for told in await asyncio.gather(one, two)] == [["S1 revision 1"]] * 2
