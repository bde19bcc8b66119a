"""Names by which people know events (S230518h, GRB 260101A, IceCube-230401A, EP240219a), and back to event keys."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from telescopes.description.errors import Refused
from telescopes.description.event_key import EVENT_KEY, MEND

BURSTS = frozenset(
    ("fermi.gbm", "fermi.lat", "swift", "swift.guano", "svom", "integral", "agile", "burstcube", "glowbug", "konus")
)
BY_DATE = dict.fromkeys(BURSTS, "GRB {day}A") | {"icecube": "IceCube-{day}A", "einstein_probe": "EP{day}a"}
"""How the events of a namespace are named after the day of their T0."""

NAME = re.compile(r"(GRB|XRF|IceCubeCascade|IceCube|IC|EP|AT|SN|FRB)[ _-]?(\d{4,8})([A-Z]{1,5})", re.IGNORECASE)
SPELLING = {
    "GRB": "GRB {}",
    "XRF": "XRF {}",
    "ICECUBE": "IceCube-{}",
    "ICECUBECASCADE": "IceCubeCascade-{}",
    "IC": "IceCube-{}",
    "EP": "EP{}",
    "AT": "AT {}",
    "SN": "SN {}",
    "FRB": "FRB {}",
}
LOWER = frozenset({"ICECUBECASCADE", "EP", "AT", "SN"})
OF_A_DAY = re.compile(r"(GRB|IceCube|IC|EP)[ _-]?(\d{6})([A-Za-z]?)", re.IGNORECASE)
WITH_FRACTION = re.compile(r"(?:GRB|bn)[ _-]?(\d{6})\.?(\d{3})", re.IGNORECASE)
NATIVE = (
    (re.compile(r"[MT]?(S|GW)\d{6}[a-z]{1,8}|G\d{5,8}"), "lvk"),
    (re.compile(r"sb\d{8}"), "svom"),
    (re.compile(r"ZTF\d{2}[a-z]{7}"), "ztf.object"),
)


class Named(Protocol):
    """An event as far as its name goes."""

    @property
    def key(self) -> str:
        """Its key."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def t0(self) -> datetime | None:
        """When it happened."""
        ...


def name_of(event_key: str, stated: Sequence[str], t0: datetime | None) -> str:
    """Return the name of an event.

    Parameters
    ----------
    event_key : str
        Its key.
    stated : sequence of str
        What its notices call it, the best one last.
    t0 : datetime or None
        When it happened.

    Returns
    -------
    str
        The last stated name that has the form of one; else one made of the day of T0, where the stream's events are
        named so. Its letter is then that of the first of the day: only people know of others, and a name that
        somebody states takes its place. Else what the notices say.
    """
    for name in reversed(stated):
        proper = _spelt(name)
        if proper is not None:
            return proper
    namespace, _, native = event_key.partition(":")
    pattern = BY_DATE.get(namespace)
    if pattern is not None and t0 is not None:
        return pattern.format(day=t0.strftime("%y%m%d"))
    return next((name for name in reversed(stated) if name), native)


def key_in(name: str) -> str | None:
    """Return the event key that a name holds in itself, be the event known or not; None: it holds none."""
    name = name.strip()
    if EVENT_KEY.fullmatch(name):
        return name
    return next((f"{namespace}:{name}" for pattern, namespace in NATIVE if pattern.fullmatch(name)), None)


def keys_named(name: str, events: Iterable[Named]) -> tuple[str, ...]:
    """Return the keys of all events that a person's name may mean, sorted.

    A name, a native id and a key are found as they are; a burst's, a neutrino's or an Einstein Probe name also by the
    day that it states, where no event bears it: its letter is people's.
    """
    own = key_in(name)
    if own is not None:
        return (own,)
    known = list(events)
    wanted = _plain(_spelt(name) or name)
    exact = [e.key for e in known if wanted in (_plain(e.name), _plain_id(e.key))]
    return tuple(sorted(exact or _of_the_moment(name, known) or _of_the_day(name, known)))


def key_named(name: str, events: Iterable[Named]) -> str:
    """Return the key of the one event that a name means.

    Raises
    ------
    Refused
        It means none that is known, or several.
    """
    found = keys_named(name, events)
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(found[:8])
        raise Refused(f"{name!r} may be any of {several}", where="event", mend="give the key of the one that is meant")
    raise Refused(
        f"{name!r} is no event key, and no known event has that name",
        where="event",
        mend=MEND,
    )


def _spelt(name: str) -> str | None:
    """Spell a proper name as people do; None: it has not the form of one."""
    name = name.strip()
    found = NAME.fullmatch(name)
    if found is None:
        return name if key_in(name) is not None and ":" not in name else None
    kind, number, letters = found.group(1).upper(), found.group(2), found.group(3)
    return SPELLING[kind].format(number + (letters.lower() if kind in LOWER else letters.upper()))


# A survey's table asks thousands of names after hundreds of events, and an event's own name seldom changes.
@lru_cache(maxsize=8192)
def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.:]", "", name.lower())


def _plain_id(event_key: str) -> str:
    return _plain(event_key.partition(":")[2])


def _of_the_moment(name: str, events: Sequence[Named]) -> list[str]:
    """Return the bursts that a name with the fraction of its day (GRB 260411.336, bn260411336) means."""
    found = WITH_FRACTION.fullmatch(name.strip())
    if found is None:
        return []
    day, thousandth = found.group(1), int(found.group(2))
    return [e.key for e in events if e.t0 is not None and _is_moment(e.key, e.t0, day, thousandth)]


def _is_moment(event_key: str, t0: datetime, day: str, thousandth: int) -> bool:
    if event_key.partition(":")[0] not in BURSTS or t0.strftime("%y%m%d") != day:
        return False
    midnight = t0.replace(hour=0, minute=0, second=0, microsecond=0)
    return abs((t0 - midnight).total_seconds() / 86.4 - thousandth) <= 1.0


def _of_the_day(name: str, events: Sequence[Named]) -> list[str]:
    """Return the events of the day that a name states, of streams whose events are named so."""
    found = OF_A_DAY.fullmatch(name.strip())
    if found is None:
        return []
    kind, day = SPELLING[found.group(1).upper()].format(""), found.group(2)
    return [e.key for e in events if e.t0 is not None and _is_of_day(e.key, e.t0, kind, day)]


def _is_of_day(event_key: str, t0: datetime, kind: str, day: str) -> bool:
    pattern = BY_DATE.get(event_key.partition(":")[0])
    return pattern is not None and kind == pattern.partition("{")[0] and t0.strftime("%y%m%d") == day
