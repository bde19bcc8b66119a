"""What a mission's module takes out of a packet; the rest is the same for all."""

from dataclasses import dataclass, field

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.alerts.voevent.notice_types import TEST_TRIGGER
from coordinator.alerts.voevent.packet import Packet
from coordinator.alerts.voevent.where import NOWHERE


@dataclass(frozen=True, slots=True)
class Reading:
    """What a packet means in its stream; fields as in `Alert`.

    Attributes
    ----------
    markers : tuple
        Purposes that only this stream knows how to find.
    test_role_means : Purpose
        What role="test" tells; the gravitational-wave streams send their mocks under it.
    tests_apart : bool
        Whether tests bear the very ids of real events and have to be kept from them.
    """

    stream: str
    event_key: str
    name: str
    messenger: str = "EM"
    phase: Phase | None = None
    stage: str | None = None
    revision_number: int | None = None
    significant: bool | None = None
    far_hz: float | None = None
    classification: dict[str, float] = field(default_factory=dict)
    properties: dict[str, float] = field(default_factory=dict)
    instruments: tuple[str, ...] = ()
    localization: Localization = NOWHERE
    native_ids: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    no_event: str | None = None
    external_coincidence: str | None = None
    markers: tuple[Purpose | None, ...] = ()
    test_role_means: Purpose = Purpose.TEST
    tests_apart: bool = False


def key_by_trigger(packet: Packet, stream: str, trigger: str | None) -> str:
    """Return the key of an event by its trigger number; by its time where the number is none, or that of all tests."""
    if trigger == TEST_TRIGGER:
        return key_by_time(packet, f"{stream}.test")
    if trigger is None or trigger.strip("0") == "":
        return key_by_time(packet, stream)
    return f"{stream}:{trigger}"


def key_by_time(packet: Packet, stream: str) -> str:
    """Return the key of an event by its time, all stated digits kept; by the ivorn where there is no time."""
    if packet.t0 is None or packet.time_text is None:
        return f"ivorn:{packet.ivorn}"
    stated = packet.time_text.replace("+00:00", "").rstrip("Zz")
    return f"{stream}:{stated}Z"


def numbers_of(packet: Packet, **names: str) -> dict[str, float]:
    """Return numbers of a packet under our names: `name=parameter`; what is missing or no number is left out."""
    found = {name: packet.number(param) for name, param in names.items()}
    return {name: value for name, value in found.items() if value is not None}


def named(packet: Packet, otherwise: str) -> str:
    """Return the first name that the packet gives its event."""
    return next(iter(packet.names), otherwise)
