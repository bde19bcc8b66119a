"""What the house checks look at: the files of the project, as git sees them."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def listed() -> list[Path]:
    """Tracked files and new ones that are not ignored; without git every file outside the environments."""
    git = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(git, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")]
        names = [
            name for name in names if not any(part.startswith(".venv") or part == ".git" for part in Path(name).parts)
        ]
    return sorted(path for path in map(ROOT.joinpath, names) if path.is_file())


def is_generated(path: Path) -> bool:
    """Say whether a program wrote it."""
    return path.match("*_pb2*.py") or path.match("*_pb2*.pyi")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project's root."""
    return ROOT


@pytest.fixture(scope="session")
def project_files() -> list[Path]:
    """Return every file of the project."""
    return listed()


@pytest.fixture(scope="session")
def own_python(project_files: list[Path]) -> list[Path]:
    """Return the Python that people wrote."""
    return [path for path in project_files if path.suffix == ".py" and not is_generated(path)]


@pytest.fixture(scope="session")
def trees(own_python: list[Path]) -> dict[Path, ast.Module]:
    """Return the syntax tree of every file of Python that people wrote."""
    found = {}
    for path in own_python:
        try:
            found[path] = ast.parse(path.read_text(encoding="utf-8"), str(path))
        except SyntaxError as error:
            pytest.fail(f"{path.relative_to(ROOT)}:{error.lineno}: {error.msg}", pytrace=False)
    return found


@pytest.fixture(scope="session")
def texts(project_files: list[Path]) -> list[tuple[Path, str]]:
    """Return every file that is text, with its text."""
    return list(read_texts(project_files))


def read_texts(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """Leave out what is not UTF-8."""
    for path in paths:
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
