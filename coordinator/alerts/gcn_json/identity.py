"""Which event a notice of the unified schema speaks of: its id, its name, else its time."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coordinator.alerts.canonical import key_part, stamp
from coordinator.alerts.fields import text

MAX_NAMES = 16
LONGEST_ID = 64
LONGEST_NUMBER = 10**40
RUN_AND_EVENT = re.compile(r"(\d{1,9})_0*(\d{1,12})")


def words_of(value: Any) -> tuple[str, ...]:
    """Return ids or names, whether one or a list; a whole number keeps all its digits, a fraction is no id."""
    listed = value if isinstance(value, list) else [value]
    return tuple(found for found in map(_word, listed[:MAX_NAMES]) if found is not None)


def event_key(namespace: str, notice: Mapping[str, Any], t0: datetime | None, issued: datetime | None) -> str | None:
    """Return the key of the event; None: the notice names none and holds no time either."""
    ids = words_of(notice.get("id"))
    if namespace == "fermi.gbm" and notice.get("reliability") is not None and t0 is not None:
        return f"fermi.gbm.subthresh:{stamp(t0)}"
    if namespace == "fermi.gbm" or namespace == "fermi.lat":
        # The mission elapsed time of the trigger is what the other formats know; `bn...` is a name made of its date.
        ids = tuple(sorted(ids, key=lambda one: not one.isdigit()))
    names = (
        *ids,
        *words_of(notice.get("event_name")),
        *words_of(notice.get("obs_id")),
        *words_of(notice.get("ref_ID")),
    )
    if names:
        return f"{namespace}:{key_part(_trimmed(namespace, names[0]))}"
    when = t0 or issued
    return None if when is None else f"{namespace}:{stamp(when)}"


def name_of(notice: Mapping[str, Any]) -> str | None:
    """Return what people call the event, where the notice says it."""
    return next(iter(words_of(notice.get("event_name"))), None)


def names_of(namespace: str, notice: Mapping[str, Any]) -> tuple[str, ...]:
    """Return all its ids and names as `namespace:id`."""
    ids = [f"{namespace}:{one}" for one in words_of(notice.get("id"))]
    return tuple(dict.fromkeys([*ids, *(f"name:{one}" for one in words_of(notice.get("event_name")))]))


def _trimmed(namespace: str, name: str) -> str:
    """Spell run and event of IceCube as the other formats do, without leading zeros."""
    parts = RUN_AND_EVENT.fullmatch(name) if namespace == "icecube" else None
    return f"{parts[1]}_{parts[2]}" if parts else name


def _word(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < LONGEST_NUMBER else None
    return text(value, LONGEST_ID)
