"""What is wrong with a configuration file: every problem, with file, key and mend."""

from collections.abc import Sequence
from dataclasses import dataclass

from telescopes.description.errors import Refused


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file.

    `key` is the dotted path of a key, or says which part of the file it is.
    """

    file: str
    key: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.what}; {self.mend}"


class ConfigRefused(Refused):
    """A configuration that makes no sense; `problems` has each mistake for whoever gives them a line each."""

    def __init__(self, what: str, *, where: str, mend: str, problems: Sequence[Problem]) -> None:
        super().__init__(what, where=where, mend=mend, reason="CONFIG")
        self.problems = tuple(problems)


def refusal(problems: Sequence[Problem], where: str) -> ConfigRefused:
    """Put all problems into one error; a single one keeps its own place and mend."""
    if len(problems) == 1:
        (one,) = problems
        return ConfigRefused(one.what, where=f"{one.file}: {one.key}", mend=one.mend, problems=problems)
    said = " | ".join(str(problem) for problem in problems)
    return ConfigRefused(f"{len(problems)} problems", where=where, mend=said, problems=problems)


def within(problems: Sequence[Problem], part: str) -> tuple[str, ...]:
    """Return the keys of the problems that lie in a part of the file, such as ``link`` or ``link.gateway``."""
    return tuple(p.key for p in problems if p.key == part or p.key.startswith((f"{part}.", f"{part}[")))
