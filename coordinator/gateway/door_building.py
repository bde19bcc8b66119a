"""The parts of a door, put together from a folder with an authority."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from coordinator.gateway.door import Door
from coordinator.gateway.enrolment_service import EnrolmentService
from coordinator.gateway.guard import Guard
from coordinator.security.admission import Admission
from coordinator.security.authority import open_authority
from coordinator.security.buckets import Rate
from coordinator.security.meters import RATES, Meters
from coordinator.security.own_certificates import OwnCertificates
from coordinator.security.refusals import Refusals
from coordinator.security.register import FILE, Register, Revocations
from coordinator.security.strangers import Strangers
from coordinator.security.turns import Turns


def build_door(
    folder: Path,
    names: Sequence[str],
    enrolment_port: int,
    *,
    link_now: Callable[[], float],
    utc_now: Callable[[], datetime],
    rates: Mapping[str, Rate] = RATES,
) -> Door:
    """Build the door of a gateway.

    Parameters
    ----------
    folder : Path
        The authority's.
    names : sequence of str
        Hosts as which the gateway shows itself.
    enrolment_port : int
        Where strangers enrol; 0 takes a free one.
    link_now, utc_now : callable
        Link time in seconds, and this machine's UTC.
    rates : mapping
        How fast each identity may go, by kind.

    Raises
    ------
    Refused
        There is no authority in the folder.
    """
    open_authority(folder)
    register, revocations = Register(folder / FILE), Revocations(folder / FILE)
    return Door(
        OwnCertificates(folder, names, utc_now),
        Guard(Admission(revocations.holds, Meters(link_now, rates), utc_now), Refusals(link_now), Turns(link_now)),
        EnrolmentService(partial(open_authority, folder), register, Strangers(link_now), utc_now),
        enrolment_port,
        revocations.close,
    )
