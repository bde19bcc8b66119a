"""Which code plays a campaign: all files of the packages that take part, for a version stays while code changes."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable

from coordinator.simulation.campaign.policy import GROUP

PACKAGES = ("coordinator", "telescopes")
COMPILED = (".pyc", "__pycache__")


@cache
def source_sha256() -> str:
    """Return the hash of Armillary's own files, as this process found them."""
    return files_sha256(files(name) for name in PACKAGES)


def files_sha256(folders: Iterable[Traversable]) -> str:
    """Hash all files in folders with their paths; what Python compiled of them does not count."""
    every = hashlib.sha256()
    for folder in folders:
        for path, file in _files(folder, folder.name):
            every.update(f"{path} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return every.hexdigest()


def brought_by(policies: Iterable[str]) -> list[str]:
    """Return name and version of the packages that bring policies of these names."""
    found = (e.dist for name in policies for e in entry_points(group=GROUP, name=name))
    return [f"{dist.name} {dist.version}" for dist in found if dist is not None]


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for one in sorted(folder.iterdir(), key=lambda its: its.name):
        if one.name.endswith(COMPILED):
            continue
        if one.is_dir():
            yield from _files(one, f"{path}/{one.name}")
        else:
            yield f"{path}/{one.name}", one
