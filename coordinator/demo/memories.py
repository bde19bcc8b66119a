"""What the agents of a demonstration remember; an agent that runs keeps its memory to itself."""

import sqlite3
from contextlib import closing
from pathlib import Path

from coordinator.demo.stage import Stage


def detections_sent(stage: Stage) -> int:
    """How many detections the agents have made, by their own memories; each is sent until it is acknowledged."""
    return sum(
        _ask(path, "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'detection'") for path in _all(stage)
    )


def _all(stage: Stage) -> list[Path]:
    return sorted((stage.state / "agents").glob("*/agent.sqlite"))


def _ask(path: Path, question: str) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as memory:
        (answer,) = memory.execute(question).fetchone()
    return int(answer)
