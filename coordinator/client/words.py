"""What the REST answers, as far as scripts need it; None: unknown. More is in `raw`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Status:
    """The observatory at a glance."""

    journal_id: str | None
    sky_time: datetime | None
    events_open: int
    telescopes: dict[str, int]
    pointings_live: int
    pointings_planned: int | None
    detections: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `version` is sent back with a decision about it."""

    key: str
    name: str
    revision: int
    phase: str
    retracted: bool
    version: str
    purpose: str | None = None
    t0: datetime | None = None
    open_pointings: int = 0
    probability_planned: float | None = None
    probability_observed: float | None = None
    raw: Raw = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Telescope:
    """One telescope; `asked_for` are pointings that people asked it for by hand."""

    id: str
    state: str
    version: str
    name: str | None = None
    since: datetime | None = None
    closed_because: str | None = None
    paused: bool = False
    asked_for: tuple[Raw, ...] = ()
    raw: Raw = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Pointing:
    """One pointing, offered or planned; what is planned is owned by nobody and has no version."""

    id: str
    event: str
    telescope: str
    state: str
    ra_deg: float
    dec_deg: float
    visit: str
    start: datetime
    filter: str | None = None
    version: str | None = None
    new_probability: float | None = None
    limit_mag_ab: float | None = None
    why: str | None = None
    raw: Raw = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate of an event."""

    id: str
    event: str
    rank: int
    ra_deg: float
    dec_deg: float
    probability: float
    verdict: str
    version: str
    mag_ab: float | None = None
    raw: Raw = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan that was made; `changes` counts pointings kept, moved, added and withdrawn, of all its events."""

    seq: int
    plan: str
    made_at: datetime
    because: str
    changes: dict[str, int]
    planned: float | None = None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A plan with other limits beside the same without; each side with figures, changes and telescopes."""

    event: str
    at: datetime
    as_it_is: Raw
    what_if: Raw
    in_force: Raw | None = None
    others: tuple[Raw, ...] = ()

    @property
    def planned(self) -> tuple[float | None, float | None]:
        """What is planned without and with the limits, as probability."""
        return _planned(self.as_it_is), _planned(self.what_if)


def _planned(side: Raw) -> float | None:
    planned: float | None = None if side["figures"] is None else side["figures"]["planned"]
    return planned


@dataclass(frozen=True, slots=True)
class Coverage:
    """What others were reported to have looked at."""

    id: str
    looks: int
    area_deg2: float
    source: str
    because: str


@dataclass(frozen=True, slots=True)
class LogRow:
    """One entry of the journal in a sentence."""

    seq: int
    kind: str
    text: str
    recorded_at: datetime | None = None
    event: str | None = None
    telescope: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Simulation:
    """A simulated campaign; `state` is finished, unfinished or unreadable, and then `wrong` says why."""

    id: str
    state: str
    name: str | None = None
    parts_done: int | None = None
    parts: int | None = None
    policies: tuple[str, ...] = ()
    wrong: str | None = None
    raw: Raw = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """A decision that is durable: its entry in the journal, and how to take it back.

    Attributes
    ----------
    seq : int
        The entry.
    text : str
        It in a sentence.
    key : str
        The Idempotency-Key that it was sent with.
    version : str or None
        Of the subject now.
    undo : str or None
        Where to send what takes it back; None: nothing does.
    pointing, coverage : str or None
        The name of what was made.
    notes : tuple of str
        What of it is not as it was wanted.
    """

    seq: int
    text: str
    key: str
    version: str | None = None
    undo: str | None = None
    pointing: str | None = None
    coverage: str | None = None
    notes: tuple[str, ...] = ()
