"""Read models follow the journal and can always be made again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coordinator.services.journal import Entry, InMemoryJournal, Stored, Writer
from coordinator.store.projection import Projection
from coordinator.store.read_models import Document, ReadModels

SKY = datetime(2026, 8, 17, tzinfo=UTC)


class LastWord:
    """The simplest fold: the last body of each subject."""

    def __init__(self) -> None:
        self.bodies: dict[str, dict[str, Any]] = {}

    def apply(self, stored: Stored) -> set[tuple[str, str]]:
        subject = stored.entry.subject
        if subject is None:
            return set()
        self.bodies[subject] = {**stored.entry.body, "event": stored.entry.event}
        return {("pointing", subject)}

    def document(self, kind: str, id: str) -> dict[str, Any] | None:
        return self.bodies.get(id)


def a_projection(journal: InMemoryJournal, models: ReadModels) -> Projection:
    fold = LastWord()
    return Projection(journal, fold, fold.document, models)


def moved(pointing: str, state: str, event: str = "e1") -> Entry:
    return Entry("pointing_moved", {"state": state}, sky_time=SKY, event=event, subject=pointing)


@pytest.fixture
def models(tmp_path: Path) -> Iterator[ReadModels]:
    opened = ReadModels(tmp_path / "read.db")
    yield opened
    opened.close()


def a_document(id: str, event: str | None = "e1", **body: Any) -> Document:
    return Document("pointing", id, event, 1, body)


def test_a_new_file_knows_nothing(models: ReadModels) -> None:
    assert models.applied_seq() == 0
    assert models.journal_id() is None
    assert models.get("pointing", "p1") is None
    assert models.list("pointing") == ()


def test_documents_are_found_by_kind_event_and_page(models: ReadModels) -> None:
    every = [a_document(f"p{n}", event="e1" if n % 2 else "e2", n=n) for n in range(6)]
    models.write([*every, Document("telescope", "tca", None, 1, {})], applied_seq=7)
    assert models.applied_seq() == 7
    assert models.get("pointing", "p3") == every[3]
    assert [d.id for d in models.list("pointing", event="e1")] == ["p1", "p3", "p5"]
    first = models.list("pointing", limit=4)
    assert [d.id for d in first + models.list("pointing", after=first[-1].id)] == [d.id for d in every]


def test_a_file_of_another_layout_is_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = ReadModels(tmp_path / "read.db")
    old.write([a_document("p1")], applied_seq=3)
    old.close()
    monkeypatch.setattr("coordinator.store.read_models.LAYOUT", "2")
    new = ReadModels(tmp_path / "read.db")
    assert (new.applied_seq(), new.list("pointing")) == (0, ())
    new.close()


async def test_the_projection_follows_the_journal(models: ReadModels) -> None:
    journal = InMemoryJournal()
    writer = await Writer.elected(journal, "scheduler")
    await writer.append([moved("p1", "offered"), moved("p2", "offered")])
    projection = a_projection(journal, models)
    await projection.catch_up()
    assert models.journal_id() == "memory"
    await writer.append([moved("p1", "accepted")])
    await projection.step()
    assert [d.body["state"] for d in models.list("pointing", event="e1")] == ["accepted", "offered"]
    assert models.applied_seq() == (await journal.info()).head_seq


@pytest.mark.parametrize("applied_seq", [0, 1, 999])
async def test_a_file_behind_or_ahead_of_the_journal_is_made_again(models: ReadModels, applied_seq: int) -> None:
    models.replace([a_document("p1", state="stale"), a_document("of-another-life")], "other", applied_seq)
    journal = InMemoryJournal()
    writer = await Writer.elected(journal, "scheduler")
    await writer.append([moved("p1", "offered")])
    await a_projection(journal, models).catch_up()
    assert [(d.id, d.body["state"]) for d in models.list("pointing")] == [("p1", "offered")]
    assert models.applied_seq() == (await journal.info()).head_seq
