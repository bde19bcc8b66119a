"""A promise of the link, and what came out when it was tried."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import grpc.aio
from google.protobuf.message import DecodeError

P = TypeVar("P")
OK, FAILED, NOT_TRIED = "ok", "failed", "not tried"
ODD_ANSWER = (ArithmeticError, AttributeError, DecodeError, LookupError, TypeError, ValueError)
"""What comes of an answer that has not the form that was promised: too short, out of range, no message at all."""
MOST_SAID = 300


class Unmet(Exception):
    """A promise was not kept; the text says what came instead."""


class NotTried(Exception):
    """A promise could not be tried here; the text says what was missing."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What came out: `outcome` is "ok", "failed" or "not tried", `because` says why where it is not ok."""

    section: str
    says: str
    outcome: str
    because: str = ""

    def __str__(self) -> str:
        line = f"{self.outcome:<9}  {self.section:<5} {self.says}"
        return f"{line}: {self.because}" if self.because else line


@dataclass(frozen=True, slots=True)
class Promise(Generic[P]):
    """A sentence of the specification, and how a peer of kind P is tried on it."""

    section: str
    says: str
    check: Callable[[P], Awaitable[None]]

    async def tried_on(self, peer: P) -> Fact:
        """Try it once."""
        try:
            await self.check(peer)
        except NotTried as missing:
            return Fact(self.section, self.says, NOT_TRIED, str(missing))
        except Unmet as unmet:
            return Fact(self.section, self.says, FAILED, str(unmet))
        except grpc.aio.AioRpcError as failed:
            return Fact(self.section, self.says, FAILED, f"{failed.code().name}: {failed.details()}"[:MOST_SAID])
        except TimeoutError:
            return Fact(self.section, self.says, FAILED, "nothing came in time")
        except ODD_ANSWER as odd:
            what = f"an answer that cannot be read on ({type(odd).__name__}: {odd})"
            return Fact(self.section, self.says, FAILED, what[:MOST_SAID])
        return Fact(self.section, self.says, OK)


@dataclass
class Chapter(Generic[P]):
    """Promises that belong together, in the order in which they are tried."""

    promises: list[Promise[P]] = field(default_factory=list)

    def says(self, section: str, words: str) -> Callable[[Callable[[P], Awaitable[None]]], None]:
        """Register the function below as the check of a sentence of the specification (telescope-link.md)."""

        def register(check: Callable[[P], Awaitable[None]]) -> None:
            self.promises.append(Promise(section, words, check))

        return register


async def facts(chapters: Iterable[Chapter[P]], peer: P) -> AsyncIterator[Fact]:
    """Try all promises on a peer, one after the other."""
    for chapter in chapters:
        for promise in chapter.promises:
            yield await promise.tried_on(peer)


def demand(kept: bool, otherwise: str) -> None:
    """Raise Unmet unless it is so."""
    if not kept:
        raise Unmet(otherwise)
