"""The schemas by which messages are read that only name theirs: of a folder, and of a registry that fills it.

A registry (Confluent's REST form) is asked once for an id, and for what that schema refers to; the whole of it lies in
the folder for ever, for an id never changes its meaning.
"""

import asyncio
import base64
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from coordinator.alerts.avro_schema import MAX_BYTES, Schema, read_schema
from coordinator.services.link_rules import FetchRules
from coordinator.services.prompt import MOST_S, PromptFetch
from coordinator.sources.http_fetch import NO_HEADERS, HttpFetch, NotThereYet
from coordinator.sources.schema_folder import SUFFIX
from coordinator.sources.schema_references import References, answer_in
from telescopes.description.clocks import LinkClock, LinkTime
from telescopes.description.errors import Refused, RetryLater
from telescopes.description.whole_file import write_whole

CONNECT_S = 3.0
ASK_AGAIN_S = 30.0
MOST_UNKNOWN = 1024


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry of schemas: its address, and who we are there."""

    url: str
    user: str | None = None
    secret: str | None = None

    def fetch(self, link: LinkClock) -> PromptFetch:
        """Return what asks it: it and nobody else, wherever it is, for whoever named it trusts it."""
        rules = FetchRules(hosts=(origin_of(self.url),), max_bytes=2 * MAX_BYTES, connect_s=CONNECT_S, total_s=MOST_S)
        return PromptFetch(HttpFetch(rules, self._who() if self.user is not None else NO_HEADERS).get, link)

    def address(self, number: int) -> str:
        """Return where a schema is asked for; with its port, by which the host is trusted."""
        return f"{self._root()}/schemas/ids/{number}"

    def address_of(self, subject: str, version: int) -> str:
        """Return where a version of a subject is asked for, to which a schema refers."""
        return f"{self._root()}/subjects/{quote(subject, safe='')}/versions/{version}"

    def _root(self) -> str:
        return f"{origin_of(self.url)}{urlsplit(self.url).path.rstrip('/')}"

    def _who(self) -> dict[str, str]:
        packed = base64.b64encode(f"{self.user}:{self.secret or ''}".encode()).decode()
        return {"Authorization": f"Basic {packed}"}


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address; the port stands there even if it is the usual one."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


@dataclass
class Schemas:
    """Schemas by id, called with one; what is not known yet can be learnt, from the folder or from a registry.

    Attributes
    ----------
    folder : Path
        Where `<id>.avsc` lie.
    known : dict
        Those that have been read.
    link : LinkClock
        An id that nobody knew is asked for again only after a while.
    registry : Registry, optional
        Whom to ask; None: nobody.
    """

    folder: Path
    known: dict[int, Schema]
    link: LinkClock
    registry: Registry | None = None
    _unknown: dict[int, LinkTime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._fetch = None if self.registry is None else self.registry.fetch(self.link)

    def __call__(self, number: int) -> Schema | None:
        """Return a schema; None: it is not known (yet)."""
        return self.known.get(number)

    async def learn(self, number: int) -> None:
        """See to it that a schema is known, if anybody has it.

        Raises
        ------
        Refused
            What they have is no schema that may be used, or the registry does not let us in.
        RetryLater
            The registry cannot be reached now.
        """
        asked = self._unknown.get(number)
        if number in self.known or (asked is not None and self.link.now() - asked < ASK_AGAIN_S):
            return
        try:
            text = await asyncio.to_thread(_kept, self._file(number)) or await self._asked(number)
            if text is None:
                self._note_unknown(number)
                return
            self.known[number] = await asyncio.to_thread(read_schema, text)
        except Refused:
            self._note_unknown(number)
            raise
        self._unknown.pop(number, None)

    async def _asked(self, number: int) -> bytes | None:
        """Ask the registry; keep what it gives, once it has been read."""
        if self.registry is None or self._fetch is None:
            return None
        address = self.registry.address(number)
        try:
            said = answer_in(await self._fetch.get(address), address)
        except NotThereYet:
            return None
        except RetryLater as later:
            raise _cannot_be_had(number, address, later) from later
        try:
            text = await References(self._fetch.get, self.registry.address_of).whole(said, address)
        except RetryLater as later:
            raise _cannot_be_had(number, address, later) from later
        await asyncio.to_thread(_keep, self._file(number), text)
        return text

    def _file(self, number: int) -> Path:
        return self.folder / f"{number}{SUFFIX}"

    def _note_unknown(self, number: int) -> None:
        while len(self._unknown) >= MOST_UNKNOWN:
            del self._unknown[next(iter(self._unknown))]
        self._unknown[number] = self.link.now()


def _cannot_be_had(number: int, address: str, later: RetryLater) -> RetryLater:
    what = f"schema {number} cannot be had: {later.what}"
    return RetryLater(what, where=address, mend="wait", after_s=later.after_s)


def _kept(file: Path) -> bytes | None:
    try:
        with file.open("rb") as held:
            return held.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})", where=str(file), mend="make it readable") from error


def _keep(file: Path, text: bytes) -> None:
    """Write a schema; several sources may do it at once."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text)
    except OSError as error:
        raise RetryLater(
            f"cannot be written ({error.strerror})", where=str(file), mend="make room in the state folder"
        ) from error
