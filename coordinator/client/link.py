"""The way to the dashboard over HTTP: one connection, answers as JSON, errors in the three families."""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from telescopes.description.errors import ArmillaryError, Broken, Refused, RetryLater

TIMEOUT_S = 60.0
MOST_BYTES = 64 * 1024 * 1024
LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
REASONS = {401: "UNAUTHENTICATED", 403: "FORBIDDEN", 404: "NOT_FOUND", 409: "STALE", 422: "KEY_USED"}
AWAY = frozenset({429, 502, 503, 504})


class Link:
    """One connection, opened again when it is lost.

    Parameters
    ----------
    address : str
        Such as `https://observatory.example.org`; a token goes over plain text to this machine alone.
    token : str
        What `armillary people token NAME` printed; empty: none.

    Raises
    ------
    Refused
        No such address, or the token would go over plain text to another machine.
    """

    def __init__(self, address: str, token: str = "") -> None:
        where = urlsplit(address)
        if where.scheme not in ("http", "https") or not where.hostname:
            raise Refused("is no address", where=address, mend="give http://HOST:PORT or https://HOST")
        if token and where.scheme == "http" and where.hostname not in LOCAL:
            mend = "use https: whoever is between would read the token"
            raise Refused("is plain text to another machine", where=address, mend=mend)
        made = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        self.address = f"{where.scheme}://{where.netloc}"
        self._prefix = where.path.rstrip("/")
        self._connection = made(where.hostname, where.port, timeout=TIMEOUT_S)
        self._headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = {}) -> dict[str, Any]:
        """Send one request; return the answer.

        Raises
        ------
        RetryLater
            Nobody answers, or the dashboard says when to ask again. Whether a decision was taken is then not known:
            send it again with the same key.
        Refused
            The dashboard refuses it.
        Broken
            What came is no answer of a dashboard, or the dashboard is broken.
        """
        said = dict(self._headers) | dict(headers)
        if body is not None:
            said["Content-Type"] = "application/json"
        try:
            self._connection.request(method, self._prefix + path, None if body is None else json.dumps(body), said)
            answer = self._connection.getresponse()
            data, status = answer.read(MOST_BYTES), answer.status
            after_s = answer.headers.get("Retry-After", "")
        except (OSError, http.client.HTTPException) as error:
            self.close()
            mend = "see that `armillary up` runs, and ask again"
            raise RetryLater(f"nobody answers ({error})", where=self.address, mend=mend) from error
        if answer.isclosed() is False:
            self.close()
        document = self._read(data, status, path)
        if status >= 400:
            raise _error(status, document, after_s, path)
        return document

    def _read(self, data: bytes, status: int, path: str) -> dict[str, Any]:
        try:
            document = json.loads(data)
        except ValueError as error:
            if status in AWAY:
                return {}
            raise self._nonsense(status, path) from error
        if not isinstance(document, dict) or 300 <= status < 400:
            raise self._nonsense(status, path)
        return document

    def _nonsense(self, status: int, path: str) -> Broken:
        mend = "see that this is the address of an Armillary dashboard"
        return Broken(f"what came with {status} is no answer of a dashboard", where=self.address + path, mend=mend)


def _error(status: int, problem: Mapping[str, Any], after: str, path: str) -> ArmillaryError:
    """Turn a problem (RFC 9457) into an error."""
    what = str(problem.get("title") or f"answers {status}")
    where, mend = str(problem.get("instance") or path), str(problem.get("mend") or "see /api/v1/openapi.json")
    if status in AWAY:
        return RetryLater(what, where=where, mend=mend, after_s=float(after) if after.isdigit() else 1.0)
    if status >= 500:
        return Broken(what, where=where, mend=mend)
    return Refused(what, where=where, mend=mend, reason=REASONS.get(status, "INVALID"))
