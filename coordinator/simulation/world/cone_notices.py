"""Notices of bursts and neutrinos as their streams send them: Swift's VOEvents, and GCN's JSON of the others."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from coordinator.simulation.world.cones import Circle, ConeEvent, Who

SCHEMAS = "https://gcn.nasa.gov/schema/main/gcn/notices/"
SWIFT_TYPES = {"BAT_POS": 61, "XRT_POS": 67}
TJD_EPOCH = datetime.fromisoformat("1968-05-24T00:00:00+00:00")

SWIFT = """<?xml version="1.0" encoding="UTF-8"?>
<voe:VOEvent ivorn="ivo://nasa.gsfc.gcn/SWIFT#{stage}_{number}-{serial}" role="observation" version="2.0"
 xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0">
<Who><AuthorIVORN>ivo://nasa.gsfc.tan/gcn</AuthorIVORN><Date>{issued:%Y-%m-%dT%H:%M:%S}</Date></Who>
<What>
<Param name="Packet_Type" value="{kind}"/><Param name="Pkt_Ser_Num" value="{serial}"/>
<Param name="TrigID" value="{number}"/>
<Param name="Burst_TJD" value="{tjd}"/><Param name="Burst_SOD" value="{sod:.2f}"/>
</What>
<WhereWhen><ObsDataLocation><ObservatoryLocation id="GEOLUN"/><ObservationLocation>
<AstroCoordSystem id="UTC-FK5-GEO"/><AstroCoords coord_system_id="UTC-FK5-GEO">
<Time unit="s"><TimeInstant><ISOTime>{t0:%Y-%m-%dT%H:%M:%S.%f}</ISOTime></TimeInstant></Time>
<Position2D unit="deg"><Name1>RA</Name1><Name2>Dec</Name2>
<Value2><C1>{ra:.5f}</C1><C2>{dec:.5f}</C2></Value2><Error2Radius>{radius:.6f}</Error2Radius></Position2D>
</AstroCoords></ObservationLocation></ObsDataLocation></WhereWhen>
</voe:VOEvent>
"""


def notices_of(event: ConeEvent) -> tuple[tuple[Circle, bytes], ...]:
    """Write what is told of an event, in order; nothing of the truth is in it."""
    written = WRITTEN[event.who]
    return tuple((circle, written(event, circle, serial)) for serial, circle in enumerate(event.circles))


def _swift(event: ConeEvent, circle: Circle, serial: int) -> bytes:
    since = event.t0 - TJD_EPOCH
    return SWIFT.format(
        stage=circle.stage,
        kind=SWIFT_TYPES[circle.stage],
        number=event.number,
        serial=serial + 1,
        issued=circle.issued,
        tjd=since.days,
        sod=since.seconds + since.microseconds / 1e6,
        t0=event.t0,
        ra=circle.ra_deg,
        dec=circle.dec_deg,
        radius=circle.radius_deg,
    ).encode()


def _gbm(event: ConeEvent, circle: Circle, serial: int) -> bytes:
    said = _common(event, circle, "fermi/gbm/trigger.schema.json", serial + 2)
    own = {"mission": "Fermi", "instrument": "GBM", "messenger": "EM", "subtype": circle.stage, "alert_type": "update"}
    return json.dumps(said | own | {"id": [str(event.number)], "systematic_included": False}).encode()


def _icecube(event: ConeEvent, circle: Circle, serial: int) -> bytes:
    said = _common(event, circle, "icecube/single_neutrino_alerts.schema.json", serial)
    own = {
        "mission": "IceCube",
        "instrument": "IC86",
        "messenger": "Neutrino",
        "pipeline": f"{event.who.title()} Track Alert",
        "alert_type": circle.stage,
        "alert_topology": "Track",
        "id": [f"{event.number // 1000}_{event.number % 1000}"],
        "event_name": [f"IceCube-{event.t0:%y%m%d}A"],
        "p_astro": event.p_astro,
        "systematic_included": True,
    }
    return json.dumps(said | own).encode()


def _superk(event: ConeEvent, circle: Circle, serial: int) -> bytes:
    said = _common(event, circle, "superk/sn_alert.schema.json", serial + 1)
    own = {"mission": "Super-Kamiokande", "messenger": "Neutrino", "pipeline": "snwatch", "alert_type": circle.stage}
    return json.dumps(said | own | {"id": f"SN.{event.number // 1000:06d}.{event.number % 1000:06d}"}).encode()


def _common(event: ConeEvent, circle: Circle, schema: str, serial: int) -> dict[str, object]:
    return {
        "$schema": SCHEMAS + schema,
        "alert_tense": "current",
        "record_number": serial,
        "alert_datetime": f"{circle.issued:%Y-%m-%dT%H:%M:%S.%fZ}",
        "trigger_time": f"{event.t0:%Y-%m-%dT%H:%M:%S.%fZ}",
        "ra": circle.ra_deg,
        "dec": circle.dec_deg,
        "ra_dec_error": circle.radius_deg,
        "containment_probability": circle.containment,
    }


WRITTEN: Mapping[Who, Callable[[ConeEvent, Circle, int], bytes]] = MappingProxyType(
    {"gbm": _gbm, "swift": _swift, "gold": _icecube, "bronze": _icecube, "superk": _superk}
)
