"""One colour for each telescope, the same in every picture and region file of a plan."""

from dataclasses import dataclass
from typing import Literal

from coordinator.publishing.planned_search import PlannedSearch

COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#8B1A1A",
    "#6A3D9A",
    "#7A7A00",
    "#E6194B",
    "#00A9B5",
    "#7FBC41",
    "#A0522D",
    "#F032E6",
    "#1B3A8A",
    "#B8860B",
    "#004D40",
    "#FF7F8F",
    "#5F6B6D",
    "#9F7FEF",
)
"""The first six are those of Okabe and Ito (2008), which colour-blind people tell apart."""

Line = Literal["solid", "dashed", "dotted", "dashdot"]
LINES: tuple[Line, ...] = ("solid", "dashed", "dotted", "dashdot")


@dataclass(frozen=True, slots=True)
class Pen:
    """How a telescope is drawn; when the colours are used up the style of the line tells."""

    colour: str
    line: Line


def pens(search: PlannedSearch) -> dict[str, Pen]:
    """Give each telescope a pen; those that work come first."""
    names = [t.id for t in search.summaries]
    names += sorted({p.telescope for p in search.pointings} - set(names))
    size = len(COLOURS)
    return {name: Pen(COLOURS[i % size], LINES[i // size % len(LINES)]) for i, name in enumerate(names)}
