"""How far the search of an event is, against time: planned, observed, and what no plan can exceed."""

import asyncio
from datetime import datetime
from typing import Any

from coordinator.dashboard.board import Board
from coordinator.dashboard.sky.coverage import Look, Step, coverage_steps
from coordinator.dashboard.sky.history import History
from coordinator.dashboard.sky.scene import epoch_of
from coordinator.dashboard.views import iso
from coordinator.events.event import Event


async def coverage_of(board: Board, event: Event, history: History) -> dict[str, Any]:
    """Return steps as (seconds after the epoch, probability); None: unknown."""
    epoch, sky = epoch_of(event), board.skies.known(event.skymap_sha256)
    book = board.state.pointings
    looks: list[Look] = [(a.since, book.ranges(a)) for a in book.of_event(event.key) if a.observed]
    steps = None if sky is None else await asyncio.to_thread(coverage_steps, sky.curve, looks)
    planned = [(p["at"], p["planned"]) for p in history.plans if p["planned"] is not None]
    figures = board.planned_figures.get(event.key) or {}
    return {
        "epoch": iso(epoch),
        "skymap_sha256": event.skymap_sha256,
        "observed": None if steps is None else [_step(step, epoch) for step in steps],
        "planned": [_step(step, epoch) for step in planned],
        "bound": figures.get("bound"),
        "bound_kind": figures.get("bound_kind"),
        "now_s": _seconds(board.clock.now(), epoch),
    }


def _step(step: Step, epoch: datetime) -> list[float]:
    return [_seconds(step[0], epoch), step[1]]


def _seconds(at: datetime, epoch: datetime) -> float:
    return round((at - epoch).total_seconds(), 1)
