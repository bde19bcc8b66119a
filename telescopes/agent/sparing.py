"""A log that somebody else's words cannot fill: so many lines a minute, then only how many there were."""

import logging
from collections.abc import Callable

from telescopes.description.clocks import LinkTime

MOST_LINES = 100
SPAN_S = 60.0


class SparingLog:
    """Tells the first lines of each span, and how many more there were.

    Parameters
    ----------
    log : logging.Logger
        Where lines go.
    link_now : callable
        Link time.
    """

    def __init__(self, log: logging.Logger, link_now: Callable[[], LinkTime]) -> None:
        self._log = log
        self._link_now = link_now
        self._since = link_now()
        self._lines = 0

    def tell_rest(self) -> None:
        """Say how many lines were left out, where no other line may come to say it, and begin anew."""
        if self._lines > MOST_LINES:
            self._log.warning("%d lines like the last ones were left out", self._lines - MOST_LINES)
        self._since, self._lines = self._link_now(), 0

    def tell(self, level: int, line: str, *words: object) -> None:
        """Log a line if there is room for it."""
        if self._link_now() - self._since >= SPAN_S:
            self.tell_rest()
        self._lines += 1
        if self._lines <= MOST_LINES:
            self._log.log(level, line, *words)
        elif self._lines == MOST_LINES + 1:
            self._log.warning("more such lines are left out for up to %.0f s", SPAN_S)
