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


def refusal(problems: Sequence[Problem], where: str) -> Refused:
    """Put all problems into one error; a single one keeps its own place and mend."""
    if len(problems) == 1:
        (one,) = problems
        return Refused(one.what, where=f"{one.file}: {one.key}", mend=one.mend, reason="CONFIG")
    said = " | ".join(str(problem) for problem in problems)
    return Refused(f"{len(problems)} problems", where=where, mend=said, reason="CONFIG")
