"""The line to an OpenID provider: one address at a time, at that very host, never much and never long."""

from urllib.parse import urlsplit, urlunsplit

from coordinator.services.link_rules import FetchRules
from coordinator.services.web_request import WebRequest
from coordinator.sources.http_fetch import HttpFetch
from telescopes.description.errors import Refused

MOST_BYTES = 256 * 1024
WITHIN_S = 10.0
PORTS = {"https": 443, "http": 80}


async def ask_provider(url: str, form: dict[str, str] | None, headers: dict[str, str]) -> bytes:
    """Ask an address, with a form by POST.

    Raises
    ------
    Refused
        It is none, or says no.
    RetryLater
        It is away.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise Refused("is no web address", where=url[:200], mend="ask the provider") from error
    # By its origin a host is trusted wherever it is: it is the admin's word, or that of who has it.
    netloc = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    rules = FetchRules((f"{parts.scheme}://{host}:{port}",), MOST_BYTES, WITHIN_S, WITHIN_S)
    exactly = urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))
    return await HttpFetch(rules, headers).ask(WebRequest(exactly, tuple((form or {}).items())))
