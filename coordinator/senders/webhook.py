"""Letters as signed POSTs of JSON: whoever holds the key can tell that one is ours, and that it is not an old one."""

import asyncio
import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from coordinator.services.notifier import Letter
from coordinator.services.retry_after import wish_s
from telescopes.description.errors import Refused, RetryLater

WITHIN_S = 15.0
MAY_COME = frozenset({404, 408, 409, 425, 429})
"""Besides those from 500 on: answers after which the same letter may be taken later."""

AGENT = "armillary"
SCHEMA = "armillary.notice/1"


@dataclass(frozen=True, slots=True)
class WebhookOutlet:
    """One address; redirections are not followed, for the key was given for this one.

    Attributes
    ----------
    url : str
        Where.
    key : str
        Signs: HMAC-SHA256 of the time stamp, a full stop and the body.
    utc : callable
        The machine's UTC.
    """

    url: str
    key: str
    utc: Callable[[], datetime]

    async def send(self, letter: Letter) -> None:
        """Send a letter.

        Raises
        ------
        RetryLater
            The host is away, or says that it may take it later.
        Refused
            It never will.
        """
        await asyncio.to_thread(self._send, letter)

    def _send(self, letter: Letter) -> None:
        body = json.dumps(
            {"schema": SCHEMA, "id": letter.id, "text": letter.title, "link": letter.link, "notices": letter.notices},
            ensure_ascii=False,
        ).encode()
        stamp = str(int(self.utc().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "Idempotency-Key": hashlib.sha256(letter.id.encode()).hexdigest(),
            "Armillary-Timestamp": stamp,
            "Armillary-Signature": f"v1={signature(self.key, stamp, body)}",
        }
        try:
            status, reason, wish = self._posted(body, headers)
        except (OSError, http.client.HTTPException) as error:
            raise self._later(f"cannot be reached ({type(error).__name__}: {error})") from error
        if status >= 500 or status in MAY_COME:
            raise self._later(f"answers {status} {reason}", 1.0 if wish is None else wish)
        if not 200 <= status < 300:
            raise Refused(f"answers {status} {reason}", where=self._host, mend="look at its address", reason="OUTLET")

    def _posted(self, body: bytes, headers: dict[str, str]) -> tuple[int, str, float | None]:
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            tls = ssl.create_default_context()
            line: http.client.HTTPConnection = http.client.HTTPSConnection(parts.netloc, timeout=WITHIN_S, context=tls)
        else:
            line = http.client.HTTPConnection(parts.netloc, timeout=WITHIN_S)
        try:
            line.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
            answer = line.getresponse()
            reason = "".join(c for c in answer.reason if c.isprintable())[:80]
            return answer.status, reason, wish_s({k.lower(): v for k, v in answer.getheaders()})
        finally:
            line.close()

    @property
    def _host(self) -> str:
        """The host alone: an address may hold a secret."""
        return urlsplit(self.url).netloc

    def _later(self, what: str, after_s: float = 1.0) -> RetryLater:
        return RetryLater(f"{self._host} {what}", where=self._host, mend="wait", after_s=after_s)


def signature(key: str, stamp: str, body: bytes) -> str:
    """Sign a body with the time (seconds since 1970) at which it is sent; what a receiver compares with."""
    return hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
