"""A message that lies elsewhere: fetched, and understood in the place of the one that told where."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from coordinator.alerts.hopskotch_archive import read_archived
from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Alerts, Elsewhere, Ignored, Rejected, Reports, Understood
from coordinator.services.assess import Delivery
from telescopes.description.errors import Refused

Fetch = Callable[[str], Awaitable[bytes]]
"""Fetches a URL from an allowed host, with limits of size and time; Refused: not allowed, RetryLater: not now."""

Here = Alerts | Ignored | Rejected | Leads | Reports
"""What a message can mean that lies nowhere else."""

Assess = Callable[[Delivery], Awaitable[Understood]]


async def follow(delivery: Delivery, meaning: Elsewhere, assess: Assess, fetch: Fetch | None) -> tuple[Delivery, Here]:
    """Return the real message and what it means; where it cannot be had, why, with the URL, so that it can be later.

    Raises
    ------
    RetryLater
        It cannot be fetched now.
    """
    if fetch is None:
        return delivery, Rejected(f"off-loaded: {meaning.url}: nothing is here to fetch it")
    try:
        raw, headers = read_archived(await fetch(meaning.url), delivery.headers or {})
    except Refused as refusal:
        return delivery, Rejected(f"off-loaded: {meaning.url}: {refusal.what}")
    real = replace(delivery, raw=raw, headers=headers)
    understood = await assess(real)
    if isinstance(understood, Elsewhere):
        return delivery, Rejected(f"off-loaded: {meaning.url}: and again from there, to {understood.url}")
    return real, understood
