"""What the agents of a running observatory remember, held against its journal."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from builders.running import GENEROUS_S, Running, poll
from coordinator.services.state import ObservatoryState
from telescopes.description.states import PointingState

RAN_OUT = PointingState.EXPIRED.value
WITHOUT_A_LOOK = {PointingState.REVOKED.value, PointingState.REJECTED.value, PointingState.FAILED.value}


def wait_for_agreement(running: Running, at_most_s: float = GENEROUS_S) -> None:
    """Wait until agents and journal think the same of every pointing; fail with what they do not agree on."""
    left: list[str] = []

    def agree() -> bool:
        left[:] = disagreements(running)
        return not left

    try:
        poll("what the agents hold is what the journal says", agree, at_most_s)
    except AssertionError as late:
        raise AssertionError(f"{late}: {left}") from None


def disagreements(running: Running) -> list[str]:
    """Pointings of which an agent, with everything acknowledged, and the journal think differently."""
    before = running.head()
    try:
        agents = {one: memory(running, one) for one in running.telescopes}
    except (sqlite3.Error, OSError) as torn:
        return [f"copied while it was written: {torn}"]
    state = running.state()
    moved = {s.entry.subject for s in running.read(before)}  # meanwhile: those are compared the next time
    return [
        f"{pointing}: {said} at the agent, {known(state, pointing)} in the journal"
        for one, (waiting, pointings) in agents.items()
        if not waiting
        for pointing, said in pointings.items()
        if pointing not in moved and not alike(said, known(state, pointing))
    ]


def alike(said: str, known: str) -> bool:
    """Say whether an agent and the journal mean the same.

    What ran out while the coordinator could not reach an agent stays so, whatever the agent made of it when it heard of
    it, unless it has looked.
    """
    return said == known or (known == RAN_OUT and said in WITHOUT_A_LOOK)


def known(state: ObservatoryState, pointing: str) -> str:
    mine = state.pointings.assignments.get(pointing)
    return "nothing" if mine is None else mine.state.value


def memory(running: Running, telescope: str) -> tuple[int, dict[str, str]]:
    """How many reports an agent has not had acknowledged, and where its pointings stand; read from a copy."""
    folder = running.stage.state / "agents" / telescope
    with TemporaryDirectory() as copies:
        for part in folder.glob("agent.sqlite*"):
            shutil.copy(part, copies)
        with closing(sqlite3.connect(Path(copies) / "agent.sqlite")) as db:
            (waiting,) = db.execute("SELECT COUNT(*) FROM report").fetchone()
            return waiting, dict(db.execute("SELECT pointing_id, state FROM pointing").fetchall())
