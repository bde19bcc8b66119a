"""What a fault world is built of; a test hands in a part that is broken, and sees whether the laws notice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from coordinator.dispatch.book import Book
from coordinator.services.journal import InMemoryJournal
from coordinator.services.scheduler import Scheduler
from coordinator.services.telescope_session import TelescopeSession
from coordinator.services.vetter import Vetter
from coordinator.simulation.faults.stage import horizon
from telescopes.agent.link import CoordinatorLink
from telescopes.agent.store import Store
from telescopes.description.states import Reason
from telescopes.description.telescope import Telescope
from telescopes.drivers.driver import Driver

Part = TypeVar("Part")


def as_it_is(part: Part) -> Part:
    """Change nothing."""
    return part


@dataclass(frozen=True, slots=True)
class Parts:
    """The classes of the services, and what stands between them; all as shipped where nothing else is said.

    `hands` is put over a telescope's driver, `line` over an agent's link; `limits` are those of the sites.
    """

    journal: type[InMemoryJournal] = InMemoryJournal
    scheduler: type[Scheduler] = Scheduler
    book: type[Book] = Book
    session: type[TelescopeSession] = TelescopeSession
    vetter: type[Vetter] = Vetter
    store: type[Store] = Store
    hands: Callable[[Driver], Driver] = as_it_is
    line: Callable[[CoordinatorLink], CoordinatorLink] = as_it_is
    limits: Callable[[Telescope, str, float, float, datetime], Reason | None] = horizon


AS_SHIPPED = Parts()
