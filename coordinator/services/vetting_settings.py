"""What the config file may say of odds and verdicts: the table `[vetting]`."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from coordinator.vetting.kinds import SHARES, UNRELATED
from coordinator.vetting.rule import CAPS, USUAL, OddsRule


@dataclass(frozen=True, slots=True)
class VettingSettings:
    """How candidates are judged.

    Attributes
    ----------
    promising, possible : float
        Probabilities from which a candidate is called so.
    q : float
        What stands for a chance that nobody knows: that the counterpart's sky was searched, that it was bright enough.
    density_deg2 : float, optional
        Unrelated candidates per square degree; None: taken from the run itself.
    shares : mapping of kind to float
        What the unrelated are made of, in proportion; what is not named keeps its own.
    caps : mapping of group to two floats
        Least and most that the checks of a group say together; what is not named keeps its own.
    """

    promising: float = USUAL.promising
    possible: float = USUAL.possible
    q: float = USUAL.q
    density_deg2: float | None = None
    shares: dict[str, float] = field(default_factory=dict)
    caps: dict[str, tuple[float, float]] = field(default_factory=dict)

    def rule(self) -> OddsRule:
        """Return the rule that they make."""
        return OddsRule(
            self.promising,
            self.possible,
            self.q,
            self.density_deg2,
            {kind: self.shares.get(kind, SHARES[kind]) for kind in UNRELATED},
            {**CAPS, **self.caps},
        )


def vetting_problems(table: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name what has the right type in `[vetting]` and cannot be meant: a key within it, what is wrong, the mend."""
    promising, possible = (_number(table.get(name, getattr(USUAL, name))) for name in ("promising", "possible"))
    if promising is not None and possible is not None and possible > promising:
        yield "possible", f"{possible:g} is above promising, {promising:g}", f"give {promising:g} or less"
    shares = table.get("shares")
    if isinstance(shares, dict):
        yield from _share_problems(shares)
    caps = table.get("caps")
    if isinstance(caps, dict):
        yield from _cap_problems(caps)


def _share_problems(shares: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, share in shares.items():
        value = _number(share)
        if name not in UNRELATED:
            yield f"shares.{name}", "is no kind", f"give one of {', '.join(UNRELATED)}"
        elif value is not None and not 0.0 <= value < math.inf:
            yield f"shares.{name}", f"{share!r} cannot be used", "give 0 or more; shares count in proportion"
    if all(_number(shares.get(kind, SHARES[kind])) == 0.0 for kind in UNRELATED):
        yield "shares", "all of them are 0", "give at least one kind a share above 0"


def _cap_problems(caps: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, cap in caps.items():
        if name not in CAPS:
            yield f"caps.{name}", "is no group of checks", f"give one of {', '.join(CAPS)}"
        elif isinstance(cap, list) and len(cap) == 2:
            low, high = map(_number, cap)
            if low is not None and high is not None and not -math.inf < low <= 0.0 <= high < math.inf:
                yield f"caps.{name}", f"{cap!r} cannot be used", "give two numbers, 0 or below and 0 or above"


def _number(value: object) -> float | None:
    """Return a number; None: it is none, which has been named already."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
