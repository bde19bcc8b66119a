"""Files that are there whole or not at all, for whoever looks, and after a loss of power."""

import contextlib
import glob
import os
import uuid
from pathlib import Path

DRAFT = ".part"
LEFT_AFTER_S = 3600.0
"""Age of a draft that nobody can be writing any more: a kill left it, and it may hold a secret."""
ORDINARY = 0o666
"""The rights that a file is asked for; the umask takes its share."""


def write_whole(path: Path, data: bytes, mode: int = ORDINARY) -> None:
    """Write a file beside its place, then rename it; what was there is replaced in one step.

    Until then it has a hidden name that ends in `.part`. Such drafts of it that a kill left are removed.

    Raises
    ------
    OSError
        It cannot be written; what was there is there still.
    """
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}{DRAFT}")
    # Made with its rights, not changed afterwards: there is no instant in which others could open it.
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _remove_left(path, draft.stat().st_mtime - LEFT_AFTER_S)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _remove_left(path: Path, before: float) -> None:
    """Remove the drafts of a file that were written before a time of the folder's own clock."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*{DRAFT}"):
        with contextlib.suppress(FileNotFoundError):  # another one removes it, or it took its place
            if left.stat().st_mtime < before:
                left.unlink()
