"""In which ways a visit is searched, of which the best is taken."""

from dataclasses import replace

from coordinator.planning.request import Effort
from coordinator.planning.search_state import HALF_AND_MARGIN, HASTY, Search, Settings, Turns

PATIENT = (0.65, HALF_AND_MARGIN)
"""Own shares where depth does not count: what overlaps others more waits until slots would stay empty."""

OTHER_SHARES = ((0.75, HALF_AND_MARGIN), (0.9, 0.75, HALF_AND_MARGIN))
"""Own shares that effort best tries too."""

QUICK_ROUNDS = 0
"""What a first choice leaves is a per cent at most, and the plan of all hours follows: a quarter of the work."""

FEW_TELESCOPES = 6
FEW_POINTINGS = 120

TURNS: tuple[Turns, ...] = ("together", "deep first", "one by one")


def first_tries(effort: Effort, by_depth: bool, telescopes: int) -> list[Settings]:
    """Say what is tried first; with effort best several ways, with effort quick as little as there can be.

    Where depth counts the deepest choose first, because a wide shallow look bars deeper ones. One telescope alone has
    nobody to overlap with, so it need not be patient.
    """
    usual = Settings(turns="deep first") if by_depth else Settings(shares=PATIENT if telescopes > 1 else HASTY)
    if effort == "quick":
        return [replace(usual, rounds=QUICK_ROUNDS)]
    if effort != "best":
        return [usual]
    others: tuple[Turns, ...] = ("together", "one by one") if by_depth else ("one by one",)
    shares = [replace(usual, shares=shares) for shares in OTHER_SHARES]
    return [usual, *shares, *(replace(usual, turns=turns) for turns in others)]


def more_tries(found: Search, tried: Settings) -> list[Settings]:
    """Other turns where a few telescopes have little to do: there they cost little, and help most."""
    few = len(found.benches) > 1 and have_little_to_do(found)
    return [replace(tried, turns=turns) for turns in TURNS if turns != tried.turns] if few else []


def have_little_to_do(found: Search) -> bool:
    """Say whether a search is of few telescopes and few pointings."""
    return len(found.benches) <= FEW_TELESCOPES and sum(len(b.placed()) for b in found.benches) <= FEW_POINTINGS
