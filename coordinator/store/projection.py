"""The follower that keeps the read models up to date, behind the journal."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from coordinator.services.journal import Journal, Stored
from coordinator.store.read_models import Document, ReadModels

Key = tuple[str, str]


class FoldedState(Protocol):
    """The fold of the journal, as the projection sees it: `coordinator.services.state.ObservatoryState`."""

    def apply(self, stored: Stored) -> set[Key]:
        """Take the next entry; return the (kind, id) of every document that it touched."""
        ...


class Projection:
    """Folds the journal and writes documents; where the file is behind or ahead of the journal it is made again.

    Parameters
    ----------
    journal : Journal
        The truth.
    state : FoldedState
        A fold that has seen nothing yet; it belongs to the projection.
    document : callable
        Gives a document of a kind and id from that fold (`coordinator.services.documents.document`); None: none.
    models : ReadModels
        Where the documents go.
    """

    def __init__(
        self,
        journal: Journal,
        state: FoldedState,
        document: Callable[[str, str], dict[str, Any] | None],
        models: ReadModels,
    ) -> None:
        self._journal = journal
        self._document = document
        self._state = state
        self._models = models
        self._applied = 0

    async def run(self) -> None:
        """Catch up, then follow until cancelled."""
        await self.catch_up()
        while True:
            await self.step()

    async def catch_up(self) -> None:
        """Fold the whole journal, then replace the file's documents in one transaction."""
        info = await self._journal.info()
        touched: set[Key] = set()
        while self._applied < info.head_seq:
            tail = await self._journal.read(self._applied)
            touched |= self._fold(tail.entries)
            self._applied = tail.head_seq
            await asyncio.sleep(0)
        documents = self._documents(touched)
        await asyncio.to_thread(self._models.replace, documents, info.journal_id, self._applied)

    async def step(self, wait_s: float = 10.0) -> None:
        """Wait for news, fold it, write what it touched."""
        tail = await self._journal.follow(self._applied, wait_s=wait_s)
        if tail.entries:
            self._applied = tail.head_seq
            documents = self._documents(self._fold(tail.entries))
            await asyncio.to_thread(self._models.write, documents, self._applied)

    def _fold(self, entries: Iterable[Stored]) -> set[Key]:
        touched: set[Key] = set()
        for stored in entries:
            touched |= self._state.apply(stored)
        return touched

    def _documents(self, touched: set[Key]) -> list[Document]:
        found = ((kind, id, self._document(kind, id)) for kind, id in sorted(touched))
        return [
            Document(kind, id, id if kind == "event" else body.get("event"), self._applied, body)
            for kind, id, body in found
            if body is not None
        ]
