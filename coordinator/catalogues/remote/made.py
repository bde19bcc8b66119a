"""Rows of a table about a place become what a check knows: stars, nuclei, variables, galaxies, reports."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from coordinator.catalogues.remote import rows
from coordinator.catalogues.remote.tables import Row
from coordinator.services.enrichment import Question
from coordinator.services.remote_settings import RemoteSettings, Topic
from coordinator.vetting.neighbours import Galaxy, Nucleus, Reported, Star, Variable

PLACE = ("name", "ra", "dec")
"""What every row has: a name, and a place in degrees (ICRS)."""


def made(table: Iterable[Row], asked: Question, settings: RemoteSettings) -> tuple[Any, ...]:
    """Make the rows within the radius into what they are, nearest first.

    Raises
    ------
    RetryLater
        A row lies nowhere.
    """
    found = [_MADE[settings.topic](row, off) for row, off in within(table, asked, settings)]
    return tuple(sorted(found, key=lambda f: (f.separation_arcsec, f.name))[: rows.MOST_KEPT])


def within(table: Iterable[Row], asked: Question, settings: RemoteSettings) -> Iterable[tuple[Row, float]]:
    """Return the rows within the radius of a place, and how far off they lie (arcsec)."""
    for row in table:
        ra_deg, dec_deg = rows.number(row["ra"], -360, 360), rows.number(row["dec"], -90, 90)
        off = rows.separation_arcsec(asked, ra_deg, dec_deg)
        if off <= settings.radius_arcsec:
            yield row, off


def _galaxy(row: Row, off: float) -> Galaxy:
    kind = row.get("type", "").strip()
    return Galaxy(
        rows.name(row["name"]),
        off,
        rows.mag(row.get("mag")),
        rows.redshift(row.get("redshift")),
        rows.number(row.get("redshift_err"), 0.0, 10.0),
        kind if kind in ("spec", "photo") else "",
        rows.number(row.get("radius_arcsec"), 0.0, 36000.0),
    )


def _star(row: Row, off: float) -> Star:
    return Star(rows.name(row["name"]), off, rows.mag(row.get("mag")))


def _nucleus(row: Row, off: float) -> Nucleus:
    return Nucleus(rows.name(row["name"]), off, rows.redshift(row.get("redshift")))


def _variable(row: Row, off: float) -> Variable:
    return Variable(rows.name(row["name"]), off, rows.kind(row.get("type")))


def _reported(row: Row, off: float) -> Reported:
    seen, z = rows.when(row.get("first_seen")), rows.redshift(row.get("redshift"))
    return Reported(rows.name(row["name"]), off, rows.kind(row.get("type")), z, seen)


_MADE: Mapping[Topic, Callable[[Row, float], Any]] = MappingProxyType(
    {"galaxies": _galaxy, "stars": _star, "nuclei": _nucleus, "variables": _variable, "reported": _reported}
)
