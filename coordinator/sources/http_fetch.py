"""Files fetched by link: from allowed hosts alone, never from inside the own network, never too much or too long."""

import asyncio
import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

from coordinator.services.link_rules import FetchRules
from coordinator.services.retry_after import whole, wish_s
from coordinator.services.web_request import AskedToWait, WebRequest
from telescopes.description.errors import Refused, RetryLater

AGENT = "armillary"
PIECE = 1 << 16
MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SAME_AGAIN = frozenset({307, 308})
FORM = "application/x-www-form-urlencoded"
MAY_COME = frozenset({404, 408, 409, 425, 429, 500, 502, 503, 504})
"""Answers after which it is worth asking again: a map is often linked before it is there."""

NO_HEADERS: Mapping[str, str] = MappingProxyType({})

ALLOW = "add the host to [links] hosts if it is to be trusted"
BY_HAND = "fetch it by hand"


class NotThereYet(RetryLater):
    """The host can be reached, and has no such file; it may still come."""


@dataclass(frozen=True, slots=True)
class _Target:
    """One request that was allowed: where to connect, and what to ask there."""

    tls: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class HttpFetch:
    """Fetches files in a thread, under its rules.

    `headers` go with every question, and `form` with every form, so only to hosts of the rules: secrets may be there.
    """

    rules: FetchRules = field(default_factory=FetchRules)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    async def get(self, url: str) -> bytes:
        """Return the bytes at a URL.

        Raises
        ------
        Refused
            The rules forbid it, or the host says that there is nothing.
        RetryLater
            The host cannot be reached now, or the file may still come.
        """
        return await asyncio.to_thread(fetch_now, url, self.rules, self.headers)

    async def ask(self, request: WebRequest) -> bytes:
        """Return the answer to a question; raises as `get` does, and AskedToWait where the host names its wish."""
        form = urlencode([*self.form.items(), *request.form]).encode() if request.form else None
        return await asyncio.to_thread(fetch_now, request.url, self.rules, self.headers, form)


def fetch_now(url: str, rules: FetchRules, headers: Mapping[str, str] = NO_HEADERS, form: bytes | None = None) -> bytes:
    """Fetch a file; every redirection is judged like the first address, and a form is sent to that one alone."""
    deadline = time.monotonic() + rules.total_s
    for _ in range(MAX_REDIRECTS + 1):
        target = _allowed(url, rules)
        try:
            answer = _ask(target, rules, deadline, headers, form)
        except (OSError, http.client.HTTPException) as error:
            raise _later(target.url, f"cannot be fetched now ({type(error).__name__}: {error})") from error
        if isinstance(answer, bytes):
            return answer
        try:
            url, form = urljoin(target.url, answer), None
        except ValueError as error:
            raise _refused(target.url, "redirected to what is no URL") from error
    raise _refused(url, f"redirected more than {MAX_REDIRECTS} times")


def _allowed(url: str, rules: FetchRules) -> _Target:
    """Judge a URL, and find where its host is."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise _refused(url, "no URL") from error
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or not url.isascii():
        raise _refused(url, "no web address")
    origin = f"{parts.scheme}://{host}:{port}"
    if port is not None and origin in rules.hosts:
        return _target(parts, parts.scheme == "https", host, port, _addresses(host, port, url))
    if host not in rules.hosts or port not in (None, 80 if parts.scheme == "http" else 443):
        shown = host if port is None else f"{host}:{port}"
        raise _refused(url, f"{shown} is not among the hosts that files may come from", ALLOW)
    # Old links say http; a host that is trusted by name is asked by https.
    addresses = _addresses(host, 443, url)
    inside = [address for address in addresses if not _is_public(address)]
    if inside:
        raise _refused(url, f"{host} is at {inside[0]}, inside a private network")
    return _target(parts, True, host, 443, addresses)


def _target(parts: SplitResult, tls: bool, host: str, port: int, addresses: tuple[str, ...]) -> _Target:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if any(character <= " " or character == "\x7f" for character in path):
        raise _refused(parts.geturl(), "no web address")
    scheme = "https" if tls else "http"
    return _Target(tls, host, port, path, addresses, f"{scheme}://{host}:{port}{path}")


def _addresses(host: str, port: int, url: str) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _later(url, f"{host} cannot be found ({error})") from error
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return found.is_global and not found.is_multicast


def _ask(
    target: _Target, rules: FetchRules, deadline: float, more: Mapping[str, str], form: bytes | None
) -> bytes | str:
    """Ask once; return the file, or where it is said to be."""
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = sock = _connected(target, rules, deadline)
    # A head that comes a byte at a time never makes a single read wait too long.
    over = threading.Event()
    timer = threading.Timer(_left(deadline), _cut_off, [sock, over])
    timer.daemon = True
    timer.start()
    try:
        connection.sock.settimeout(_left(deadline))
        headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close"} | dict(more)
        if form is None:
            connection.request("GET", target.path, headers=headers)
        else:
            connection.request("POST", target.path, form, headers | {"Content-Type": FORM})
        answer = connection.getresponse()
        if form is not None and answer.status in SAME_AGAIN:
            raise _refused(target.url, "redirects what it was sent")
        if answer.status in REDIRECTS and answer.getheader("Location"):
            return answer.getheader("Location") or ""
        if answer.status != 200:
            raise _not_given(target.url, answer)
        data = _body(target.url, answer, connection.sock, rules, deadline)
        if over.is_set():  # what was cut off looks like a file that ended
            raise TimeoutError("it takes too long")
        return data
    finally:
        timer.cancel()
        connection.close()


def _cut_off(sock: socket.socket, over: threading.Event) -> None:
    over.set()
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _connected(target: _Target, rules: FetchRules, deadline: float) -> socket.socket:
    """Connect to the very addresses that were judged, not to what the name means a moment later."""
    error: OSError = OSError("no address")
    for address in target.addresses:
        try:
            plain = socket.create_connection((address, target.port), min(rules.connect_s, _left(deadline)))
            if not target.tls:
                return plain
            return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        except OSError as failed:
            error = failed
    raise error


def _body(
    url: str, answer: http.client.HTTPResponse, sock: socket.socket | None, rules: FetchRules, deadline: float
) -> bytes:
    announced = whole(answer.getheader("Content-Length"))
    if announced is not None and announced > rules.max_bytes:
        raise _too_long(url, rules)
    pieces, held = [], 0
    while piece := answer.read1(PIECE):
        pieces.append(piece)
        held += len(piece)
        if held > rules.max_bytes:
            raise _too_long(url, rules)
        if sock is not None and not answer.isclosed():
            sock.settimeout(_left(deadline))
        else:
            _left(deadline)
    if announced is not None and held < announced:
        raise http.client.IncompleteRead(b"", announced - held)
    return b"".join(pieces)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("it takes too long")
    return left


def _not_given(url: str, answer: http.client.HTTPResponse) -> Refused | RetryLater:
    if answer.status not in MAY_COME:
        return _refused(url, f"the host answers {answer.status} {answer.reason}")
    wish = wish_s({name.lower(): value for name, value in answer.getheaders()})
    said = f"the host answers {answer.status} {answer.reason}"
    if answer.status == 404:
        return NotThereYet(said, where=url[:256], mend="wait", after_s=1.0 if wish is None else wish)
    if wish is not None:
        return AskedToWait(said, where=url[:256], mend="wait", after_s=wish)
    return _later(url, said)


def _too_long(url: str, rules: FetchRules) -> Refused:
    return _refused(url, f"longer than {rules.max_bytes} bytes")


def _refused(url: str, what: str, mend: str = BY_HAND) -> Refused:
    return Refused(what, where=url[:256], mend=mend, reason="LINK")


def _later(url: str, what: str, after_s: float = 1.0) -> RetryLater:
    return RetryLater(what, where=url[:256], mend="wait", after_s=after_s)
