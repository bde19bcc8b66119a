"""One suite over every journal: what any user of a journal may rely on."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coordinator.services.journal import EVERYTHING, Entry, InMemoryJournal, Journal, Only, Writer
from coordinator.store.journal import SqliteJournal
from telescopes.description.errors import Broken

SKY = datetime(2026, 8, 17, 12, 41, 4, 430000, tzinfo=UTC)


def an_entry(kind: str = "plan_made", telescope: str | None = None, **body: object) -> Entry:
    return Entry(kind, body, sky_time=SKY, event="lvk:S170817", telescope=telescope, subject="p-1", cause="7")


@pytest.fixture(params=["memory", "sqlite"])
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Journal]:
    if request.param == "memory":
        yield InMemoryJournal()
        return
    opened = SqliteJournal(tmp_path / "journal.db", now=lambda: datetime.now(UTC))
    yield opened
    await opened.close()


async def test_sequence_numbers_are_dense_and_appends_stay_together(journal: Journal) -> None:
    writer = await Writer.elected(journal, "scheduler")
    head = (await journal.info()).head_seq
    batches = await asyncio.gather(*(writer.append([an_entry(n=n), an_entry(n=n)]) for n in range(20)))
    tail = await journal.read(head)
    assert [s.seq for s in tail.entries] == list(range(head + 1, head + 41))
    assert tail.head_seq == head + 40
    for batch in batches:
        assert batch[1].seq == batch[0].seq + 1
        assert batch[0].entry.body == batch[1].entry.body


async def test_what_is_read_is_what_was_appended(journal: Journal) -> None:
    writer = await Writer.elected(journal, "scheduler")
    body = {"text": "naïve <b>", "unknown": None, "number": 0.1 + 0.2, "list": [1, {"a": True}], "big": 2**53 - 1}
    (stored,) = await writer.append([an_entry(telescope="tca", **body)])
    (found,) = (await journal.read(stored.seq - 1)).entries
    assert found == stored
    assert found.entry == an_entry(telescope="tca", **body)
    assert (found.writer, found.epoch) == ("scheduler", writer.epoch)


async def test_the_same_append_again_stores_nothing_and_answers_the_same(journal: Journal) -> None:
    writer = await Writer.elected(journal, "scheduler")
    first = await writer.append([an_entry(n=1), an_entry(n=2)], append_id="a")
    head = (await journal.info()).head_seq
    assert await writer.append([an_entry(n=1), an_entry(n=2)], append_id="a") == first
    assert (await journal.info()).head_seq == head


async def test_the_same_append_twice_at_once_is_stored_once(journal: Journal) -> None:
    writer = await Writer.elected(journal, "scheduler")
    one, two = await asyncio.gather(*(writer.append([an_entry()], append_id="a") for _ in range(2)))
    assert one == two


async def test_a_replaced_writer_fails_alone(journal: Journal) -> None:
    old = await Writer.elected(journal, "scheduler")
    new = await Writer.elected(journal, "scheduler")
    vetter = await Writer.elected(journal, "vetter")
    head = (await journal.info()).head_seq
    results = await asyncio.gather(
        new.append([an_entry(n=1)]), old.append([an_entry(n=2)]), vetter.append([an_entry(n=3)]), return_exceptions=True
    )
    assert isinstance(results[1], Broken)
    assert [s.entry.body["n"] for s in (await journal.read(head)).entries] == [1, 3]


async def test_nobody_writes_without_an_election(journal: Journal) -> None:
    with pytest.raises(Broken):
        await journal.append([an_entry()], writer="scheduler", epoch=0, append_id="a")


async def test_an_election_is_itself_a_fact(journal: Journal) -> None:
    first = await journal.elect("scheduler")
    assert await journal.elect("scheduler") == first + 1
    found = (await journal.read(0, only=Only(frozenset({"writer_elected"})))).entries
    assert found[-1].entry.body == {"role": "scheduler", "epoch": first + 1}


async def test_filters_pass_only_what_they_name(journal: Journal) -> None:
    writer = await Writer.elected(journal, "scheduler")
    await writer.append([an_entry("pointing_offered", "tca"), an_entry("pointing_offered", "tch"), an_entry()])
    head = (await journal.info()).head_seq
    tca = await journal.read(0, only=Only(telescope="tca"))
    assert [s.entry.telescope for s in tca.entries] == ["tca"]
    assert tca.head_seq == head
    offers = await journal.read(0, only=Only(frozenset({"pointing_offered"})))
    assert len(offers.entries) == 2
    assert (await journal.read(0, only=Only(frozenset()))).entries == ()


async def test_a_limited_read_goes_on_where_it_stopped(journal: Journal) -> None:
    writer = await Writer.elected(journal, "scheduler")
    await writer.append([an_entry("a" if n % 2 else "b", n=n) for n in range(10)])
    only = Only(frozenset({"a"}))
    first = await journal.read(0, only=only, limit=3)
    rest = await journal.read(first.head_seq, only=only, limit=3)
    assert [s.entry.body["n"] for s in first.entries + rest.entries] == [1, 3, 5, 7, 9]
    assert rest.head_seq == (await journal.info()).head_seq


async def test_following_wakes_for_what_passes_the_filter(journal: Journal) -> None:
    writer = await Writer.elected(journal, "scheduler")
    head = (await journal.info()).head_seq
    following = asyncio.create_task(journal.follow(head, only=Only(telescope="tca"), wait_s=30.0))
    await asyncio.sleep(0)
    await writer.append([an_entry(telescope="tch")])
    assert not following.done()
    await writer.append([an_entry(telescope="tca")])
    tail = await following
    assert [s.entry.telescope for s in tail.entries] == ["tca"]
    assert tail.head_seq == head + 2


async def test_following_ends_empty_when_nothing_comes(journal: Journal) -> None:
    head = (await journal.info()).head_seq
    assert await journal.follow(head, only=EVERYTHING, wait_s=0.0) == await journal.read(head)


async def test_an_empty_append_is_remembered_too(journal: Journal) -> None:
    writer = await Writer.elected(journal, "scheduler")
    assert await writer.append([], append_id="a") == ()
    assert await writer.append([an_entry()], append_id="a") == ()


async def test_a_body_above_64_kib_is_refused_whole(journal: Journal) -> None:
    writer = await Writer.elected(journal, "scheduler")
    head = (await journal.info()).head_seq
    with pytest.raises(Broken, match="blob"):
        await writer.append([an_entry(), an_entry(text="x" * 70_000)])
    assert (await journal.info()).head_seq == head
