"""How soon telescopes hear of an alert: link seconds from its hand-over to their first offers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from coordinator.demo.witness import Revised, Witness
from coordinator.dispatch.facts import PlanMade, PointingOffered
from coordinator.dispatch.ownership import FOLLOW_UP
from coordinator.services.agenda import FIRST_PLAN, NEW_SKY
from telescopes.description.telescope import Telescope

Offers = Sequence[tuple[datetime, PointingOffered]]


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What the first plan on an alert's sky asks for at once; times are the machine's UTC.

    Attributes
    ----------
    handed_in : datetime
        When the alert was handed in.
    starts : tuple of (str, str) or None
        Telescope and pointing of every start inside the telescope's horizon at the time of the alert. Those that wait
        for the sky to turn are not among them, nor is follow-up: a candidate asked for it, not the alert. None: no
        plan was made.
    """

    handed_in: datetime
    starts: tuple[tuple[str, str], ...] | None


class _Row(msgspec.Struct):
    id: str
    telescope: str
    visit: str
    start: datetime


class _Record(msgspec.Struct):
    pointings: list[_Row]


def first_command_s(offers: Offers, handed_in: datetime) -> float | None:
    """Return the link seconds from the first alert to the first offer; None: there was none."""
    return round((offers[0][0] - handed_in).total_seconds(), 3) if offers else None


def all_commands_s(alerts: Iterable[AtOnce], offers: Offers) -> float | None:
    """Return the link seconds from an alert to the last first offer among the telescopes that it concerns at once.

    Of several alerts the worst counts. None: a telescope never got an offer, or no telescope was concerned.
    """
    waits: list[float | None] = []
    for alert in alerts:
        if alert.starts is None:
            return None
        waits += [_wait_s(one, alert, offers) for one in sorted({telescope for telescope, _ in alert.starts})]
    known = [wait for wait in waits if wait is not None]
    return round(max(known), 3) if known and len(known) == len(waits) else None


def _wait_s(telescope: str, alert: AtOnce, offers: Offers) -> float | None:
    """Return how long a telescope waited for its first offer; 0: the plan keeps one that it holds already."""
    kept = {pointing for one, pointing in alert.starts or () if one == telescope}
    mine = [(at, o) for at, o in offers if o.pointing.telescope_id == telescope]
    if any(at < alert.handed_in and o.pointing.pointing_id in kept for at, o in mine):
        return 0.0
    return next(((at - alert.handed_in).total_seconds() for at, _ in mine if at >= alert.handed_in), None)


def at_once(
    witness: Witness,
    submitted: Sequence[datetime],
    record: Callable[[str], bytes],
    telescopes: Mapping[str, Telescope],
) -> list[AtOnce]:
    """Find what the first plan on each alert's sky asks for at once.

    Parameters
    ----------
    witness : Witness
        The journal.
    submitted : sequence of datetime
        When each alert was handed in.
    record : callable
        Finds a plan's record by its sha256.
    telescopes : mapping of str to Telescope
        By id.
    """
    found = []
    for handed_in in submitted:
        revised = next((r for r in witness.revised if r.at >= handed_in), None)
        if revised is None:
            found.append(AtOnce(handed_in, None))
        elif revised.new_sky:
            plan = next((p for at, p in witness.plans if at >= revised.at and p.because in (FIRST_PLAN, NEW_SKY)), None)
            found.append(AtOnce(handed_in, None if plan is None else _starts(plan, revised, record, telescopes)))
    return found


def _starts(
    plan: PlanMade, revised: Revised, record: Callable[[str], bytes], telescopes: Mapping[str, Telescope]
) -> tuple[tuple[str, str], ...]:
    rows = msgspec.json.decode(record(plan.plan_sha256), type=_Record).pointings
    horizon = {name: revised.sky_time + timedelta(seconds=t.link.horizon_s) for name, t in telescopes.items()}
    soon = (row for row in rows if row.start <= horizon[row.telescope])
    return tuple((row.telescope, row.id) for row in soon if not row.visit.startswith(FOLLOW_UP))
