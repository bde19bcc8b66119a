"""`armillary pause`, `resume`, `veto` and `maintenance`, over a real port."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import typer
from builders.operator_port import NOW, serving
from typer.testing import CliRunner

from coordinator.cli import telescope
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope
from coordinator.gateway.operator_service import OperatorService
from telescopes.description.errors import Refused


@pytest.fixture
def desk() -> LoopbackDesk:
    return LoopbackDesk({"tca": LoopbackTelescope("tca", heartbeat_s=1.0)}, NOW)


@pytest.fixture
async def state(tmp_path: Path, desk: LoopbackDesk) -> AsyncIterator[Path]:
    async with serving(tmp_path, OperatorService(desk)) as folder:
        yield folder


async def run(state: Path, *words: str) -> tuple[str, BaseException | None]:
    app = typer.Typer()
    telescope.register(app)
    arguments = (*words, "--because", "dome", "--operator", "Ada", "--state", str(state))
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    return result.stdout, result.exception


SPAN = ("--from", "2026-12-01T08:00", "--to", "2026-12-01T18:00:00+02:00")


@pytest.mark.parametrize(
    ("words", "said", "acted"),
    [
        (("pause", "tca"), "tca: paused", ("pause", "tca", {})),
        (("resume", "tca"), "tca: resumed", ("resume", "tca", {})),
        (
            ("resume", "tca", "--event", "lvk:S1"),
            "tca: lvk:S1 is welcome again",
            ("allow_event", "tca", {"event": "lvk:S1"}),
        ),
        (("veto", "p-1"), "p-1: vetoed", ("veto", "p-1", {})),
        (("veto", "tca", "--night"), "tca: the night is vetoed", ("veto_night", "tca", {})),
        (
            ("veto", "tca", "--event", "lvk:S1"),
            "tca: lvk:S1 is vetoed",
            ("veto_event", "tca", {"event": "lvk:S1"}),
        ),
        (
            ("maintenance", "tca", *SPAN),
            "tca: maintenance from 2026-12-01T08:00:00Z to 2026-12-01T16:00:00Z",
            (
                "maintenance",
                "tca",
                {"start": "2026-12-01T08:00:00+00:00", "end": "2026-12-01T16:00:00+00:00"},
            ),
        ),
        (("maintenance", "tca", "--cancel"), "tca: maintenance taken back", ("cancel_maintenance", "tca", {})),
    ],
)
async def test_a_persons_word_reaches_the_observatory(
    state: Path, desk: LoopbackDesk, words: tuple[str, ...], said: str, acted: tuple[object, ...]
) -> None:
    out, error = await run(state, *words)
    assert (out, error) == (f"{said}, entry 1\n", None)
    (one,) = desk.actions.values()
    assert (one.action, one.subject, one.details) == acted
    assert (one.operator, one.reason) == ("Ada", "dome")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pause", "tcx"), "tcx: was not done (NOT_FOUND"),
        (("veto", "tca", "--event", "S1"), "--event: 'S1' is no event key; give namespace:id"),
        (("resume", "tca", "--event", ""), "--event: '' is no event key; give namespace:id"),
        (("veto", "tca", "--event", "lvk:S1", "--night"), "wants one of --event and --night"),
        (("maintenance", "tca", "--from", "2026-12-01"), "has no begin or no end"),
        (("maintenance", "tca", "--from", "soon", "--to", "later"), "--from: 'soon' is no instant"),
        (("maintenance", "tca", "--cancel", *SPAN), "--cancel takes all of it back"),
    ],
)
async def test_a_word_that_cannot_be_taken_is_refused_in_one_line(
    state: Path, desk: LoopbackDesk, words: tuple[str, ...], said: str
) -> None:
    _, error = await run(state, *words)
    assert isinstance(error, Refused)
    assert said in str(error)
    assert not desk.actions
