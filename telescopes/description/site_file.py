"""Site files: one TOML per telescope, and the survey's fields beside it; every problem is named in one go."""

import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import msgspec

from telescopes.description import site_parts
from telescopes.description.bounds import LONGEST_ID, MOST_INSTRUMENTS
from telescopes.description.field_grid import GridField, read_grid
from telescopes.description.problems import Problem, refusal
from telescopes.description.section import Section
from telescopes.description.telescope import Instrument, Telescope

ID_MEND = f"give at most {LONGEST_ID} lower-case letters, digits and hyphens, such as oaj-t80"


def default_sites_folder() -> Path:
    """Return the folder of the network that is shipped."""
    return Path(__file__).resolve().parent.parent / "sites"


def read_sites(path: Path) -> tuple[Telescope, ...]:
    """Read a folder of site files, or one file, in order of id.

    Raises
    ------
    Refused
        Naming every problem of every file.
    """
    files = site_files(path)
    read = [_read(file) for file in files]
    problems = [problem for _, found in read for problem in found]
    pairs = [(file, telescope) for file, (telescope, _) in zip(files, read, strict=True) if telescope is not None]
    problems += same_ids(pairs)
    if not files:
        problems = [Problem(str(path), "*.toml", "there is no site file", "give a folder of site files, or one file")]
    if problems:
        raise refusal(problems, str(path))
    return tuple(sorted((telescope for _, telescope in pairs), key=lambda telescope: telescope.id))


def read_site_file(path: Path) -> Telescope:
    """Read one site file.

    Raises
    ------
    Refused
        Naming every problem.
    """
    telescope, problems = _read(path)
    if telescope is None or problems:
        raise refusal(problems, str(path))
    return telescope


def check_site_file(path: Path) -> list[Problem]:
    """Return every problem of a site file."""
    return _read(path)[1]


def draft_site_file(path: Path) -> tuple[Telescope | None, list[Problem]]:
    """Read what can be read of a site file, and return every problem with it.

    Where there are problems the telescope has stand-ins in their place: it is good for looking at the rest of the
    site, and for nothing else. None: the file is no TOML.
    """
    return _read(path)


def site_files(path: Path) -> list[Path]:
    """Return the site files of a folder, or the file itself."""
    return sorted(path.glob("*.toml")) if path.is_dir() else [path]


def same_ids(telescopes: Iterable[tuple[Path, Telescope]]) -> list[Problem]:
    """Return a problem for each file whose telescope has an id that was given before."""
    first: dict[str, Path] = {}
    problems = []
    for file, telescope in telescopes:
        if telescope.id in first:
            what = f"{telescope.id!r} is the id of {first[telescope.id]} too"
            problems.append(Problem(str(file), "id", what, "give each telescope an id of its own"))
        first.setdefault(telescope.id, file)
    return problems


def config_sha256(telescope: Telescope) -> str:
    """Return a hash of everything that the site file says, whatever its layout and comments."""
    return hashlib.sha256(msgspec.json.encode(telescope, order="sorted")).hexdigest()


def _read(path: Path) -> tuple[Telescope | None, list[Problem]]:
    problems: list[Problem] = []
    table = load_toml(path, problems)
    return (None if table is None else _telescope(path, table, problems)), problems


def load_toml(path: Path, problems: list[Problem]) -> dict[str, object] | None:
    """Read a TOML file; None, and a problem noted, if it cannot be."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        problems.append(Problem(str(path), "file", f"cannot be read ({error.strerror})", "check its name and rights"))
    except UnicodeDecodeError:
        problems.append(Problem(str(path), "file", "is not text in UTF-8", "save it as UTF-8"))
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(str(path), "file", f"is not TOML: {error}", "mend the syntax at that place"))
    return None


def _telescope(path: Path, table: dict[str, object], problems: list[Problem]) -> Telescope:
    top = Section(table, "", str(path), problems)
    telescope_id = _id(top)
    instruments = _instruments(top)
    filters = tuple(dict.fromkeys(name for camera in instruments for name in camera.filters))
    telescope = Telescope(
        id=telescope_id,
        name=top.text("name", telescope_id),
        site=site_parts.site(top.section("site")),
        instruments=instruments,
        observing=site_parts.observing(top.section("observing"), filters),
        limits=site_parts.limits(top.section("limits"), filters),
        timing=site_parts.timing(top.section("timing")),
        policy=site_parts.policy(top.section("policy")),
        link=site_parts.link(top.section("link")),
        driver=site_parts.driver(top.section("driver")),
        reduction=site_parts.reduction(top.section("reduction")),
    )
    top.close()
    return replace(telescope, grid=_grid(top, path, telescope.observing.grid_file, problems))


def _id(top: Section) -> str:
    found = top.optional_text("id")
    if found is None:
        if not top.has("id"):
            top.note("id", "is missing", ID_MEND)
    elif not re.fullmatch(rf"[a-z0-9-]{{1,{LONGEST_ID}}}", found):
        top.note("id", f"{found!r} is no id", ID_MEND)
    return found or ""


def _instruments(top: Section) -> tuple[Instrument, ...]:
    instruments = tuple(site_parts.instrument(section) for section in top.sections("instruments"))
    if not instruments:
        top.note("instruments", "there is none", "write at least one as [[instruments]]")
    top.at_most(len(instruments), MOST_INSTRUMENTS, "instruments")
    ids = [camera.id for camera in instruments]
    for twice in sorted({name for name in ids if ids.count(name) > 1}):
        top.note("instruments", f"two have the id {twice!r}", "give each an id of its own")
    return instruments


def _grid(top: Section, path: Path, name: str | None, problems: list[Problem]) -> tuple[GridField, ...]:
    """Read the survey's fields from the table beside the site file."""
    if name is None:
        return ()
    file = path.parent / name
    if Path(name).name != name or not file.is_file():
        top.note("observing.grid_file", f"there is no file {name!r} beside the site file", "check its name")
        return ()
    try:
        fields, found = read_grid(file.read_text("utf-8"), str(file))
    except OSError as error:
        found = [Problem(str(file), "file", f"cannot be read ({error.strerror})", "check its rights")]
    except UnicodeDecodeError:
        found = [Problem(str(file), "file", "is not text in UTF-8", "save it as CSV or ECSV")]
    problems += found
    return () if found else fields
