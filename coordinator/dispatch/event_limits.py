"""Limits that people put on the search of one event, as the journal has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from coordinator.planning.request import Objective

OBJECTIVES: tuple[Objective, ...] = get_args(Objective)


@dataclass(frozen=True, slots=True)
class EventLimits:
    """How the search of one event differs from what rules and settings say; empty or None: it does not.

    Attributes
    ----------
    without : tuple of str
        Telescopes that do not search for it, by id.
    until : datetime or None
        When its pointings have ended at the latest.
    visits : tuple of str
        Passes over its sky, by name, instead of those of its rule.
    objective : str or None
        What its search makes most of.
    because : str
        The person's reason and name.
    """

    without: tuple[str, ...] = ()
    until: datetime | None = None
    visits: tuple[str, ...] = ()
    objective: Objective | None = None
    because: str = ""

    @property
    def says(self) -> str:
        """The limits in a few words; empty: there are none."""
        said = [f"without {', '.join(self.without)}"] if self.without else []
        said += [] if self.until is None else [f"until {self.until:%Y-%m-%dT%H:%MZ}"]
        said += [f"visits {', '.join(self.visits)}"] if self.visits else []
        said += [f"by {self.objective}"] if self.objective else []
        return ", ".join(said)

    def forbids(self, telescope: str, end: datetime) -> bool:
        """Say whether a pointing of a telescope that ends then is not to be made."""
        return telescope in self.without or (self.until is not None and end > self.until)


NO_LIMITS = EventLimits()


def limits_of(details: Mapping[str, str], because: str = "") -> EventLimits:
    """Read limits from the details of a decision."""
    until, wanted = details.get("until"), details.get("objective", "")
    return EventLimits(
        without=_listed(details.get("without", "")),
        until=None if not until else datetime.fromisoformat(until),
        visits=_listed(details.get("visits", "")),
        objective=next((known for known in OBJECTIVES if known == wanted), None),
        because=because,
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)
