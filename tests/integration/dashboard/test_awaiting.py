"""What the journal has not spoken of yet: people get a page that waits, scripts a problem that says as of when."""

from typing import Any

import httpx
import lxml.html
import pytest
from builders.served import caught_up

EVENT = "lvk:G298048"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}
NOT_YET = [
    ("/events/lvk:S1", "event", "lvk:S1"),
    ("/?event=lvk:S1", "event", "lvk:S1"),
    ("/events/lvk:S1/plans", "event", "lvk:S1"),
    ("/telescopes/nowhere", "telescope", "nowhere"),
    (f"/events/{EVENT}/candidates/nobody", "candidate", "nobody"),
    (f"/events/{EVENT}/plans?of=99999", "plan", "99999"),
]


@pytest.mark.parametrize(("path", "kind", "name"), NOT_YET)
async def test_people_get_a_page_that_waits_for_it(
    site: httpx.AsyncClient, story: Any, path: str, kind: str, name: str
) -> None:
    await story.whole()
    head = await caught_up(site, len(story.journal.stored))
    answer = await site.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert "Refresh" not in answer.headers
    page = lxml.html.fromstring(answer.text)
    assert page.xpath("//body/@data-awaits") == [name]
    assert page.xpath("//body/@data-seq") == [str(head)]
    assert page.xpath("//h2/text()") == [f"No such {kind} yet: {name}"]
    assert f"as of entry {head}" in page.get_element_by_id("awaited").text_content()


@pytest.mark.parametrize(
    "path", ["events/lvk:S1", "telescopes/nowhere", "pointings/none", "events/lvk:S1/scene", "events/lvk:S1/plans"]
)
async def test_scripts_are_told_as_of_which_entry_it_is_not_known(
    site: httpx.AsyncClient, story: Any, path: str
) -> None:
    await story.whole()
    head = await caught_up(site, len(story.journal.stored))
    for headers in ({}, BROWSER):
        answer = await site.get(f"/api/v1/{path}", headers=headers)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert told["detail"] == f"not known yet; as of entry {head}"
        assert told["as_of"]["seq"] == head
        assert told["title"].startswith("no such ")
        assert told["mend"]


async def test_what_nothing_will_bring_is_not_waited_for(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    await caught_up(site, len(story.journal.stored))
    answer = await site.get("/shift/99999", headers=BROWSER)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "no such shift"


async def test_a_form_that_was_sent_gets_no_page_that_waits(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    await caught_up(site, len(story.journal.stored))
    answer = await site.post("/events/lvk:S1", headers=BROWSER, data={"reason": "dome is cleaned"})
    assert "data-awaits" not in answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_it_is_there_as_soon_as_the_journal_has_spoken_of_it(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    before = (await site.get("/api/v1/events/lvk:S1")).json()["as_of"]["seq"]
    await story.event("S1")
    after = await caught_up(site, len(story.journal.stored))
    assert (await site.get("/api/v1/events/lvk:S1")).json()["key"] == "lvk:S1"
    assert before < after


async def test_what_is_no_matter_of_the_journal_says_nothing_of_entries(site: httpx.AsyncClient) -> None:
    for path in ("/api/v1/nothing", "/nothing"):
        assert "as_of" not in (await site.get(path, headers=BROWSER)).json()


async def test_a_hostile_name_is_text(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    await caught_up(site, len(story.journal.stored))
    text = (await site.get('/?event="><script>alert(1)</script>', headers=BROWSER)).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
