"""What the dashboard is given that tells of the machine, besides the journal."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from coordinator.store.state_files import StateFiles

AskActors = Callable[[], Awaitable[list[dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Machine:
    """Who tells of the machine; None: nobody does, and what they would say is unknown.

    Attributes
    ----------
    streams : tuple of (id, kind), optional
        The configured alert streams.
    actors : callable, optional
        Asks the supervisor for a row an actor.
    files : callable, optional
        Looks at the journal's file and its snapshots.
    """

    streams: tuple[tuple[str, str], ...] | None = None
    actors: AskActors | None = None
    files: Callable[[], StateFiles] | None = None


UNKNOWN = Machine()
