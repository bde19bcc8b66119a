"""Sends what waits in the store, oldest first, until the coordinator has it."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from telescopes.agent.bounded import MOST_UNSENT
from telescopes.agent.contact import Contact
from telescopes.agent.ledger import Ledger
from telescopes.agent.link import INVALID, CoordinatorLink
from telescopes.agent.store import Store
from telescopes.description.errors import Refused, RetryLater
from telescopes.description.messages import INVALID_ARGUMENT, Detection, ItemResult, PointingReport

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_REPORTS = 500
MOST_DETECTIONS = 1000
LOOK_EVERY = 100
"""Counting what waits costs more than taking a command."""


class Outbox:
    """Empties the line while a session is open; an item leaves it only when it was answered."""

    def __init__(self, link: CoordinatorLink, store: Store, ledger: Ledger, contact: Contact) -> None:
        self._link = link
        self._store = store
        self._ledger = ledger
        self._contact = contact
        self._taken = 0

    async def room(self) -> None:
        """Return once another command may be answered; as long as too much waits here, the coordinator must wait.

        Only reports count: no command makes a detection, and a retraction waits behind none.
        """
        self._taken += 1
        if self._taken % LOOK_EVERY == 0:
            await self._ledger.wait_for_room(self._store.unsent_reports, MOST_UNSENT)

    async def send_reports(self, session_id: str, acked_seq: Callable[[], int]) -> None:
        """Send reports until none waits."""
        while reports := self._store.reports(MOST_REPORTS):
            await self._send_reports(session_id, acked_seq(), reports)

    async def send_detections(self, session_id: str) -> None:
        """Send detections until none waits."""
        while detections := self._store.detections(MOST_DETECTIONS):
            await self._send_detections(session_id, detections)

    async def _send_reports(self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]) -> None:
        async def send(items: Sequence[PointingReport]) -> tuple[ItemResult, ...]:
            return await self._link.report_pointings(session_id, acked_seq, items)

        asked = self._contact.ask()
        results = await one_by_one_if_refused(send, reports, lambda r: r.report_id)
        self._ledger.settle(reports, results)
        self._contact.renew(asked)
        all_answered([r.report_id for r in reports], results)

    async def _send_detections(self, session_id: str, detections: Sequence[Detection]) -> None:
        async def send(items: Sequence[Detection]) -> tuple[ItemResult, ...]:
            return await self._link.report_detections(session_id, items)

        asked = self._contact.ask()
        results = await one_by_one_if_refused(send, detections, lambda d: d.detection_id)
        self._ledger.clear(results)
        self._contact.renew(asked)
        all_answered([d.detection_id for d in detections], results)


async def one_by_one_if_refused(
    send: Callable[[Sequence[T]], Awaitable[tuple[ItemResult, ...]]], items: Sequence[T], id_of: Callable[[T], str]
) -> list[ItemResult]:
    """Send a batch; if something in it is at fault, find out which item it is, so that it blocks no other.

    Raises
    ------
    Refused
        The batch was refused for a reason that no item has to answer for: everything stays in the line.
    """
    try:
        return list(await send(items))
    except Refused as refused:
        if refused.reason != INVALID:
            raise
        if len(items) == 1:
            log.warning("%s", refused)
            return [ItemResult(id_of(items[0]), INVALID_ARGUMENT, refused.reason)]
    results: list[ItemResult] = []
    for item in items:
        results += await one_by_one_if_refused(send, [item], id_of)
    return results


def all_answered(item_ids: Sequence[str], results: Sequence[ItemResult]) -> None:
    """Raise RetryLater if an answer leaves items out: they stay in the line."""
    left_out = set(item_ids) - {r.item_id for r in results}
    if left_out:
        raise RetryLater(
            f"{len(left_out)} of {len(item_ids)} items were not answered, {min(left_out)} for one",
            where="coordinator",
            mend="they are sent again",
        )
