"""A message's headers, kept in a file beside it: `<name>.headers.json`, written before the message itself."""

from collections.abc import Mapping
from pathlib import Path

from coordinator.alerts.strict_json import read_json
from telescopes.description.errors import Refused

SUFFIX = ".headers.json"
MAX_BYTES = 2**16


def sidecar_of(path: Path) -> Path:
    """Return where the headers of a message would lie."""
    return path.with_name(path.name + SUFFIX)


def read_headers_beside(path: Path) -> dict[str, str]:
    """Read the headers of a recorded message; none if there is no such file.

    Raises
    ------
    Refused
        There are headers, but they cannot be read: then nobody knows whether the message is a test.
    """
    sidecar = sidecar_of(path)
    if not sidecar.is_file():
        return {}
    with sidecar.open("rb") as file:
        data = file.read(MAX_BYTES)
    try:
        document = read_json(data)
    except Refused as error:
        raise _unreadable(sidecar) from error
    headers = document.value
    if not isinstance(headers, Mapping) or document.repeated:
        raise _unreadable(sidecar)
    return {key: str(value) for key, value in headers.items() if value is not None}


def _unreadable(sidecar: Path) -> Refused:
    return Refused("headers that are no JSON object", where=sidecar.name, mend="mend or remove the file of headers")
