"""The log by REST and by the client takes the filters that its page has, and finds the same."""

import asyncio
from typing import Any

import httpx
import pytest

from coordinator.client import Observatory
from coordinator.dashboard.log_filter import MOST_READ
from coordinator.dispatch.facts import OperatorActed
from coordinator.services.journal import Entry

EVENT = "lvk:G298048"
ASKED = [
    {"event": EVENT}, {"telescope": "tch"}, {"who": "ada"}, {"kind": "pointing_"}, {"event": EVENT, "kind": "offered"},
    {"telescope": "tca", "kind": "session_opened"}, {"who": "ada", "event": EVENT}, {"who": "nobody"}, {},
]  # fmt: skip


async def told(story: Any) -> None:
    """A night, and what two people did."""
    await story.whole()
    for who, subject in (("ada", "tca"), ("adam", EVENT), ("ada", EVENT)):
        acted = OperatorActed(f"{who}:{subject}", "comment_event", subject, who, "seen", {})
        await story.tell("operator_acted", acted, subject=subject)


def expected(story: Any, asked: dict[str, str]) -> list[int]:
    """The same, straight from the journal."""
    return [
        s.seq
        for s in story.journal.stored
        if asked.get("event", "") in ("", s.entry.event, s.entry.subject)
        and asked.get("telescope", "") in ("", s.entry.telescope)
        and ("who" not in asked or s.entry.body.get("operator") == asked["who"])
        and asked.get("kind", "") in s.entry.kind
    ]


async def every(site: httpx.AsyncClient, asked: dict[str, str], limit: int) -> list[int]:
    """All pages of the answer."""
    seqs: list[int] = []
    since: int | None = 0
    while since is not None:
        answer = await site.get("/api/v1/log", params={**asked, "since": since, "limit": limit})
        assert answer.status_code == 200, answer.text
        document = answer.json()
        assert len(document["items"]) <= limit
        seqs += [row["seq"] for row in document["items"]]
        since = document["next"]
    return seqs


@pytest.mark.parametrize("asked", ASKED, ids=str)
async def test_rest_and_page_find_what_the_journal_holds(
    site: httpx.AsyncClient, story: Any, asked: dict[str, str]
) -> None:
    await told(story)
    wanted = expected(story, asked)
    assert bool(wanted) is (asked.get("who") != "nobody")
    for limit in (1, 3, 200):
        assert await every(site, asked, limit) == wanted
    async with asyncio.timeout(60):
        while f'<body data-seq="{len(story.journal.stored)}">' not in (
            text := (await site.get("/log", params=asked)).text
        ):
            await asyncio.sleep(0.02)
    assert [int(part.split('"')[0]) for part in text.split('<tr data-key="')[1:]] == wanted[::-1]


async def test_the_client_asks_for_the_same(serve_story: Any, story: Any) -> None:
    await told(story)

    def look(address: str) -> None:
        with Observatory(address) as sky:
            for asked in ASKED:
                assert [row.seq for row in sky.log(**asked)] == expected(story, asked)
            assert [row.seq for row in sky.log(5, event=EVENT)] == [
                s for s in expected(story, {"event": EVENT}) if s > 5
            ]

    async with serve_story(story) as address:
        await asyncio.to_thread(look, address)


async def test_a_rare_entry_is_found_however_far_away_it_is(site: httpx.AsyncClient, story: Any) -> None:
    await told(story)
    epoch, before = story.journal.epochs["scheduler"], len(story.journal.stored)
    many = [Entry("neighbours_found", {}, story.now) for _ in range(MOST_READ + 10)]
    await story.journal.append(many, writer="scheduler", epoch=epoch, append_id="many")
    await story.event(revision=9)
    seqs = await every(site, {"kind": "event_revised"}, 200)
    assert seqs == expected(story, {"kind": "event_revised"})
    assert seqs[-1] > MOST_READ
    first = (await site.get("/api/v1/log", params={"kind": "session", "since": before})).json()
    assert (first["items"], first["next"]) == ([], before + MOST_READ), "it says where to look on"
