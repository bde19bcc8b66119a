"""Packets of streams that have no reader of their own: surveys, brokers, and senders that nobody knows."""

from collections.abc import Callable

from coordinator.alerts.alert import Phase
from coordinator.alerts.voevent.packet import Packet
from coordinator.alerts.voevent.reading import Reading, named, numbers_of
from coordinator.alerts.voevent.where import locate

UNKNOWN = "unknown"
NUMBERS = {"magnitude": "mag", "snr": "snr", "dm_pc_cm3": "dm"}
SAME_EVENT = ("retraction", "supersedes")


def by_ivorn(stream: str, *, name: str = "") -> Callable[[Packet], Reading]:
    """Return a reader that knows no more of a stream than the standard says, and which parameter holds a `name`."""

    def read(packet: Packet) -> Reading:
        return Reading(
            stream=stream,
            event_key=key_by_citation(packet),
            name=named(packet, packet.value(name) or packet.local),
            phase=_phase({link.rel for link in packet.links}),
            properties=numbers_of(packet, **NUMBERS),
            localization=locate(packet),
        )

    return read


def key_by_citation(packet: Packet) -> str:
    """Return the key of an event: the ivorn of its first notice, as far as this one tells.

    By the standard a notice that supersedes or retracts others is of the event that these are of; they are listed
    newest first. A follow-up speaks of an event of its own.
    """
    same = [link.to for link in packet.links if link.rel in SAME_EVENT]
    return f"ivorn:{same[-1] if same else packet.ivorn}"


def _phase(cites: set[str]) -> Phase | None:
    if "retraction" in cites:
        return Phase.RETRACTION
    return Phase.UPDATE if "supersedes" in cites else None
