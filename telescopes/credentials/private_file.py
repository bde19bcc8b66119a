"""Files that only their owner may read, and that are there whole or not at all."""

from pathlib import Path

from telescopes.description.whole_file import write_whole


def write_private(path: Path, data: bytes) -> None:
    """Write a file that its owner alone can read; what was there is replaced in one step."""
    write_whole(path, data, 0o600)


def write_public(path: Path, data: bytes) -> None:
    """Write a file that everybody may read; what was there is replaced in one step."""
    write_whole(path, data, 0o644)
