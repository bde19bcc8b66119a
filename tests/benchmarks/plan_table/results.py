"""Rows that were measured already, in a JSON file, so that a long table can be made in several goes."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

from telescopes.description.errors import Refused

from .instances import Instance
from .row import Row, row_document, row_from

SCHEMA = "armillary.plan-table/1"
WHAT_DECIDES = ("coordinator/planning", "coordinator/sky", "coordinator/lightcurves", "telescopes/description")


def version_of(root: Path, *also: Path) -> str:
    """Return a digest of all that a plan depends on: the planner's code, and files such as site files and the judge.

    Unlike a commit's name it also tells changes apart that are not committed, and stays where others changed.
    """
    digest = hashlib.sha256()
    code = [p for folder in WHAT_DECIDES for p in sorted((root / folder).rglob("*.py"))]
    for file in code + [p for one in also for p in (sorted(one.glob("*.toml")) if one.is_dir() else [one])]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def key_of(version: str, planner: str, instance: Instance, effort: str) -> str:
    """Name a row: the same name, the same row."""
    return "/".join([version, planner, *map(str, astuple(instance)), effort])


@dataclass(slots=True)
class Results:
    """The rows of a file, by what they were measured for."""

    file: Path
    rows: dict[str, Row] = field(default_factory=dict)

    @classmethod
    def at(cls, file: Path) -> "Results":
        """Read a file, where there is one."""
        if not file.exists():
            return cls(file)
        try:
            document: dict[str, Any] = json.loads(file.read_text())
            if document["schema"] != SCHEMA:
                raise ValueError(f"its schema is {document['schema']!r}")
            return cls(file, {key: row_from(row) for key, row in document["rows"].items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(f"holds no rows ({error})", where=str(file), mend="remove it, or name another") from error

    def keep(self, key: str, row: Row) -> None:
        """Add a row, and write the file whole, so that a stop at any time loses one row at most."""
        self.rows[key] = row
        document = {"schema": SCHEMA, "rows": {k: row_document(r) for k, r in self.rows.items()}}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_suffix(".new")
        beside.write_text(json.dumps(document, indent=1) + "\n")
        beside.replace(self.file)

    def of(self, keys: Iterable[str]) -> Sequence[Row]:
        """Return the rows of these names that are there."""
        return [self.rows[key] for key in keys if key in self.rows]
