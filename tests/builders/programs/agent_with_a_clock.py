"""The agent of a simulated telescope, whose machine's clock is as wrong as the file `clock_error_s` in its state says.

``python agent_with_a_clock.py CONFIG WORLD STATE``
"""

import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from coordinator.cli.agent_process import Drill, run_agent

CONFIG, WORLD, STATE = (Path(word) for word in sys.argv[1:])


def utc_now() -> datetime:
    """Return what the clock of this machine shows."""
    error_s = 0.0
    with suppress(FileNotFoundError):
        error_s = float((STATE / "clock_error_s").read_text())
    return datetime.now(UTC) + timedelta(seconds=error_s)


run_agent(CONFIG, STATE, Drill(WORLD), utc_now)
