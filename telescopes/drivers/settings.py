"""A driver's own settings, the other keys of `[driver]` in the site file, checked with all mistakes in one go."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telescopes.description.problems import Problem, refusal
from telescopes.description.section import Section, Within
from telescopes.description.telescope import Telescope

SPAN = Within(0, 86_400, "seconds", positive=True)


@contextmanager
def settings_of(telescope: Telescope) -> Iterator[Section]:
    """Read a driver's settings; what is wrong, unknown keys included, is told when all are read.

    Raises
    ------
    Refused
        Naming every problem.
    """
    problems: list[Problem] = []
    section = Section(dict(telescope.driver.settings), "driver", telescope.id, problems)
    yield section
    section.close()
    if problems:
        raise refusal(problems, telescope.id)


def folder(section: Section, key: str, meant_for: str) -> Path:
    """Read a folder that must be there."""
    path = optional_folder(section, key, meant_for)
    if path is None and not section.has(key):
        section.note(key, "is missing", f"name the folder {meant_for}")
    return path or Path()


def optional_folder(section: Section, key: str, meant_for: str) -> Path | None:
    """Read a folder that may be left out; the one that is named must be there."""
    text = section.optional_text(key)
    if text is None:
        return None
    if not Path(text).is_dir():
        section.note(key, f"there is no folder {text!r}", f"make the folder {meant_for}")
    return Path(text)


def own_filters(section: Section, telescope: Telescope) -> dict[str, str]:
    """Read how the site calls our filters; one that is not named is called the same."""
    table = section.section("filters")
    ours = dict.fromkeys(name for instrument in telescope.instruments for name in instrument.filters)
    names = {ours_: table.text(ours_, ours_) for ours_ in ours}
    table.close()
    for twice in sorted({name for name in names.values() if list(names.values()).count(name) > 1}):
        section.note("filters", f"{twice!r} stands for two filters", "give each filter a name of its own")
    return names
