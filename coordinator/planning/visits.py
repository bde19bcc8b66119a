"""Visits by name: passes over the same sky, and how long after its first look each comes."""

from collections.abc import Sequence

from coordinator.planning.request import VisitSpec

GAP_S = {"2": 1800.0, "3": 64800.0}
"""After the same sky's first look: movers and colours half an hour later, fading ones the next night."""

SEARCH = ("1", "2", "3")
"""What a search asks for when nobody says otherwise."""


def visits_named(names: Sequence[str]) -> tuple[VisitSpec, ...]:
    """Return visits by their names, in order; 2 and 3 keep their distance from the first look."""
    return tuple(VisitSpec(name, min_gap_s=GAP_S.get(name, 0.0) if i else 0.0) for i, name in enumerate(names))


def name_problem(names: Sequence[str]) -> str | None:
    """Say what is wrong with a list of visits; None: nothing.

    A follow-up is asked for by its candidate, so no visit of a search may be called one.
    """
    if not names:
        return "names no visit"
    if len(set(names)) < len(names):
        return "names a visit twice"
    odd = [n for n in names if not n.strip() or n != n.strip() or n.startswith("follow-up:")]
    return f"{odd[0]!r} cannot be the name of a visit of a search" if odd else None
