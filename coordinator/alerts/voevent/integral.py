"""INTEGRAL notices (IBAS; ended in February 2025)."""

from coordinator.alerts.gcn_stages import INTEGRAL, INTEGRAL_SPIACS, INTEGRAL_WEAK, NINETY
from coordinator.alerts.voevent.packet import Packet
from coordinator.alerts.voevent.reading import Reading, key_by_time, key_by_trigger, named, numbers_of
from coordinator.alerts.voevent.where import locate

TYPES = frozenset({*INTEGRAL, 51})
SUBNUMBER_BITS = 16


def read(packet: Packet) -> Reading:
    """Read one notice; its TrigID holds the trigger in the low 16 bits, and which notice of it above them."""
    number = packet.integer("TrigID")
    trigger = None if number is None or number < 0 else number & (1 << SUBNUMBER_BITS) - 1
    key = key_by_trigger(packet, "integral", str(trigger)) if trigger else key_by_time(packet, "integral")
    spiacs = packet.packet_type == INTEGRAL_SPIACS
    return Reading(
        stream="integral",
        event_key=key,
        name=named(packet, key),
        stage=INTEGRAL.get(packet.packet_type or 0),
        revision_number=None if number is None or number < 0 else number >> SUBNUMBER_BITS,
        significant=False if packet.packet_type == INTEGRAL_WEAK else None,
        properties=numbers_of(packet, sigma="Inten_Sigma", time_error_s="Time_Error"),
        instruments=("SPI-ACS",) if spiacs else ("IBIS",),
        localization=locate(packet, containment=NINETY, systematic_included=True, zero_means_none=spiacs),
        no_event="definitely not a GRB, says the notice" if packet.says("Def_NOT_a_GRB") else None,
    )
