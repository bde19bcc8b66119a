"""Where a command's JSON goes."""

import sys
from pathlib import Path
from typing import Any

import msgspec

from telescopes.description.errors import Refused


def write_json(document: dict[str, Any], target: str) -> None:
    """Write a document to a file, or to standard output when the target is ``-``."""
    text = msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"
    if target == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        Path(target).write_text(text)
    except OSError as error:
        raise Refused(
            f"cannot be written ({error.strerror})",
            where=target,
            mend="give --json a file in a writable folder",
        ) from error
