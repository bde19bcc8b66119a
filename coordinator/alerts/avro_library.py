"""Avro schemas by the ids under which messages name them, made of the documents of a folder or a registry."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from coordinator.alerts.avro_schema import Schema, full_name, schema_of
from telescopes.description.errors import Refused

RUBIN_ALERT = re.compile(r"lsst\.v(\d{1,3})_(\d{1,2})\.alert")
IDS_A_VERSION = 100
"""Rubin numbers a schema by its version: 1101 is 11.1."""


def library(documents: Iterable[Any]) -> dict[int, Schema]:
    """Return the schemas of Rubin alerts among some documents, by id.

    Parameters
    ----------
    documents : iterable
        Parsed JSON; what is no Avro schema is passed over. Schemas may refer to each other by full name, as the files
        of a Rubin schema do.

    Raises
    ------
    Refused
        A schema of an alert that cannot be read, or that refers to one that is not there.
    """
    types = dict(_types(documents))
    found = ((RUBIN_ALERT.fullmatch(name), name) for name in types)
    return {
        int(version[1]) * IDS_A_VERSION + int(version[2]): schema_of(types[name], types)
        for version, name in found
        if version
    }


def _types(documents: Iterable[Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for document in documents:
        if not isinstance(document, Mapping) or document.get("type") not in ("record", "enum", "fixed"):
            continue
        try:
            yield full_name(document.get("name"), document.get("namespace"), ""), document
        except Refused:
            continue
