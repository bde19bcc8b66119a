"""A sky map inside a message: its bytes taken out and looked at from outside; whether it is good the sky room says."""

import base64
import hashlib
from typing import Any

from coordinator.alerts.alert import Localization
from coordinator.alerts.fits_header import Headers, read_headers
from telescopes.description.errors import Refused


def localize(encoded: Any, maps: dict[str, bytes]) -> Localization:
    """Say where: decode the embedded map, put its bytes into `maps`, or say why it cannot be used."""
    if encoded is None:
        return Localization("none")
    try:
        data = decode_map(encoded)
        headers = read_headers(data)
        if headers.table is None and headers.complete:
            raise Refused("a FITS file without a table", where="sky map", mend="send a HEALPix table")
    except Refused as refusal:
        return Localization("none", refused=f"sky map: {refusal.what}")
    sha256 = hashlib.sha256(data).hexdigest()
    maps[sha256] = data
    return Localization(map_kind(headers), skymap_sha256=sha256, skymap_bytes=len(data))


def map_kind(headers: Headers) -> str:
    """Say of which kind a HEALPix table is: multi-order where its cells are named by UNIQ, else flat."""
    columns = [value for keyword, value in (headers.table or {}).items() if keyword.startswith("TTYPE")]
    return "multiorder" if headers.get("ORDERING") == "NUNIQ" or "UNIQ" in columns else "flat"


def decode_map(encoded: Any) -> bytes:
    """Return a map's bytes from base64, wrapped or not, or as they are.

    Raises
    ------
    Refused
        It is neither.
    """
    if isinstance(encoded, bytes):
        return encoded
    try:
        if not isinstance(encoded, str):
            raise ValueError("no text")
        return base64.b64decode("".join(encoded.split()), validate=True)
    except ValueError as error:
        raise Refused("not base64", where="sky map", mend="ask the sender", reason="UNREADABLE") from error
