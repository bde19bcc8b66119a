"""One question to a service on the web, and how it says that it wants to be left alone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from telescopes.description.errors import RetryLater


@dataclass(frozen=True, slots=True)
class WebRequest:
    """What is asked: a GET of the URL, or with a form a POST. No secret stands in it: who sends it adds those."""

    url: str
    form: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """By what its answer is remembered."""
        return f"{self.url}\n{urlencode(self.form)}" if self.form else self.url


AskWeb = Callable[[WebRequest], Awaitable[bytes]]
"""Asks an allowed host, with limits of size and time; Refused: not allowed or denied, RetryLater: not now."""


class AskedToWait(RetryLater):
    """The host says itself for how long it wants to be left alone: `after_s`."""
