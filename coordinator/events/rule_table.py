"""Rules out of plain tables as TOML gives them, and every mistake in them with its mend (pure)."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from coordinator.alerts.alert import Phase, Purpose
from coordinator.events.rule_facts import NUMBERS, WORDS
from coordinator.events.rules import Action, Bounds, Conditions, Rule

Found = Iterator[tuple[str, str, str]]
"""A key below the rules, what is wrong with it, and the mend."""

RULE_KEYS = ("name", "action", "when", "visits", "priority")
CONDITIONS = tuple(f.name for f in fields(Conditions))
FLAGS = tuple(name for name in CONDITIONS if name not in NUMBERS and name not in WORDS)
CLOSED = {"phase": tuple(Phase), "purpose": tuple(Purpose), "messenger": ("GW", "EM", "NU", "OPT")}
"""Words that have no other values; the stage and the name of a stream are their own affair."""

LIMITS = {"age_h": (-math.inf, math.inf)} | {
    name: (0.0, 1.0 if name.startswith(("p_", "has_")) else math.inf) for name in NUMBERS if name != "age_h"
}
A_BOUND = "give {min = …}, {max = …} or both"


def rules_of(tables: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Make rules of tables in which `rule_problems` found nothing."""
    return tuple(
        Rule(
            name=table["name"],
            action=Action(table["action"]),
            when=_conditions(table.get("when", {})),
            visits=tuple(table.get("visits", ())),
            priority=table.get("priority"),
        )
        for table in tables
    )


def laid_over(own: Sequence[Rule], shipped: Sequence[Rule]) -> tuple[Rule, ...]:
    """Put a network's own rules before the shipped ones; one of the same name takes the place of the shipped one."""
    named = {rule.name for rule in own}
    return (*own, *(rule for rule in shipped if rule.name not in named))


def rule_problems(tables: object) -> Found:
    """Name every mistake of rules; the keys begin with the rule's number, counted from 0."""
    if not isinstance(tables, list):
        yield "", "are no rules", "give each rule as a table [[policy.rules]]"
        return
    names: list[object] = []
    swallowed_by: object = None
    for number, table in enumerate(tables):
        if not isinstance(table, dict):
            yield f"{number}", f"{table!r} is no rule", "give each rule as a table [[policy.rules]]"
            continue
        name = table.get("name")
        if isinstance(name, str) and name in names:
            yield f"{number}.name", f"{name!r} is that of another rule", "give each rule its own"
        names.append(name)
        if swallowed_by is not None:
            yield f"{number}", f"is never asked: {swallowed_by!r} before it speaks of every event", "move it before"
        if not table.get("when") and swallowed_by is None:
            swallowed_by = name
        for key, what, mend in _of_rule(table):
            yield f"{number}.{key}", what, mend


def _of_rule(table: Mapping[str, Any]) -> Found:
    yield from _unknown_keys(table, RULE_KEYS, "")
    if not isinstance(table.get("name"), str) or not table["name"].strip():
        yield "name", "is missing", "give each rule a name: it is what people are told"
    if table.get("action") not in list(Action):
        yield "action", _not_usable(table, "action"), f"give one of {', '.join(Action)}"
    visits = table.get("visits", [])
    if not isinstance(visits, list) or not all(isinstance(v, str) for v in visits):
        yield "visits", f"{visits!r} are no visits", 'give a list of names, such as ["auto"]'
    urgent = table.get("priority", 0)
    if isinstance(urgent, bool) or not isinstance(urgent, int) or not 0 <= urgent <= 100:
        yield "priority", f"{urgent!r} cannot be used", "give a whole number from 0 to 100, or leave it out"
    when = table.get("when", {})
    if not isinstance(when, dict):
        yield "when", f"{when!r} is no table of conditions", "give conditions, such as when.messenger = ['GW']"
        return
    yield from _unknown_keys(when, CONDITIONS, "when.")
    for key, value in when.items():
        yield from ((f"when.{key}", what, mend) for what, mend in _of_condition(key, value))


def _of_condition(key: str, value: object) -> Iterator[tuple[str, str]]:
    if key in FLAGS and not isinstance(value, bool):
        yield f"{value!r} cannot be used", "give true or false"
    elif key in WORDS:
        yield from _of_words(key, value)
    elif key in NUMBERS:
        yield from _of_bounds(key, value)


def _of_words(key: str, value: object) -> Iterator[tuple[str, str]]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not words or not all(isinstance(w, str) and w for w in words):
        yield f"{value!r} cannot be used", "give a word or a list of words"
        return
    known = CLOSED.get(key, ())
    for word in words:
        if known and word.lower() not in [one.lower() for one in known]:
            yield f"{word!r} is no {key}", f"give one of {', '.join(known)}"


def _of_bounds(key: str, value: object) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict) or not value:
        yield f"{value!r} is no range", A_BOUND
        return
    least, most = LIMITS[key]
    for side, number in value.items():
        if side not in ("min", "max"):
            yield f"{side!r} is no side of a range", A_BOUND
        elif isinstance(number, bool) or not isinstance(number, int | float) or math.isnan(number):
            yield f"{side} {number!r} is no number", A_BOUND
        elif not least <= number <= most:
            yield f"{side} {number!r} cannot be", f"give a number between {least:g} and {most:g}"
    low, high = value.get("min"), value.get("max")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        yield f"min {low:g} is above max {high:g}: nothing lies between", "exchange the two"


def _unknown_keys(table: Mapping[str, Any], known: Sequence[str], path: str) -> Found:
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, 1)
            yield f"{path}{key}", "unknown key", f"give {near[0]}" if near else f"give one of {', '.join(known)}"


def _not_usable(table: Mapping[str, Any], key: str) -> str:
    return f"{table[key]!r} cannot be used" if key in table else "is missing"


def _conditions(when: Mapping[str, Any]) -> Conditions:
    return Conditions(**{key: _condition(key, value) for key, value in when.items()})


def _condition(key: str, value: Any) -> Any:
    if key in NUMBERS:
        return Bounds(**value)
    if key in WORDS:
        return (value,) if isinstance(value, str) else tuple(value)
    return value
