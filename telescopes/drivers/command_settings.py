"""What `[driver]` says for `command`: programs, and how patient the agent is with them."""

import shutil
from dataclasses import dataclass

from telescopes.description.section import Section, Within
from telescopes.description.telescope import Telescope
from telescopes.drivers.settings import SPAN, settings_of

GRACE = Within(0, 120, "seconds", positive=True)


@dataclass(frozen=True, slots=True)
class CommandSettings:
    """Programs as lists of words, and spans in seconds."""

    program: tuple[str, ...]
    safety: tuple[str, ...]
    park: tuple[str, ...]
    grace_s: float
    retry_after_s: float
    safety_every_s: float
    answer_within_s: float


def read_settings(telescope: Telescope) -> CommandSettings:
    """Read the driver's settings.

    Raises
    ------
    Refused
        Naming every problem.
    """
    with settings_of(telescope) as section:
        if not section.has("program"):
            section.note("program", "is missing", 'give a list of words such as ["/opt/site/observe", "--json"]')
        return CommandSettings(
            program=_program(section, "program"),
            safety=_program(section, "safety"),
            park=_program(section, "park"),
            grace_s=section.number("grace_s", GRACE, 10.0),
            retry_after_s=section.number("retry_after_s", SPAN, 30.0),
            safety_every_s=section.number("safety_every_s", SPAN, 15.0),
            answer_within_s=section.number("answer_within_s", SPAN, 20.0),
        )


def _program(section: Section, key: str) -> tuple[str, ...]:
    words = section.texts(key, ())
    if section.has(key) and not words:
        section.note(key, "is empty", "give a list of words, the program first")
    elif words and shutil.which(words[0]) is None:
        section.note(key, f"there is no program {words[0]!r}", "give its whole path, and make it executable")
    return words
