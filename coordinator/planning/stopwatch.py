"""Where the time of a plan went, by clocks that are handed in; it is reported, and decides nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Clock = Callable[[], float]
"""Seconds since some fixed instant."""


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage, since it was made; without clocks nothing is timed, and nothing reported."""

    wall: Clock | None = None
    cpu: Clock | None = None
    spent_s: dict[str, float] = field(default_factory=dict)
    _began_s: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        self._began_s = _read(self.wall), _read(self.cpu)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside to a stage, also if it fails."""
        begin_s = _read(self.wall)
        try:
            yield
        finally:
            self.spent_s[name] = self.spent_s.get(name, 0.0) + _read(self.wall) - begin_s

    def timing(self) -> dict[str, float]:
        """Return the timing block of a plan, as far as there are clocks."""
        found: dict[str, float] = {}
        if self.wall is not None:
            found |= {name: round(self.spent_s.get(name, 0.0), 4) for name in ("visibility_s", "tiles_s", "allocate_s")}
            found["total_s"] = round(self.wall() - self._began_s[0], 4)
        if self.cpu is not None:
            found["cpu_s"] = round(self.cpu() - self._began_s[1], 4)
        return found


def _read(clock: Clock | None) -> float:
    return 0.0 if clock is None else clock()
