"""The words of a report as leads: which event, where, how bright, and whether something is taken back."""

import re
from dataclasses import dataclass, replace

from coordinator.alerts.event_names import Named, event_named, events_named
from coordinator.alerts.leads import ReportedMagnitude, ReportedPosition
from coordinator.alerts.reports.brightness import magnitudes_in, redshift_in
from coordinator.alerts.reports.positions import positions_in

MAX_WORDS = 60_000
"""A report longer than this is read so far; the longest real ones have some 20,000 characters."""

RETRACTED = re.compile(
    r"\bretract(?:ion|ed|ing|s)?\b|\bno longer (?:considered|believed)\b|\bnot (?:a|an) (?:real|astrophysical)\b"
    r"|\bwithdraw(?:n|al)?\b|\bis not (?:a )?GRB\b",
    re.IGNORECASE,
)
TAKEN_BACK = re.compile(
    r"\bno longer (?:considered|believed)\b|\b(?:we|hereby) (?:therefore )?retract\b|\b(?:is|has been|was) retracted\b",
    re.IGNORECASE,
)
GBM_TRIGGER = re.compile(r"\btrigger (?P<id>\d{9})(?:\.\d{1,9})?\s?[/)]")
SWIFT_TRIGGER = re.compile(r"\(\s?trigger\s?[=#]?\s?(?P<id>\d{6,8})\s?\)", re.IGNORECASE)
ICECUBE_RUN = re.compile(r"notices_amon[a-z_]*/(?P<run>\d{5,7})_0*(?P<event>\d{1,9})\.amon")
EP_TRIGGER = re.compile(r"\b(?P<id>0170\d{7})\b")


@dataclass(frozen=True, slots=True)
class Said:
    """What some words say."""

    event: Named | None
    names: tuple[str, ...]
    retraction: bool
    positions: tuple[ReportedPosition, ...]
    magnitudes: tuple[ReportedMagnitude, ...]
    redshift: float | None


def said_in(title: str, body: str, event: str = "") -> Said:
    """Read a report.

    Parameters
    ----------
    title, body : str
        Its words.
    event : str
        The event as the archive names it, which counts before the title's and the body's first.
    """
    body = body[:MAX_WORDS]
    named = event_named(event) or event_named(title) or event_named(body)
    names = tuple(one.name for one in events_named(f"{event} {title} {body}"))
    return Said(
        event=None if named is None else _with_key(named, body),
        names=names,
        retraction=RETRACTED.search(title) is not None or TAKEN_BACK.search(body) is not None,
        positions=positions_in(body),
        magnitudes=magnitudes_in(body),
        redshift=redshift_in(body),
    )


def _with_key(named: Named, body: str) -> Named:
    """Give a burst or a neutrino the key of its alerts, where the words name the trigger."""
    if named.key is not None:
        return named
    if named.name.startswith("IceCube-"):
        run = ICECUBE_RUN.search(body)
        return replace(named, key=f"icecube:{run['run']}_{run['event']}") if run else named
    if named.name.startswith("GRB") and "GBM" in body:
        found = GBM_TRIGGER.search(body)
        return replace(named, key=f"fermi.gbm:{found['id']}") if found else named
    if named.name.startswith("GRB") and "BAT" in body:
        found = SWIFT_TRIGGER.search(body)
        return replace(named, key=f"swift:{found['id']}") if found else named
    if named.name.startswith("EP"):
        found = EP_TRIGGER.search(body)
        return replace(named, key=f"einstein_probe:{found['id']}") if found else named
    return named
