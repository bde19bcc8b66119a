"""What may be wrong with the tables `[[outlets]]` and `[[notify]]` whose every value has the right type (pure)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from coordinator.alerts.alert import Purpose
from coordinator.services.notify_settings import News, span_of
from coordinator.services.streams import ENVIRONMENT_NAME, LOCAL
from telescopes.description.host_port import is_host

Found = Iterator[tuple[str, str, str]]
"""A key, what is wrong with it, and the mend."""

GUIDE = "see docs/guides/be-told.md"
NEWS: tuple[str, ...] = get_args(News)
ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[A-Za-z0-9.-]+")
MINE = {
    "webhook": frozenset({"id", "kind", "url", "secret_env"}),
    "email": frozenset({"id", "kind", "host", "port", "tls", "sender", "to", "user_env", "password_env"}),
}
HERE = frozenset({"127.0.0.1", "localhost", "::1"})


def notify_problems(outlets: Sequence[Mapping[str, Any]], rules: Sequence[Mapping[str, Any]]) -> Found:
    """Name what is wrong with outlets and rules, and between them."""
    ids = [str(one.get("id", "")) for one in outlets]
    for number, one in enumerate(outlets):
        for key, what, mend in _outlet_problems(one):
            yield f"outlets.{number}.{key}", what, mend
        if ids[number] in ids[:number]:
            yield f"outlets.{number}.id", f"{ids[number]!r} is that of another outlet", "give each its own"
    names = [rule.get("name") for rule in rules]
    for number, rule in enumerate(rules):
        if names[number] and names[number] in names[:number]:
            yield f"notify.{number}.name", f"{names[number]!r} is that of another rule", "give each its own"
        for key, what, mend in _rule_problems(rule, ids):
            yield f"notify.{number}.{key}", what, mend


def _outlet_problems(one: Mapping[str, Any]) -> Found:
    id, kind = one.get("id", ""), str(one.get("kind", "webhook"))
    if not isinstance(id, str) or not re.fullmatch(r"[a-z0-9_-]+", id):
        yield "id", f"{id!r} is no name", "give one of small letters, digits, - and _"
    for key in sorted(set(one) - MINE.get(kind, set(one))):
        yield key, f"means nothing to {kind}", "remove it"
    if kind == "webhook":
        yield from _webhook_problems(one)
    elif kind == "email":
        yield from _email_problems(one)
    for key in ("secret_env", "user_env", "password_env"):
        value = one.get(key)
        if isinstance(value, str) and not ENVIRONMENT_NAME.fullmatch(value):
            yield key, "is no name of an environment variable", "give the variable's name here, the secret in it"


def _webhook_problems(one: Mapping[str, Any]) -> Found:
    url = one.get("url")
    if not isinstance(url, str) or not url:
        yield "url", "a webhook needs it", "give its address: https://host/path"
    elif not (url.startswith("https://") or LOCAL.match(url)) or not re.fullmatch(r"[!-~]+", url) or "@" in url:
        yield "url", "is not safe to send to", "give an https address; http is for this machine alone"
    if not one.get("secret_env"):
        yield "secret_env", "a webhook needs it", f"name the variable with the key that signs; {GUIDE}"


def _email_problems(one: Mapping[str, Any]) -> Found:
    host, port, to = one.get("host", ""), one.get("port", 587), one.get("to", [])
    if not isinstance(host, str) or not is_host(host):
        yield "host", f"{host!r} is no host", "give the mail server's name, such as mail.example.org"
    if isinstance(port, int) and not 1 <= port <= 65535:
        yield "port", f"{port!r} cannot be used", "give a number between 1 and 65535"
    if not to:
        yield "to", "nobody gets it", 'give addresses: to = ["shift@example.org"]'
    for key, address in [("sender", one.get("sender", "")), *(("to", each) for each in to if isinstance(to, list))]:
        if not isinstance(address, str) or not ADDRESS.fullmatch(address):
            yield key, f"{address!r} is no address", "give one such as shift@example.org"
    if bool(one.get("user_env")) != bool(one.get("password_env")):
        yield "user_env", "user and password go together", "give both, or neither"
    if one.get("tls") == "none" and one.get("user_env") and host not in HERE:
        yield "tls", "a password would be sent in plain text", 'use "starttls" or "tls"'


def _rule_problems(rule: Mapping[str, Any], outlets: Sequence[str]) -> Found:
    when, to = rule.get("when", []), rule.get("to", [])
    if not when:
        yield "when", "it is never told", f"name what is told: {', '.join(NEWS)}"
    if not to:
        yield "to", "nobody is told", 'name outlets: to = ["shift"]'
    yield from _name_problems(rule, outlets)
    yield from _number_problems(rule)
    hours = rule.get("quiet_hours")
    if isinstance(hours, str):
        try:
            span_of(hours)
        except ValueError:
            yield "quiet_hours", f"{hours!r} is no span of the day", 'give one in UTC: "22:00-06:30"'


def _name_problems(rule: Mapping[str, Any], outlets: Sequence[str]) -> Found:
    to, purposes = (value if isinstance(value, list) else [] for value in (rule.get("to"), rule.get("purposes")))
    known = ", ".join(filter(None, outlets)) or "there is none yet"
    for one in to:
        if one not in outlets:
            yield "to", f"there is no outlet {one!r}", f"name one of [[outlets]]: {known}"
    for one in purposes:
        if one not in list(Purpose):
            yield "purposes", f"{one!r} is no purpose", f"give one of {', '.join(Purpose)}"


def _number_problems(rule: Mapping[str, Any]) -> Found:
    for key, least, most in (("least_probability", 0.0, 1.0), ("again_after_min", 0.0, 100_000.0)):
        value = rule.get(key)
        if isinstance(value, int | float) and not least <= value <= most:
            yield key, f"{value!r} cannot be used", f"give a number between {least:g} and {most:g}"
