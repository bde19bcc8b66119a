"""What is to be done with an event: rules in order, of which the first that matches decides (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from coordinator.events.event import Event
from coordinator.events.policy import priority
from coordinator.events.rule_facts import NUMBERS, WORDS, age_from, flags_of

MOST_BECAUSE = 500
INSTANT = timedelta(microseconds=1)
"""So much after a bound an age is past it for certain, however it was rounded."""


class Action(StrEnum):
    """What to do with an event."""

    FOLLOW = "follow"
    """Search it at once."""

    ASK = "ask"
    """Search it as soon as a person says so."""

    WATCH = "watch"
    """Keep it and what comes after it; don't search."""

    IGNORE = "ignore"
    """It is none, or of no interest here; it is kept all the same."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """From `min` to `max`, both included; None: no bound on that side."""

    min: float | None = None
    max: float | None = None

    def holds(self, value: float) -> bool:
        """Say whether a value lies inside."""
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    def __str__(self) -> str:
        if self.min is not None and self.max is not None:
            return f"{self.min:g} to {self.max:g}"
        return f"at least {self.min:g}" if self.min is not None else f"at most {self.max:g}"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an event must be like; what is left out may be anything, and what is unknown fulfils nothing.

    Words may hold ``*`` for any letters, and upper or lower case is the same. Probabilities are 0 to 1, `age_h` is sky
    time since T0 (where that is unknown: since the notice), `area90_deg2` of a cone that of its 90 % circle.
    """

    messenger: tuple[str, ...] = ()
    stream: tuple[str, ...] = ()
    phase: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    purpose: tuple[str, ...] = ()
    significant: bool | None = None
    coincident: bool | None = None
    far_hz: Bounds | None = None
    p_astro: Bounds | None = None
    p_bns: Bounds | None = None
    p_nsbh: Bounds | None = None
    p_bns_or_nsbh: Bounds | None = None
    p_bbh: Bounds | None = None
    p_terrestrial: Bounds | None = None
    has_ns: Bounds | None = None
    has_remnant: Bounds | None = None
    has_mass_gap: Bounds | None = None
    area90_deg2: Bounds | None = None
    distance_mpc: Bounds | None = None
    age_h: Bounds | None = None

    @property
    def any_event(self) -> bool:
        """Whether every event fulfils them."""
        return self == ANYTHING


ANYTHING = Conditions()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: events like this are treated so.

    Attributes
    ----------
    visits : tuple of str
        Passes over the event's sky by name; empty: those of `[policy] visits`.
    priority : int, optional
        0 to 100; None: by significance, chance of light and rarity (`events.policy.priority`).
    """

    name: str
    action: Action
    when: Conditions = field(default_factory=Conditions)
    visits: tuple[str, ...] = ()
    priority: int | None = None


FOLLOW_EVERYTHING = Rule("everything", Action.FOLLOW)
"""For simulations and tests, in which whatever may be searched is searched."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with an event, by which rule, and why; `visits` empty: those of `[policy] visits`."""

    action: Action
    rule: str
    because: str
    visits: tuple[str, ...] = ()
    priority: int = 0


def decide(event: Event, now: datetime, rules: Sequence[Rule]) -> Decision:
    """Say what to do with an event; the first rule that matches decides.

    Parameters
    ----------
    event : Event
        As all its alerts make it.
    now : datetime
        Sky time, aware UTC.
    rules : sequence of Rule
        In order. What no rule speaks of is asked.

    Returns
    -------
    Decision
        `because` also names earlier rules that an unknown value alone kept from matching.
    """
    if event.retracted:
        return Decision(Action.IGNORE, "retracted", "its stream took it back")
    if event.closed is not None:
        return Decision(Action.IGNORE, "closed", _joined([f"its best notice takes it for none: {event.closed}"]))
    unknown: list[str] = []
    for rule in rules:
        tested = [_Tested(*one) for one in _tests(rule.when, event, now)]
        if all(one.holds for one in tested):
            because = [one.said for one in tested] or ["it speaks of every event"]
            urgent = priority(event) if rule.priority is None else rule.priority
            return Decision(rule.action, rule.name, _joined(because + unknown), rule.visits, urgent)
        if all(one.holds is not False for one in tested):
            names = ", ".join(one.said for one in tested if one.holds is None)
            unknown.append(f"not {rule.name!r}: {names}")
    return Decision(Action.ASK, "none", _joined(["no rule speaks of it", *unknown]), (), priority(event))


def changes_at(event: Event, now: datetime, rules: Iterable[Rule]) -> datetime | None:
    """Return when a decision may change though nothing comes in, by age alone; None: never."""
    since = age_from(event)
    if since is None:
        return None
    bounds = [rule.when.age_h for rule in rules if rule.when.age_h is not None]
    ages = [age for b in bounds for age in (b.min, b.max) if age is not None]
    return min((at for age in ages if (at := since + timedelta(hours=age) + INSTANT) > now), default=None)


@dataclass(frozen=True, slots=True)
class _Tested:
    """One condition on one event; `holds` None: what it asks for is unknown."""

    holds: bool | None
    said: str


def _tests(when: Conditions, event: Event, now: datetime) -> Iterator[tuple[bool | None, str]]:
    """Try one condition after the other; the first that does not hold is the last that is tried."""
    for condition in fields(Conditions):
        wanted = getattr(when, condition.name)
        if wanted is None or wanted == ():
            continue
        holds, said = _test(condition.name, wanted, event, now)
        yield holds, said
        if holds is False:
            return


def _test(name: str, wanted: object, event: Event, now: datetime) -> tuple[bool | None, str]:
    match wanted:
        case bool():
            stated = flags_of(event, name)
            return (None if stated is None else stated is wanted), f"{name} {_word(stated)}"
        case Bounds():
            value = NUMBERS[name](event, now)
            if value is None:
                return None, f"{name} unknown"
            return wanted.holds(value), f"{name} {value:.3g} is {wanted}"
        case tuple():
            found = WORDS[name](event)
            if not found:
                return None, f"{name} unknown"
            return any(_alike(one, pattern) for one in found for pattern in wanted), f"{name} {', '.join(found)}"
        case _:
            raise AssertionError(f"{name} is no condition")


def _alike(found: str, pattern: str) -> bool:
    return fnmatchcase(found.lower(), pattern.lower())


def _word(stated: bool | None) -> str:
    return "unknown" if stated is None else "yes" if stated else "no"


def _joined(said: Iterable[str]) -> str:
    text = "; ".join(said)
    return text if len(text) <= MOST_BECAUSE else f"{text[: MOST_BECAUSE - 1]}…"
