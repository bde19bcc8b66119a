"""Where the time of a plan went; it is reported, and decides nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage."""

    spent_s: dict[str, float] = field(default_factory=dict)
    _wall_s: float = field(default_factory=time.perf_counter)
    _cpu_s: float = field(default_factory=time.process_time)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside to a stage."""
        begin = time.perf_counter()
        yield
        self.spent_s[name] = self.spent_s.get(name, 0.0) + time.perf_counter() - begin

    def timing(self) -> dict[str, float]:
        """Return the timing block of a plan."""
        stages = {name: round(self.spent_s.get(name, 0.0), 4) for name in ("visibility_s", "tiles_s", "allocate_s")}
        total = {
            "total_s": round(time.perf_counter() - self._wall_s, 4),
            "cpu_s": round(time.process_time() - self._cpu_s, 4),
        }
        return stages | total
