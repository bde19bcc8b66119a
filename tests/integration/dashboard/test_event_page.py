"""The page of one event without script: what is covered, what a revision changed, what is not known."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import httpx
from builders.served import caught_up

EVENT = "lvk:G298048"


async def page(site: httpx.AsyncClient, story: Any, path: str = f"/events/{EVENT}") -> str:
    head = len(story.journal.stored)
    async with asyncio.timeout(60):
        while True:
            answer = await site.get(path)
            if f'<body data-seq="{head}">' in answer.text:
                return answer.text
            await asyncio.sleep(0.02)


async def test_an_event_shows_where_it_is_and_how_far_its_search_is(
    site: httpx.AsyncClient, story: Any, some_map: Any
) -> None:
    await story.event(sky=some_map())
    await story.whole()
    text = await page(site, story)
    for word in ("BNS 0.98", "15.7 / 65.4", "0.810", "not decided", "2017-08-17 12:41:04 UTC", 'class="observed"'):
        assert word in text
    assert "cand-1" in text
    assert text.count('data-state="planned"') == 2


async def test_a_revision_says_what_it_changed_and_the_first_does_not(
    site: httpx.AsyncClient, story: Any, some_map: Any
) -> None:
    await story.event(sky=some_map())
    await story.event(revision=2, sky=some_map(width_deg=6.0))
    await story.event(revision=3, retracted=True)
    text = (await page(site, story)).split('id="revisions"')[1]
    newest, second, first = text.split("<tr>")[2:5]
    assert "taken back" in newest
    assert "another sky map" in second
    assert "the first word" in first


async def test_an_event_without_map_or_search_says_what_will_appear(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    text = await page(site, story)
    assert "Nothing was planned or observed yet" in text
    assert "How much was observed is unknown" in text
    assert "No plan yet" in text
    assert "0.000" not in text.split('id="coverage"')[1].split("</section>")[0]


async def test_no_such_event_is_a_404(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    await page(site, story)
    answer = await site.get("/events/lvk:nobody")
    assert answer.status_code == 404
    assert "mend" in answer.text


class Held(ThreadPoolExecutor):
    """A thread that does nothing before it is let."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self.asked, self.let = asyncio.Event(), Event()

    def submit(self, work: Callable[..., Any], /, *args: Any, **named: Any) -> "Future[Any]":
        self.asked.set()
        super().submit(self.let.wait)
        return super().submit(work, *args, **named)


async def test_a_plan_that_comes_while_the_page_is_made_is_what_it_shows(
    site: httpx.AsyncClient, story: Any, some_map: Any
) -> None:
    await story.event(sky=some_map())
    await story.whole()
    assert 'data-key="plan-0"' in await page(site, story)
    await story.clouds("tca")
    await caught_up(site, len(story.journal.stored))
    asyncio.get_running_loop().set_default_executor(held := Held())
    asked = asyncio.create_task(site.get(f"/events/{EVENT}"))
    try:
        async with asyncio.timeout(60):
            await held.asked.wait()
        await story.plan(("tca", 196.5, -21.0), first=7)
        await caught_up(site, len(story.journal.stored))
    finally:
        held.let.set()
    answer = await asked
    assert answer.status_code == 200
    assert 'data-key="plan-7"' in answer.text and 'data-key="plan-0"' not in answer.text
