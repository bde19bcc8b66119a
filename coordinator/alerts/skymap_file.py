"""A bare FITS sky map, packed by gzip or not: where, but not what for."""

import hashlib

from coordinator.alerts.alert import Alert, Localization
from coordinator.alerts.embedded_map import map_kind
from coordinator.alerts.fits_header import is_fits, read_headers
from coordinator.alerts.message import Alerts, Message, Rejected, Understood
from coordinator.alerts.purpose import SUPEREVENT, markers_of_transport, purpose_of_id, strictest
from telescopes.description.errors import Refused

FORMAT = "fits skymap"
STREAM = "skymap"


def recognises(message: Message) -> bool:
    """Say whether the message is a FITS file."""
    return is_fits(message.raw)


def read(message: Message) -> Understood:
    """Turn a sky map into an alert whose purpose is unknown until a person states it.

    The map is named by the sha256 of the file as it came, packed or not.
    """
    try:
        headers = read_headers(message.raw)
    except Refused as refusal:
        return Rejected(f"sky map: {refusal.what}")
    if headers.table is None and headers.complete:
        return Rejected("sky map: a FITS file without a table")
    sha256 = hashlib.sha256(message.raw).hexdigest()
    name = headers.get("OBJECT")
    superevent = name if name and SUPEREVENT.fullmatch(name) else None
    alert = Alert(
        source=message.source,
        format=FORMAT,
        stream=STREAM,
        notice_id=f"skymap:{sha256}",
        event_key=f"lvk:{superevent}" if superevent else f"skymap:{sha256[:12]}",
        name=name or f"skymap {sha256[:12]}",
        messenger="GW" if superevent or headers.get("DISTMEAN") else None,
        phase=None,
        stage=None,
        purpose=strictest([None, purpose_of_id(name or ""), *markers_of_transport(message)]),
        t0=headers.time("DATE-OBS", "MJD-OBS"),
        t_issued=headers.time("DATE"),
        raw_sha256=sha256,
        native_ids=(f"lvk:{superevent}",) if superevent else (),
        file=message.name or None,
        instruments=tuple(filter(None, (headers.get("INSTRUME") or "").replace(" ", "").split(","))),
        localization=Localization(map_kind(headers), skymap_sha256=sha256, skymap_bytes=len(message.raw)),
    )
    return Alerts((alert,), {sha256: message.raw})
