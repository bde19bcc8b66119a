"""Files that are there whole or not at all, for whoever looks, and after a loss of power."""

import os
import uuid
from pathlib import Path

ORDINARY = 0o666
"""The rights that a file is asked for; the umask takes its share."""


def write_whole(path: Path, data: bytes, mode: int = ORDINARY) -> None:
    """Write a file beside its place, then rename it; what was there is replaced in one step.

    Until then it has a hidden name that ends in `.part`.

    Raises
    ------
    OSError
        It cannot be written; what was there is there still.
    """
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    # Made with its rights, not changed afterwards: there is no instant in which others could open it.
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
