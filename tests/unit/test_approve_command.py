"""`armillary approve` and `dismiss`, over a real port."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import typer
from builders.operator_port import NOW, serving
from typer.testing import CliRunner

from coordinator.cli import approve, candidate
from coordinator.gateway.loopback import LoopbackDesk
from coordinator.gateway.operator_service import OperatorService
from telescopes.description.errors import Refused


@pytest.fixture
def desk() -> LoopbackDesk:
    return LoopbackDesk({}, NOW)


@pytest.fixture
async def state(tmp_path: Path, desk: LoopbackDesk) -> AsyncIterator[Path]:
    async with serving(tmp_path, OperatorService(desk)) as folder:
        yield folder


async def run(*arguments: str) -> tuple[str, BaseException | None]:
    app = typer.Typer()
    approve.register(app)
    candidate.register(app)
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    return result.stdout, result.exception


async def test_a_person_approves_and_dismisses(state: Path, desk: LoopbackDesk) -> None:
    said, _ = await run("approve", "lvk:S1", "--reason", "it looks real", "--operator", "Ada", "--state", str(state))
    assert said == "lvk:S1: approved, entry 1\n"
    said, _ = await run("dismiss", "lvk:S1", "--reason", "noise", "--state", str(state))
    assert said == "lvk:S1: dismissed, entry 2\n"
    first, second = desk.actions.values()
    assert (first.action, first.subject, first.operator, first.reason) == ("approve", "lvk:S1", "Ada", "it looks real")
    assert second.action == "dismiss" and second.operator


async def test_a_word_that_cannot_be_taken_is_refused_in_one_line(state: Path) -> None:
    _, error = await run("approve", "lvk:", "--reason", "x", "--state", str(state))
    assert isinstance(error, Refused)
    assert str(error) == "EVENT: 'lvk:' is no event key; give namespace:id, as in lvk:S190814bv"
    _, error = await run("dismiss", "S1", "--reason", "x", "--state", str(state))
    assert str(error) == "EVENT: 'S1' is no event key; give namespace:id, as in lvk:S190814bv"


async def test_a_person_says_yes_to_a_pointing(state: Path, desk: LoopbackDesk) -> None:
    said, _ = await run("approve", "p-1", "--reason", "it is clear", "--operator", "Ada", "--state", str(state))
    assert said == "p-1: approved, entry 1\n"
    (one,) = desk.actions.values()
    assert (one.action, one.subject, one.operator) == ("approve_pointing", "p-1", "Ada")


async def test_a_person_marks_a_candidate_comments_it_and_takes_the_mark_back(state: Path, desk: LoopbackDesk) -> None:
    where, me = ("--state", str(state)), ("--operator", "Ada")
    said, _ = await run("candidate", "mark", "lvk:S1", "0a1b2c3d4e5f", "counterpart", "--reason", "fades", *me, *where)
    assert said == "lvk:S1 0a1b2c3d4e5f: counterpart, entry 1\n"
    said, _ = await run("candidate", "comment", "lvk:S1", "0a1b2c3d4e5f", "a spectrum tonight", *me, *where)
    assert said == "lvk:S1 0a1b2c3d4e5f: commented, entry 2\n"
    await run("candidate", "mark", "lvk:S1", "0a1b2c3d4e5f", "withdrawn", "--reason", "a star", *me, *where)
    mark, comment, back = desk.actions.values()
    assert (mark.action, mark.subject, mark.reason) == ("mark_candidate", "0a1b2c3d4e5f", "fades")
    assert (mark.details, back.details) == (
        {"event": "lvk:S1", "as": "counterpart"},
        {"event": "lvk:S1", "as": "withdrawn"},
    )
    assert (comment.action, comment.reason) == ("comment_candidate", "a spectrum tonight")


async def test_a_mark_on_what_is_no_event_is_refused_before_it_is_sent(state: Path, desk: LoopbackDesk) -> None:
    _, error = await run("candidate", "mark", "S1", "0a1b2c3d4e5f", "rejected", "--reason", "x", "--state", str(state))
    assert isinstance(error, Refused) and desk.actions == {}


async def test_a_person_says_yes_to_a_look_at_a_candidate(state: Path, desk: LoopbackDesk) -> None:
    visit = "follow-up:1f2e3d4c5b6a:r:1"
    said, _ = await run("approve", visit, "--reason", "worth it", "--operator", "Ada", "--state", str(state))
    assert said == f"{visit}: approved, entry 1\n"
    (one,) = desk.actions.values()
    assert (one.action, one.subject) == ("approve_pointing", visit)
