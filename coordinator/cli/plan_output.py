"""The files that `armillary plan --output` writes: checked before the planning, written after it."""

import string
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coordinator.publishing.planned_search import PlannedSearch
from coordinator.publishing.registry import format_of
from telescopes.description.errors import Refused

PARTS = ("telescope", "visit")


@dataclass(frozen=True, slots=True)
class Output:
    """A file, or a folder of observers' sheets; `parts` are what the name has in braces: a file for each."""

    name: str
    is_folder: bool
    parts: tuple[str, ...] = ()


def outputs_of(names: Sequence[str]) -> tuple[Output, ...]:
    """Understand where a plan shall go, before anything is planned.

    Raises
    ------
    Refused
        An ending that no format has, a folder that does not exist, a name given twice.
    """
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise Refused("is given twice", where=twice, mend="give each --output once")
    return tuple(_output(name) for name in names)


def write_outputs(search: PlannedSearch, outputs: Sequence[Output]) -> None:
    """Write every file and say so on standard error.

    Raises
    ------
    Refused
        A file cannot be written, or two would have one name.
    """
    rendered = [list(_sheets(search, output) if output.is_folder else _files(search, output)) for output in outputs]
    _must_differ([(path, output) for output, files in zip(outputs, rendered, strict=True) for path, _ in files])
    for output, files in zip(outputs, rendered, strict=True):
        for path, data in files:
            _write(path, data)
        total = sum(len(data) for _, data in files)
        many = "" if len(files) == 1 else f"{len(files)} files, "
        print(f"wrote {output.name} ({many}{_size(total)})", file=sys.stderr)


def _must_differ(files: Sequence[tuple[Path, Output]]) -> None:
    """Refuse parts of a plan that would be one file, of which only the last would stay."""
    count = Counter(path for path, _ in files)
    for path, output in files:
        if count[path] > 1:
            raise Refused(
                f"two parts of the plan would both be written to {path}",
                where=output.name,
                mend="give visits names that differ in letters and digits, or other names of files",
            )


def _output(name: str) -> Output:
    path = Path(name)
    if name.endswith("/") or path.is_dir():
        _must_be_a_folder(path.parent, name)
        if path.exists() and not path.is_dir():
            raise Refused("is a file", where=name, mend="give another name, or leave the / out")
        return Output(name, is_folder=True)
    says = format_of(name).says
    _must_be_a_folder(path.parent, name)
    return Output(name, is_folder=False, parts=_parts(name, says))


def _parts(name: str, says: str) -> tuple[str, ...]:
    mend = f"only {' and '.join(f'{{{p}}}' for p in PARTS)} may stand in braces ({says}: a file for each)"
    try:
        found = tuple(dict.fromkeys(word for _, word, _, _ in string.Formatter().parse(name) if word is not None))
    except ValueError as error:
        raise Refused(f"is no name of a file ({error})", where=name, mend=mend) from error
    if any(word not in PARTS for word in found):
        raise Refused("has something else in braces", where=name, mend=mend)
    return found


def _must_be_a_folder(folder: Path, name: str) -> None:
    if not folder.is_dir():
        raise Refused(f"there is no folder {folder}", where=name, mend="make it, or give another")


def _files(search: PlannedSearch, output: Output) -> Iterator[tuple[Path, bytes]]:
    """Render the whole plan, or each part that the name asks for; parts without a pointing are files too."""
    form = format_of(output.name)
    if not output.parts:
        yield Path(output.name), form.render(search)
        return
    telescopes = [t.id for t in search.event.telescopes] if "telescope" in output.parts else [None]
    visits = search.visits if "visit" in output.parts else [None]
    for telescope in telescopes:
        for visit in visits:
            said = {"telescope": telescope or "", "visit": _in_a_name(visit or "")}
            name = output.name.format(**{part: said[part] for part in output.parts})
            yield Path(name), form.render(search.only(telescope, visit))


def _sheets(search: PlannedSearch, output: Output) -> Iterator[tuple[Path, bytes]]:
    from coordinator.publishing.observer_sheets import sheets

    for name, data in sheets(search).items():
        yield Path(output.name) / name, data


def _in_a_name(visit: str) -> str:
    """Return a visit's name as a part of a file's: `char:r:1` is char-r-1."""
    return "".join(c if c.isalnum() or c in "._" else "-" for c in visit)


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise Refused(
            f"cannot be written ({error.strerror})", where=str(path), mend="give --output a file in a writable folder"
        ) from error


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(count / 1e3, 0.1):.1f} kB"
