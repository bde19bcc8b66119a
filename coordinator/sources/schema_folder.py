"""A folder of Avro schemas: by these, messages are read that only name theirs by its id."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coordinator.alerts.avro_library import library
from coordinator.alerts.avro_schema import MAX_BYTES, Schema, read_schema
from coordinator.alerts.strict_json import read_json
from telescopes.description.errors import Refused

SUFFIX = ".avsc"
MEND = "give a folder of Avro schemas (.avsc)"


def schemas_in(folder: Path) -> dict[int, Schema]:
    """Return the schemas of a folder by their ids.

    A file named by a number holds the whole schema of that id, as a registry gives it. The files of a Rubin schema
    (`lsst.v11_1.alert.avsc` and those that it refers to) are put together, and have the id of their version (1101).

    Raises
    ------
    Refused
        The folder cannot be read, or a schema in it.
    """
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
        texts = {path: _text(path) for path in files}
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})", where=str(folder), mend=MEND) from error
    numbered = {int(path.stem): read_schema(text) for path, text in texts.items() if _is_number(path.stem)}
    return library(_documents(texts)) | numbered


def _text(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _documents(texts: dict[Path, bytes]) -> Iterator[Any]:
    for path, text in texts.items():
        try:
            yield read_json(text).value
        except Refused as refusal:
            raise Refused(refusal.what, where=str(path), mend=MEND) from refusal


def _is_number(stem: str) -> bool:
    return stem.isascii() and stem.isdigit() and len(stem) <= 10
