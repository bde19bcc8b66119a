"""Missions of GCN whose notices differ in no more than their names: a trigger number, a time, a place."""

from collections.abc import Callable, Mapping

from coordinator.alerts.voevent.packet import Packet
from coordinator.alerts.voevent.reading import Reading, key_by_time, key_by_trigger, named, numbers_of
from coordinator.alerts.voevent.where import locate

NUMBERS = {"snr": "SNR", "p_value": "pvalue", "flux_mcrab": "Source_Flux", "magnitude": "mag"}


def by_trigger(
    stream: str, stages: Mapping[int, str], *, messenger: str = "EM", by_time: bool = False
) -> Callable[[Packet], Reading]:
    """Return the reader of a mission.

    Parameters
    ----------
    stream : str
        Its name, and that of its events' keys.
    stages : mapping of int to str
        What its notice types are called.
    messenger : str
        EM or NU.
    by_time : bool
        Whether its events are known by their time: its trigger numbers are none.
    """

    def read(packet: Packet) -> Reading:
        key = key_by_time(packet, stream) if by_time else key_by_trigger(packet, stream, packet.one("TrigID"))
        return Reading(
            stream=stream,
            event_key=key,
            name=(packet.value("Source_Name", "SourceName") or named(packet, key)).strip(),
            messenger=messenger,
            stage=stages.get(packet.packet_type or 0),
            properties=numbers_of(packet, **NUMBERS),
            localization=locate(packet),
            no_event="definitely not a GRB, says the notice" if packet.says("Def_NOT_a_GRB") else None,
        )

    return read
