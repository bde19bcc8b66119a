"""Annuli of the interplanetary network, as a person writes them down: `armillary.annuli/1`, a small JSON.

The network tells them in the prose of circulars, and no stream delivers them in a form. They say where, like a bare
sky map, but not what for.
"""

from collections.abc import Mapping
from typing import Any

from coordinator.alerts.alert import Alert, Annulus, Localization
from coordinator.alerts.canonical import digest
from coordinator.alerts.fields import instant, number, text
from coordinator.alerts.message import Alerts, Message, Rejected, Understood
from coordinator.alerts.place import wrong_with
from coordinator.alerts.purpose import markers_of_document, markers_of_transport, said_twice, strictest
from coordinator.alerts.skymap_file import STREAM

FORMAT = "json armillary.annuli"
SCHEMA = "armillary.annuli/1"
MOST = 16
SIGMAS = 3.0
"""What the network states (Hurley et al. 2013, ApJS 207, 39)."""


def recognises(message: Message) -> bool:
    """Say whether it is such a file, of whatever version."""
    value = message.document.value if message.document else None
    return isinstance(value, Mapping) and str(value.get("schema", "")).startswith("armillary.annuli/")


def read(message: Message) -> Understood:
    """Turn annuli into an alert whose purpose and event a person states (`armillary ingest --purpose --event`)."""
    assert message.document is not None
    said: Mapping[str, Any] = message.document.value
    annuli = _annuli(said)
    clash = said_twice(message.document)
    if clash is not None:
        return Rejected(f"annuli: {clash!r} is said twice, differently")
    if isinstance(annuli, str):
        return Rejected(f"annuli: {annuli}")
    name, mark = text(said.get("name"), 64), digest(said)
    alert = Alert(
        source=message.source,
        format=FORMAT,
        stream=STREAM,
        notice_id=f"annuli:{mark}",
        event_key=f"skymap:{mark[:12]}",
        name=name or f"annuli {mark[:12]}",
        messenger="EM",
        phase=None,
        stage=None,
        purpose=strictest([None, *markers_of_transport(message), *markers_of_document(message)]),
        t0=instant(said.get("t0")),
        t_issued=instant(said.get("t_issued")),
        raw_sha256=message.raw_sha256,
        file=message.name or None,
        localization=Localization("annuli", annuli=annuli),
    )
    return Alerts((alert,))


def _annuli(said: Mapping[str, Any]) -> tuple[Annulus, ...] | str:
    """Return what is listed, or what is wrong with it."""
    listed = said.get("annuli")
    if said.get("schema") != SCHEMA:
        return f"of another version than {SCHEMA}"
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST:
        return f"the list annuli must hold 1 to {MOST} of them"
    found = [_annulus(one) for one in listed]
    wrong = next((f"annuli.{at}: {one}" for at, one in enumerate(found) if isinstance(one, str)), None)
    return wrong or tuple(one for one in found if isinstance(one, Annulus))


def _annulus(said: Any) -> Annulus | str:
    if not isinstance(said, Mapping):
        return "is no table of numbers"
    ra_deg, dec_deg = number(said.get("ra_deg")), number(said.get("dec_deg"))
    wrong = wrong_with(ra_deg, dec_deg)
    if wrong is not None or ra_deg is None or dec_deg is None:
        return f"{wrong}; give ra_deg and dec_deg of the centre, ICRS degrees"
    radius_deg, half_width_deg = number(said.get("radius_deg")), number(said.get("half_width_deg"))
    if radius_deg is None or not 0 <= radius_deg <= 180:
        return "radius_deg must be 0 to 180"
    if half_width_deg is None or not 0 < half_width_deg <= 90:
        return "half_width_deg must be above 0, and 90 at most"
    sigmas = number(said.get("sigmas", SIGMAS))
    if sigmas is None or not 0 < sigmas <= 10:
        return "sigmas must be above 0, and 10 at most"
    return Annulus(ra_deg, dec_deg, radius_deg, half_width_deg, sigmas)
