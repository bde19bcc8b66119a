"""How a service is talked with: what to ask next is decided from what it said, and nothing is sent here (pure)."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from coordinator.services.enrichment import Question
from coordinator.services.remote_settings import RemoteSettings
from coordinator.services.web_request import WebRequest


@dataclass(frozen=True, slots=True)
class Told:
    """What it knows, nearest first; not `whole`: there may be more, so silence about a place tells nothing."""

    found: tuple[Any, ...]
    whole: bool = True


Talk = Generator[WebRequest, bytes, Told]
"""Yields questions, is sent their answers, returns what was learnt; RetryLater: an answer was nonsense."""

Way = Callable[[Question, RemoteSettings], Talk]
