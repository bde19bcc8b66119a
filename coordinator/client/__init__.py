"""A client of the dashboard's REST for scripts: typed, with pages followed and errors in the three families."""

from coordinator.client.observatory import Observatory
from coordinator.client.words import (
    Candidate,
    Coverage,
    Event,
    LogRow,
    Plan,
    Pointing,
    Simulation,
    Status,
    Taken,
    Telescope,
    WhatIf,
)

__all__ = [
    "Candidate",
    "Coverage",
    "Event",
    "LogRow",
    "Observatory",
    "Plan",
    "Pointing",
    "Simulation",
    "Status",
    "Taken",
    "Telescope",
    "WhatIf",
]
