"""VOEvents, whoever sends them: an XML text to an alert, or why it is none."""

from coordinator.alerts.alert import Alert, Link, Phase, Purpose
from coordinator.alerts.message import Alerts, Ignored, Message, Rejected, Understood
from coordinator.alerts.purpose import markers_of_transport, strictest
from coordinator.alerts.voevent.elements import attribute, name_of
from coordinator.alerts.voevent.markers import markers_of_packet, role_says
from coordinator.alerts.voevent.missions import mission_of
from coordinator.alerts.voevent.notice_types import CONTROL, POINTINGS
from coordinator.alerts.voevent.packet import Packet, is_packet, read_packet
from coordinator.alerts.voevent.reading import Reading
from telescopes.description.errors import Refused

FORMAT = "voevent-xml"
PAGES = ("https://", "http://")


def recognises(message: Message) -> bool:
    """Say whether the message is a VOEvent, or a control message of the transport that VOEvents had."""
    return message.xml is not None and (is_packet(message.xml) or name_of(message.xml) == "Transport")


def read(message: Message) -> Understood:
    """Turn one packet into an alert."""
    if name_of(message.xml) == "Transport":
        return Ignored(f"a message of the transport ({attribute(message.xml, 'role', 32) or 'no role'})")
    try:
        packet = read_packet(message.xml)
        no_alert = _no_alert(packet)
        if no_alert is not None:
            return Ignored(no_alert)
        reading = mission_of(packet).read(packet)
        return Alerts((_alert(message, packet, reading),))
    except Refused as refusal:
        return Rejected(refusal.what)


def _no_alert(packet: Packet) -> str | None:
    """Say why a packet is understood, and still no alert; None: it is one."""
    if packet.packet_type in CONTROL:
        return f"a control message of the transport ({CONTROL[packet.packet_type or 0]}), not an alert"
    if packet.role == "utility":
        return 'role="utility": not an alert'
    if packet.packet_type in POINTINGS:
        return "where a spacecraft points: not an alert"
    return None


def _alert(message: Message, packet: Packet, reading: Reading) -> Alert:
    purpose = strictest(
        [
            role_says(packet, reading.test_role_means),
            *markers_of_packet(packet),
            *reading.markers,
            *markers_of_transport(message),
        ]
    )
    apart = ".test" if reading.tests_apart and purpose is Purpose.TEST else ""
    key = f"{reading.event_key}{apart}"
    ivorn = f"ivorn:{packet.ivorn}"
    return Alert(
        source=message.source,
        format=FORMAT,
        stream=reading.stream,
        notice_id=f"{ivorn}{apart}",
        event_key=key,
        name=reading.name,
        messenger=reading.messenger,
        phase=_phase(packet, reading),
        stage=reading.stage,
        purpose=purpose,
        t0=packet.t0,
        t_issued=packet.issued,
        raw_sha256=message.raw_sha256,
        native_ids=tuple(dict.fromkeys((key, *reading.native_ids, ivorn))),
        file=message.name or None,
        revision_number=reading.revision_number,
        significant=reading.significant,
        far_hz=reading.far_hz,
        classification=reading.classification,
        properties=reading.properties,
        instruments=reading.instruments,
        localization=reading.localization,
        links=(*packet.links, *(Link("page", page) for page in reading.pages if page.startswith(PAGES))),
        no_event=reading.no_event,
        external_coincidence=reading.external_coincidence,
    )


def _phase(packet: Packet, reading: Reading) -> Phase | None:
    """Say where in its event's life the packet stands; what retracts does so in every stream.

    A packet that only cites to retract is a retraction; one that cites otherwise may still be one.
    """
    cites = {link.rel for link in packet.links}
    if packet.says("Retraction") or cites == {"retraction"}:
        return Phase.RETRACTION
    if reading.phase is None and packet.role == "prediction":
        return Phase.EARLY_WARNING
    return reading.phase
