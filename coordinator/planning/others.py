"""What others have looked at, in the form in which they say it: pointings of the Treasure Map, or a coverage map."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from coordinator.planning.request import Look
from coordinator.planning.treasure_map import Observed, footprints_of, looks_of_others
from coordinator.sky.moc import edges_of_moc_text, ranges_of_moc
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope

MOST_LOOKS = 5000
_LONG = re.compile(r"\d{21}")
NO_DEPTH = "a MOC without a depth: where plans go by detection it does not count"


@dataclass(frozen=True, slots=True)
class MocSaid:
    """A coverage map, and what is said with it; None: it is not known."""

    moc: str | dict[str, Any]
    when: datetime
    visit: str = "1"
    limit_mag_ab: float | None = None
    filter: str | None = None


def of_treasure_map(said: Any, event: str, telescopes: Iterable[Telescope], source: str) -> Observed:
    """Read pointings as the Treasure Map gives them: a list, or an object with its own footprints.

    Raises
    ------
    Refused
        It is no such list, holds too many, or a pointing cannot be understood.
    """
    whole = said if isinstance(said, dict) else {"pointings": said}
    rows = whole.get("pointings")
    if not isinstance(rows, list) or not rows:
        mend = 'give a list of pointings, or {"pointings": […], "footprints": […]}'
        raise Refused("has no list of pointings", where="treasure_map", mend=mend)
    if len(rows) > MOST_LOOKS:
        raise Refused(f"{len(rows)} pointings at once", where="treasure_map", mend=f"send at most {MOST_LOOKS}")
    seen = looks_of_others(rows, footprints_of(whole, telescopes, "treasure_map"), event, "treasure_map")
    if not seen.looks:
        raise Refused("holds nothing that was completed", where="treasure_map", mend="send what was observed")
    return replace(seen, looks=tuple(replace(look, telescope=source or None) for look in seen.looks))


def of_moc(said: MocSaid, event: str, source: str) -> Observed:
    """Read a MOC in ASCII or JSON as one look.

    Raises
    ------
    Refused
        It is no MOC, or covers nothing.
    """
    text = " ".join(said.moc.split()) if isinstance(said.moc, str) else json.dumps(said.moc)
    try:
        if _LONG.search(text):  # no cell has such a number, and reading it would take for ever
            raise ValueError("a number in it is too long")
        ranges = ranges_of_moc(*edges_of_moc_text(text))
    except (ValueError, AttributeError, OverflowError) as error:
        because = (str(error).splitlines() or ["unreadable"])[0]
        raise Refused(
            f"is no MOC of the sky ({because})", where="moc", mend="give ASCII or JSON, IVOA MOC 2.0"
        ) from error
    if not ranges.low.size:
        raise Refused("covers nothing", where="moc", mend="give the cells that were looked at")
    look = Look(event, said.visit, ranges, said.when, said.limit_mag_ab, said.filter, source or None)
    return Observed((look,), (NO_DEPTH,) if said.limit_mag_ab is None else ())
