"""How far the search of an event is, against hours since T0: planned, observed, and what no plan can exceed (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coordinator.dashboard.charts import BOTTOM, LEFT, RIGHT, TOP, Scale, Tick

WIDTH, HEIGHT = 480.0, 220.0
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class CoverageChart:
    """Lines as SVG takes them; empty or None: unknown."""

    observed: str
    planned: str
    bound: float | None
    now: float
    hours: tuple[Tick, ...]
    shares: tuple[Tick, ...]
    width: float = WIDTH
    height: float = HEIGHT


def coverage_chart(told: Mapping[str, Any]) -> CoverageChart:
    """Draw what `coverage_of` tells.

    Parameters
    ----------
    told : mapping
        `observed` and `planned` as (seconds after T0, probability), `bound`, `now_s`.
    """
    observed, planned, now_s = told["observed"], told["planned"], told["now_s"]
    times = [at for at, _ in [*(observed or ()), *planned]]
    x = Scale(min([0.0, *times]) / HOUR_S, max([now_s, *times, 60.0]) / HOUR_S, LEFT, WIDTH - RIGHT)
    y = Scale(1.0, 0.0, TOP, HEIGHT - BOTTOM)
    end = max([now_s, *times])
    return CoverageChart(
        "" if observed is None else _stairs([(0.0, 0.0), *observed], end, x, y),
        _stairs(planned, end, x, y),
        None if told["bound"] is None else y.at(told["bound"]),
        now=x.at(now_s / HOUR_S),
        hours=x.ticks(),
        shares=tuple(Tick(y.at(share), f"{share:.2f}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)),
    )


def _stairs(steps: Sequence[Sequence[float]], end_s: float, x: Scale, y: Scale) -> str:
    """Return a path that stays where it is until the next step."""
    corners: list[str] = []
    for (at, share), after in zip(steps, [*(at for at, _ in steps), end_s][1:], strict=True):
        corners += [f"{x.at(at / HOUR_S)},{y.at(share)}", f"{x.at(after / HOUR_S)},{y.at(share)}"]
    return " ".join(corners)
