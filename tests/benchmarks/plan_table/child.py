"""A program that another interpreter runs, and the CPU time that it takes."""

import os
import resource
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from telescopes.description.errors import Refused, RetryLater


@dataclass(frozen=True, slots=True)
class Child:
    """Where programs run: an interpreter, a folder that is also their home, and the wall seconds they may take."""

    python: str
    folder: Path
    most_s: float

    def run(self, program: str, arguments: Sequence[str]) -> float:
        """Run a program given as text; return its CPU seconds."""
        begin = _children_s()
        environment = os.environ | {"HOME": str(self.folder), "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1"}
        environment.pop("PYTHONPATH", None)
        try:
            done = subprocess.run(
                [self.python, "-c", program, *arguments], cwd=self.folder, env=environment,
                capture_output=True, text=True, check=False, timeout=self.most_s,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise RetryLater(
                f"has not finished in {self.most_s:.0f} s", where=self.python, mend="leave this planner out"
            ) from error
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["nothing was printed"])[-1]
            raise Refused(f"failed: {last[:200]}", where=self.python, mend="run it by hand to see why")
        return _children_s() - begin


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
