"""`armillary point` and `withdraw`, over a real port."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import typer
from builders.operator_port import NOW, serving
from typer.testing import CliRunner

from coordinator.cli import point
from coordinator.dispatch.asked_for import name_of
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope
from coordinator.gateway.operator_service import OperatorService
from telescopes.description.errors import Refused

EVENT = "lvk:S1"


@pytest.fixture
def desk() -> LoopbackDesk:
    return LoopbackDesk({"tca": LoopbackTelescope("tca", heartbeat_s=1.0)}, NOW)


@pytest.fixture
async def state(tmp_path: Path, desk: LoopbackDesk) -> AsyncIterator[Path]:
    async with serving(tmp_path, OperatorService(desk)) as folder:
        yield folder


async def run(state: Path, *words: str) -> tuple[str, BaseException | None]:
    app = typer.Typer()
    point.register(app)
    arguments = (*words, "--because", "a galaxy", "--operator", "Ada", "--state", str(state))
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    return result.stdout, result.exception


async def test_a_place_is_asked_for_with_what_was_said_and_nothing_else(state: Path, desk: LoopbackDesk) -> None:
    more = ("--at", "197.45,-23.38", "--filter", "r", "--exposure", "60", "--count", "3", "--anyway")
    out, error = await run(state, "point", "tca", EVENT, *more, "--to", "2026-11-24T04:00")
    (action,) = desk.actions.values()
    assert (out, error) == (f"tca: asked for {name_of(action.action_id)}, entry 1\n", None)
    assert (action.action, action.subject, action.operator, action.reason) == (
        "ask_pointing", "tca", "Ada", "a galaxy",
    )  # fmt: skip
    assert action.details == {
        "event": EVENT, "ra_deg": "197.45", "dec_deg": "-23.38", "exposure_s": "60.0", "filter": "r", "count": "3",
        "end": "2026-11-24T04:00:00+00:00", "anyway": "yes",
    }  # fmt: skip


async def test_a_candidate_is_a_place_too_and_a_wish_is_withdrawn_by_its_name(state: Path, desk: LoopbackDesk) -> None:
    await run(state, "point", "tca", EVENT, "--candidate", "c1")
    out, _ = await run(state, "withdraw", "tca", "hand-123")
    asked, gone = desk.actions.values()
    assert asked.details == {"event": EVENT, "candidate": "c1"}
    assert (out, gone.action, gone.details) == (
        "tca: hand-123 withdrawn, entry 2\n", "withdraw_pointing", {"pointing": "hand-123"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (("point", "tca", EVENT, "--at", "north"), "is no place"),
        (("point", "tca", EVENT, "--at", "400,0"), "not between 0 and 360"),
        (("point", "nobody", EVENT, "--at", "1,2"), "no such telescope"),
        (("point", "tca", "S1", "--at", "1,2"), "EVENT"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_done(
    state: Path, desk: LoopbackDesk, words: tuple[str, ...], because: str
) -> None:
    _, error = await run(state, *words)
    assert isinstance(error, Refused)
    assert because in str(error)
    assert desk.actions == {}
