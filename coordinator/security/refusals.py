"""How refusals are told and answered: once a minute in the log, and one after the other to who goes too fast."""

from collections.abc import Callable
from dataclasses import dataclass

SILENT_S = 60.0
APART_S = 0.05
LATEST_S = 5.0
"""Well within an agent's own deadline of ten seconds: it would not hear a later answer."""


@dataclass(slots=True)
class _Told:
    at_s: float
    since: int = 0


class Refusals:
    """Counts refusals by who was refused and why, and spreads them.

    Parameters
    ----------
    link_now : callable
        Link time, seconds.
    """

    def __init__(self, link_now: Callable[[], float]) -> None:
        self._link_now = link_now
        self._told: dict[tuple[str, str], _Told] = {}
        self._next_s: dict[str, float] = {}

    def note(self, who: str, reason: str) -> int:
        """Count one more.

        Returns
        -------
        int
            How many there were since it was last told of, this one included, if it is to be told now; else 0.
        """
        now_s = self._link_now()
        told = self._told.get((who, reason))
        if told is None:
            self._told[who, reason] = _Told(now_s)
            return 1
        told.since += 1
        if now_s - told.at_s < SILENT_S:
            return 0
        count, told.since, told.at_s = told.since, 0, now_s
        return count

    def answer_in_s(self, who: str) -> float:
        """Say how long somebody waits for a refusal: the first comes at once, more than some a second to nobody.

        A peer has a hundred calls open at most on a connection, so it cannot send faster than it is answered.
        """
        now_s = self._link_now()
        at_s = min(max(now_s, self._next_s.get(who, now_s)), now_s + LATEST_S)
        self._next_s[who] = at_s + APART_S
        return at_s - now_s
