"""How refusals are told: the first at once, then their number once a minute."""

from collections.abc import Callable
from dataclasses import dataclass

SILENT_S = 60.0


@dataclass(slots=True)
class _Told:
    at_s: float
    since: int = 0


class Refusals:
    """Counts refusals by who was refused and why.

    Parameters
    ----------
    link_now : callable
        Link time, seconds.
    """

    def __init__(self, link_now: Callable[[], float]) -> None:
        self._link_now = link_now
        self._told: dict[tuple[str, str], _Told] = {}

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
