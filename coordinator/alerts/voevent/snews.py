"""The SuperNova Early Warning System through GCN."""

from coordinator.alerts.voevent.packet import Packet
from coordinator.alerts.voevent.reading import Reading, key_by_trigger, named
from coordinator.alerts.voevent.where import locate

TYPES = frozenset({149})


def read(packet: Packet) -> Reading:
    """Read one notice; its weekly tests bear the ids of real events, down to the ivorn, and are kept apart."""
    key = key_by_trigger(packet, "snews.gcn", packet.one("TrigID"))
    return Reading(
        stream="snews.gcn",
        event_key=key,
        name=named(packet, key),
        messenger="NU",
        stage=packet.value("SubType"),
        instruments=_taking_part(packet),
        localization=locate(packet),
        tests_apart=True,
    )


def _taking_part(packet: Packet) -> tuple[str, ...]:
    """Return the detectors that take part; the notice names them by letters only."""
    ending = "_Participate"
    found = (param.name for param in packet.params if param.name.endswith(ending) and packet.says(param.name))
    return tuple(name.removesuffix(ending) for name in found)[:16]
