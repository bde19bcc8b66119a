"""What the agents of a running observatory remember, held against its journal."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from builders.running import Running
from coordinator.services.state import ObservatoryState


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
        if pointing not in moved and said != known(state, pointing)
    ]


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
