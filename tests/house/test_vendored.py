"""What others wrote and we carry is named, licensed and unchanged."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

FIELDS = ("name", "version", "origin", "licence", "sha256")
MANIFEST = "MANIFEST.toml"


@pytest.fixture(scope="session")
def vendored(project_files: list[Path], root: Path) -> list[Path]:
    files = [path for path in project_files if "vendor" in path.relative_to(root).parts]
    if not files:
        pytest.skip("nothing is vendored")
    return files


def folder_of(path: Path) -> Path:
    """Return the folder named vendor that a file lies in."""
    return next(parent for parent in path.parents if parent.name == "vendor")


def entries(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the manifest's tables by file name: ``[[file]]`` tables, or one table a file."""
    manifest = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    tables = [table for value in manifest.values() for table in (value if isinstance(value, list) else [value])]
    return {table.get("file", table["name"]): table for table in tables}


def test_every_vendored_file_is_in_the_manifest_with_its_licence_and_unchanged(vendored: list[Path]) -> None:
    wrong = []
    for path in vendored:
        name = str(path.relative_to(folder_of(path)))
        if name == MANIFEST or "LICENSE" in name.upper() or "LICENCE" in name.upper():
            continue
        entry = entries(folder_of(path)).get(name)
        if entry is None:
            wrong.append(f"{name}: not in {MANIFEST}")
            continue
        wrong += [f"{name}: {field} is missing" for field in FIELDS if field not in entry]
        if entry.get("sha256") != hashlib.sha256(path.read_bytes()).hexdigest():
            wrong.append(f"{name}: sha256 differs: the file was changed, or the manifest is old")
    assert not wrong, "\n".join(wrong)
