"""What may be wrong with a config file whose every value has the right type (pure)."""

from collections.abc import Iterator
from typing import Any

from coordinator.planning.recipe import CHAR, source_of, visits_for
from coordinator.services.link_rules import host_problems
from coordinator.services.notify_problems import notify_problems
from coordinator.services.remote_problems import remote_problems
from coordinator.services.streams import StreamSettings, several_registries, stream_problems
from coordinator.services.vetting_settings import vetting_problems
from telescopes.description.errors import Refused
from telescopes.description.host_port import is_host

BOUNDS = {
    "port": (1, 65535),
    "dashboard.port": (1, 65535),
    "security.enrolment_port": (1, 65535),
    "policy.own_share": (0.5, 1.0),  # law 2: never below one half
    "policy.plan_hours": (0.1, 240.0),
    "policy.expire_low_significance_h": (0.1, 8760.0),
    "policy.oldest_event_h": (0.1, 1_000_000.0),
    "link.heartbeat_s": (0.05, 3600.0),
    "link.lease_s": (0.1, 86400.0),
    "link.acceptance_s": (0.1, 86400.0),
    "sky.rate": (0.001, 100_000.0),
    "rates.calls_per_s": (1.0, 10_000.0),
    "rates.calls_at_once": (10.0, 100_000.0),
    "rates.reports_per_s": (0.1, 10_000.0),
    "rates.reports_at_once": (1.0, 100_000.0),
    "rates.batches_per_s": (0.01, 1000.0),
    "rates.batches_at_once": (1.0, 10_000.0),
    "rates.mib_per_s": (0.01, 1024.0),
    "rates.mib_at_once": (1.0, 4096.0),
    "rates.cutouts_mib_per_day": (0.1, 65536.0),
    "vetting.promising": (0.001, 1.0),
    "vetting.possible": (0.0, 1.0),
    "vetting.q": (0.001, 0.999),
    "vetting.density_deg2": (0.001, 10_000.0),
    "follow_up.threshold": (0.001, 0.5),
    "follow_up.decided": (0.5, 1.0),
    "follow_up.most_per_event": (0, 1000),
    "follow_up.most_looks": (1, 100),
    "links.max_mib": (0.01, 4096.0),
    "links.total_s": (1.0, 3600.0),
}
"""Least and most of each number, by its key in a config file; both may be given."""

Found = Iterator[tuple[str, str, str]]
"""A key, what is wrong with it, and the mend."""


def meant_wrongly(document: dict[str, Any]) -> Found:
    """Name what has the right type and cannot be meant: out of bounds, unknown by name, at odds with something else."""
    yield from _out_of_bounds(document)
    yield from _visit_problems(document)
    yield from _source_problems(document)
    yield from _sky_problems(document)
    yield from _stream_problems(document)
    yield from _link_problems(document)
    yield from _remote_problems(document)
    yield from notify_problems(_tables(document, "outlets"), _tables(document, "notify"))
    yield from _vetting_problems(document)
    yield from _name_problems(document)


def _vetting_problems(document: dict[str, Any]) -> Found:
    table = document.get("vetting")
    for key, what, mend in vetting_problems(table) if isinstance(table, dict) else ():
        yield f"vetting.{key}", what, mend


def _name_problems(document: dict[str, Any]) -> Found:
    names, host = value_at(document, "security.names"), value_at(document, "host")
    yield from _page_name_problems(value_at(document, "dashboard.names"))
    found = [("security.names", name) for name in names] if isinstance(names, list) else []
    for key, name in [*found, ("host", host)]:
        if isinstance(name, str) and not is_host(name):
            yield key, f"{name!r} is no host", "give a name such as gateway.example.org, or an address"


def _page_name_problems(names: object) -> Found:
    if isinstance(names, list) and names and all("*" in str(name) for name in names):
        mend = "give the page's own name, too, such as observatory.example.org"
        yield "dashboard.names", "none is whole: links in letters and the way back from a provider need one", mend


def _link_problems(document: dict[str, Any]) -> Found:
    hosts = value_at(document, "links.hosts")
    wrong = host_problems(str(host) for host in hosts) if isinstance(hosts, list) else []
    for host in wrong:
        yield "links.hosts", f"{host!r} is no host", "give a host's name, or an origin such as http://127.0.0.1:8123"


def _out_of_bounds(document: dict[str, Any]) -> Found:
    for key, (least, most) in BOUNDS.items():
        value = value_at(document, key)
        if isinstance(value, int | float | str) and not least <= _number(value, least) <= most:
            yield key, f"{value!r} cannot be used", f"give a number between {least:g} and {most:g}"


def value_at(document: dict[str, Any], key: str) -> object:
    """Return what stands under a key such as `policy.visits`; None: nothing does."""
    table, _, name = key.rpartition(".")
    where = document.get(table) if table else document
    return where.get(name) if isinstance(where, dict) else None


def _number(value: float | str, otherwise: float) -> float:
    """Return a number, also one in quotes; what is none has been named already."""
    try:
        return float(value)
    except ValueError:
        return otherwise


def _visit_problems(document: dict[str, Any]) -> Found:
    visits = value_at(document, "policy.visits")
    if isinstance(visits, list) and all(isinstance(name, str) for name in visits):
        yield from wrong_visits(visits, "policy.visits")


def wrong_visits(visits: list[str], key: str) -> Found:
    """Name what is wrong with names of visits."""
    if visits == [CHAR]:
        return
    try:
        visits_for([name for name in visits if name != CHAR], ())
    except Refused as error:
        yield key, error.what, f"{error.mend}, or leave it out"


def _source_problems(document: dict[str, Any]) -> Found:
    source = value_at(document, "policy.source")
    if isinstance(source, str | int | float):
        try:
            source_of(source)
        except Refused as error:
            yield "policy.source", error.what, error.mend


def _sky_problems(document: dict[str, Any]) -> Found:
    from pydantic import AwareDatetime, TypeAdapter, ValidationError

    start = value_at(document, "sky.start")
    try:
        TypeAdapter(AwareDatetime | None).validate_python(start)
    except ValidationError:
        yield "sky.start", f"{str(start)!r} has no zone", "give UTC, such as 2017-08-17T12:41:04Z"


def _stream_problems(document: dict[str, Any]) -> Found:
    streams = document.get("streams")
    if not isinstance(streams, list):
        return
    if not streams:
        yield "streams", "there is none", "leave it out, or give one: alerts that are handed over enter by the first"
    tables = [s if isinstance(s, dict) else {} for s in streams]
    ids = [str(s.get("id", StreamSettings().id)) for s in tables]
    folders = [
        str(s.get("folder", "inbox of the state folder")) if s.get("kind", "folder") == "folder" else None
        for s in tables
    ]
    for name, said in (("id", ids), ("folder", folders)):
        for number, value in enumerate(said):
            if value is not None and value in said[:number]:
                yield f"streams.{number}.{name}", f"{value!r} is that of another stream", "give each stream its own"
    yield from several_registries(tables)
    for number, table in enumerate(tables):
        for key, what, mend in stream_problems(table):
            yield f"streams.{number}.{key}", what, mend


def _tables(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the tables of a list; what is none has been named already."""
    found = document.get(name)
    return [t for t in found if isinstance(t, dict)] if isinstance(found, list) else []


def _remote_problems(document: dict[str, Any]) -> Found:
    tables = _tables(document, "remote")
    ids = [t.get("id") for t in tables]
    for number, table in enumerate(tables):
        for key, what, mend in remote_problems(table):
            yield f"remote.{number}.{key}", what, mend
        if ids[number] in ids[:number]:
            yield f"remote.{number}.id", f"{ids[number]!r} is that of another source", "give each source its own"
