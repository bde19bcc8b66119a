"""A web address that is asked again and again: only what is new since the last answer is handed on."""

import asyncio
import hashlib
import logging
import random
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from coordinator.sources.hand_over import Taker, hand_over_at_last
from coordinator.sources.patience import pause_s
from coordinator.sources.pulse import Pulse
from telescopes.description.errors import RetryLater

log = logging.getLogger(__name__)

ANSWER_WITHIN_S = 30.0
SINCE = "{since}"
LOOK_BACK = timedelta(hours=24)
OVERLAP = timedelta(minutes=5)
"""Their clock and ours differ, and what they publish is dated before it can be asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; no `body`: nothing new."""

    body: bytes | None
    etag: str | None = None
    modified: str | None = None


@dataclass
class HttpPollSource:
    """Asks one address every so often, and the intake takes what has changed.

    Attributes
    ----------
    url : str
        `{since}` in it, or in the form, is the UTC time of the last answer, less some overlap.
    interval_s : float
        Link seconds between two questions.
    headers, form : mapping
        What is sent; a form makes the question a POST.
    utc : callable
        The machine's UTC, for `{since}`.
    """

    url: str
    interval_s: float
    intake: Taker
    pulse: Pulse
    chance: random.Random
    utc: Callable[[], datetime]
    most_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    _since: datetime | None = None
    _known: Answer = field(default=Answer(None))
    _last: str = ""
    _failures: int = 0

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            try:
                await self.ask()
                self._failures, wait_s = 0, self.interval_s
            except RetryLater as later:
                self._failures += 1
                wait_s = max(later.after_s, pause_s(self._failures, self.chance, self.interval_s, 60 * self.interval_s))
                self.pulse.away_because = later.what
                self.pulse.count("errors")
                log.warning("%s: %s; again in %.1f s", self.pulse.id, later, wait_s)
            await asyncio.sleep(wait_s)

    async def ask(self) -> bool:
        """Ask once; say whether there was anything new.

        Raises
        ------
        RetryLater
            There was no answer that can be used.
        """
        asked_at = self.utc()
        since = (self._since or asked_at - LOOK_BACK).strftime("%Y-%m-%d %H:%M:%S")
        answer = await asyncio.to_thread(self._fetch, since)
        self.pulse.sign("answers")
        fresh = answer.body is not None and hashlib.sha256(answer.body).hexdigest() != self._last
        if answer.body is not None and fresh:
            name = urllib.parse.urlsplit(self.url).hostname or self.url
            await hand_over_at_last(self.intake, self.pulse, answer.body, name=name)
            self._last = hashlib.sha256(answer.body).hexdigest()
        # Only now: what was not taken is asked for again.
        self._since = asked_at - OVERLAP
        if answer.body is not None:
            self._known = answer
        return fresh

    # -- in a thread

    def _fetch(self, since: str) -> Answer:
        request = self._question(since)
        try:
            with _OPENER.open(request, timeout=ANSWER_WITHIN_S) as reply:
                body = reply.read(self.most_bytes + 1)
                if len(body) > self.most_bytes:
                    raise self._unusable(f"answers with more than {self.most_bytes} bytes")
                return Answer(body, reply.headers.get("ETag"), reply.headers.get("Last-Modified"))
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 304:
                    return Answer(None)
                raise self._unusable(f"answers {error.code}", _retry_after(error.headers)) from error
        except (OSError, ValueError) as error:
            raise self._unusable(f"does not answer ({type(error).__name__})") from error

    def _question(self, since: str) -> urllib.request.Request:
        url = self.url.replace(SINCE, urllib.parse.quote(since))
        form = {key: value.replace(SINCE, since) for key, value in self.form.items()}
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(url, data=data, headers=dict(self.headers))
        if data is None and SINCE not in self.url:
            for name, value in (("If-None-Match", self._known.etag), ("If-Modified-Since", self._known.modified)):
                if value:
                    request.add_header(name, value)
        return request

    def _unusable(self, what: str, after_s: float = 0.0) -> RetryLater:
        where = urllib.parse.urlsplit(self.url).hostname or "url"
        return RetryLater(what, where=where, mend="it is asked again", after_s=after_s)


def _retry_after(headers: Any) -> float:
    said = str(headers.get("Retry-After") or "")
    return min(3600.0, float(said)) if said.isascii() and said.isdigit() else 0.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What carries a secret goes where it was told to go, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)
