"""Schemas that refer to others of their registry: all of them are asked for, and one whole schema is made of them."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from coordinator.alerts.avro_schema import read_schema
from coordinator.alerts.strict_json import read_json
from coordinator.sources.http_fetch import NotThereYet
from telescopes.description.errors import Refused

MEND = "ask whoever runs the registry, or put the schema's file there by hand"
MOST = 64
DEEPEST = 8
LONGEST_SUBJECT = 256

Answer = Mapping[str, Any]
Named = tuple[str, str, int]
"""The name by which a schema refers to another, and the other's subject and version."""


def answer_in(data: bytes, address: str) -> Answer:
    """Read a registry's answer, and see that it holds an Avro schema.

    Raises
    ------
    Refused
        It holds none.
    """
    said = read_json(data).value
    if not isinstance(said, dict) or not isinstance(said.get("schema"), str):
        raise Refused("the registry's answer holds no schema", where=address, mend=MEND)
    if said.get("schemaType", "AVRO") != "AVRO":
        raise Refused("the registry's schema is not Avro", where=address, mend=MEND)
    return said


@dataclass
class References:
    """What a schema refers to, as far as it has been asked for.

    Attributes
    ----------
    get : callable
        Asks the registry.
    address : callable
        Where it is asked for a version of a subject.
    documents : dict
        What was found, by the names under which the schemas refer to it.
    """

    get: Callable[[str], Awaitable[bytes]]
    address: Callable[[str, int], str]
    documents: dict[str, Any] = field(default_factory=dict)

    async def whole(self, said: Answer, where: str) -> bytes:
        """Return a schema that refers to nothing any more.

        Raises
        ------
        Refused
            There are too many references, one of them leads nowhere, or together they are no schema.
        RetryLater
            The registry cannot be reached now.
        """
        await self._follow(said, where, 0)
        text = str(said["schema"]).encode("utf-8", "replace")
        made = read_schema(text, self.documents)
        if not self.documents:
            return text
        joined = json.dumps(made.definition).encode()
        # It is kept for ever and read again at each start: what cannot be read by itself must not come that far.
        read_schema(joined)
        return joined

    async def _follow(self, said: Answer, where: str, depth: int) -> None:
        for name, subject, version in _references(said, where):
            if name in self.documents:
                continue
            if depth >= DEEPEST or len(self.documents) >= MOST:
                what = f"it refers to more than {MOST} others, or {DEEPEST} deep"
                raise Refused(what, where=where, mend=MEND)
            address = self.address(subject, version)
            try:
                found = answer_in(await self.get(address), address)
            except NotThereYet as missing:
                what = f"it refers to {subject!r} version {version}, which is not there"
                raise Refused(what, where=where, mend=MEND) from missing
            self.documents[name] = read_json(str(found["schema"]).encode("utf-8", "replace")).value
            await self._follow(found, address, depth + 1)


def _references(said: Answer, where: str) -> Iterator[Named]:
    listed = said.get("references") or []
    for one in listed if isinstance(listed, list) else [None]:
        stated = one if isinstance(one, dict) else {}
        name, subject, version = stated.get("name"), stated.get("subject"), stated.get("version")
        if not (isinstance(name, str) and isinstance(subject, str) and isinstance(version, int)):
            raise Refused("a reference without name, subject and version", where=where, mend=MEND)
        if not 0 < len(subject) <= LONGEST_SUBJECT or version < 1:
            raise Refused("a reference to no version of a subject", where=where, mend=MEND)
        yield name, subject, version
