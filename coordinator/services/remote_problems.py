"""What may be wrong with one table `[[remote]]` whose every value has the right type (pure)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from coordinator.services.remote_settings import CONES, TAP_QUERIES
from coordinator.services.streams import ENVIRONMENT_NAME, LOCAL

Found = Iterator[tuple[str, str, str]]
"""A key, what is wrong with it, and the mend; no value of a key that may hold a secret is repeated."""

GUIDE = "see docs/guides/ask-others.md"
TOPICS = (*TAP_QUERIES, "reported")
COLUMNS = frozenset({"name", "ra", "dec", "mag", "redshift", "redshift_err", "type", "radius_arcsec", "first_seen"})
KEYS: Mapping[str, tuple[str, ...]] = {
    "what": ("tap", "cone", "json"),
    "query": ("tap", "json"),
    "format": ("tap",),
    "columns": ("cone", "json"),
    "rows": ("json",),
    "secret_env": ("tns",),
}
"""Which kinds a key means something to, where it does not to all."""

BOUNDS = {
    "within_arcsec": (0.1, 1800.0),
    "keep_days": (0.0, 3650.0),
    "max_kib": (1.0, 8192.0),
    "connect_s": (0.1, 60.0),
    "total_s": (0.1, 120.0),
}
MARKER = re.compile(
    r'tns_marker\{(?=.*"tns_id" *: *"?[0-9]+"?)(?=.*"type" *: *"(bot|user)")(?=.*"name" *: *"[^"]+").*\}'
)


def remote_problems(table: Mapping[str, Any]) -> Found:
    """Name what is wrong in one table `[[remote]]`: key, what, mend."""
    kind = table.get("kind", "tap")
    name = table.get("id", "")
    if not isinstance(name, str) or not name or set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-_"):
        yield "id", f"{name!r} is no name", "give one of small letters, digits, - and _"
    for key, kinds in KEYS.items():
        if key in table and isinstance(kind, str) and kind not in kinds:
            yield key, f"means nothing to a {kind} source", f"remove it; it belongs to {' or '.join(kinds)}"
    yield from _topic_problems(table, kind)
    yield from _query_problems(table, kind)
    yield from _column_problems(table, kind)
    yield from _out_of_bounds(table)
    yield from _secret_problems(table, kind)
    yield from _agent_problems(table, kind)


def _topic_problems(table: Mapping[str, Any], kind: object) -> Found:
    what, url = table.get("what"), table.get("url")
    if kind in KEYS["what"] and what not in TOPICS:
        yield "what", f"{what!r} is nothing that is asked by {kind}", f"give one of {', '.join(TOPICS)}"
    elif what == "reported" and kind == "tap" and not table.get("query"):
        yield "query", "no query for reports comes with Armillary", f"give one, and the url; {GUIDE}"
    if isinstance(url, str) and not _is_address(url):
        yield "url", f"{url!r} is no address", "give https://host/path, or a scheme with a port: http://127.0.0.1:8123/"
    elif not url and (kind == "json" or (kind == "cone" and what == "reported")):
        yield "url", f"a {kind} source of {what} has no address of its own", "give one: https://host/path"


def _query_problems(table: Mapping[str, Any], kind: object) -> Found:
    query = table.get("query")
    if kind == "json" and not query:
        yield "query", "a json source needs it", f"give what stands behind the question mark; {GUIDE}"
    if not isinstance(query, str) or not query or kind not in KEYS["query"]:
        return
    radius = ("{radius}", "{radius_arcsec}") if kind == "json" else ("{radius}",)
    named = "{ra}" in query and "{dec}" in query and any(mark in query for mark in radius)
    if not named and not (kind == "tap" and CONES.search(query)):
        cones = " or {cones:RA, DEC} with two columns" if kind == "tap" else " or {radius_arcsec}"
        yield "query", "does not say where", f"use {{ra}}, {{dec}} and {{radius}}, all in degrees,{cones}"
    elif kind == "json" and not re.fullmatch(r"[!-~]+", query):
        yield "query", "cannot be sent", "give printable ASCII without blanks: %20 for one"


def _column_problems(table: Mapping[str, Any], kind: object) -> Found:
    columns = table.get("columns")
    if kind not in KEYS["columns"] or not isinstance(columns, dict | None):
        return
    for name, its in (columns or {}).items():
        if name not in COLUMNS:
            yield f"columns.{name}", "is no column that anybody reads", f"give one of {', '.join(sorted(COLUMNS))}"
        elif its == "":
            yield f"columns.{name}", "has no name there", "give the name of their column, or remove it"


def _out_of_bounds(table: Mapping[str, Any]) -> Found:
    for key, (least, most) in BOUNDS.items():
        value = table.get(key)
        if isinstance(value, int | float) and not least <= value <= most:
            yield key, f"{value!r} cannot be used", f"give a number between {least:g} and {most:g}"
    said = table.get("format")
    if isinstance(said, str) and not re.fullmatch(r"[!-~]+", said):
        yield "format", f"{said!r} cannot be sent", "give a name that the service knows, such as votable or csv"


def _secret_problems(table: Mapping[str, Any], kind: object) -> Found:
    """Find what looks like a secret where the name of its variable belongs; it is not repeated."""
    if kind == "tns" and not table.get("secret_env"):
        yield "secret_env", "a tns source needs it", "give the name of the variable that holds the bot's key"
    headers = table.get("secret_headers")
    named = {"secret_env": table.get("secret_env")}
    named |= {f"secret_headers.{key}": value for key, value in headers.items()} if isinstance(headers, dict) else {}
    for key, value in named.items():
        if isinstance(value, str) and value and not ENVIRONMENT_NAME.fullmatch(value):
            yield key, "is no name of an environment variable", "give the variable's name here, the secret in it"
    url = table.get("url")
    if (
        (table.get("secret_env") or headers)
        and isinstance(url, str)
        and url.startswith("http:")
        and not LOCAL.match(url)
    ):
        yield "url", "a secret would be sent in plain text", "give an https address; http is for this machine alone"
    for name in headers if isinstance(headers, dict) else ():
        if not re.fullmatch(r"[A-Za-z0-9-]+", name):
            yield f"secret_headers.{name}", "is no name of a header", "give letters, digits and -"


def _agent_problems(table: Mapping[str, Any], kind: object) -> Found:
    agent = table.get("user_agent")
    if isinstance(agent, str) and not (agent.isascii() and agent.isprintable()):
        yield "user_agent", "cannot be sent", "give printable ASCII"
    elif kind == "tns" and (not isinstance(agent, str) or not MARKER.fullmatch(agent)):
        mend = """give 'tns_marker{"tns_id":1234,"type":"bot","name":"our_bot"}' with your bot's number and name"""
        yield "user_agent", "a tns source needs the marker of its bot", mend


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    whole = bool(parts.hostname) and not parts.query and not parts.fragment and parts.username is None
    return whole and url.isascii() and (parts.scheme == "https" or (parts.scheme == "http" and port is not None))
