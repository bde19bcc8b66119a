"""The journal actor: the one appender, and the bus that everybody follows."""

from collections.abc import Sequence

from coordinator.actors.shell import Shell
from coordinator.services.journal import EVERYTHING, Entry, JournalInfo, Only, Stored, Tail
from coordinator.settings import Settings


class JournalActor(Shell):
    """The SQLite journal behind an actor's door."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    async def _start(self) -> None:
        from coordinator.factory import utc_now
        from coordinator.store.journal import SqliteJournal

        self._journal = SqliteJournal(self._settings.journal_file, utc_now)

    async def info(self) -> JournalInfo:
        """Return its identity and head."""
        await self.ready()
        return await self._journal.info()

    async def elect(self, role: str) -> int:
        """Make the caller the one writer of a role."""
        await self.ready()
        return await self._journal.elect(role)

    async def append(self, entries: Sequence[Entry], *, writer: str, epoch: int, append_id: str) -> tuple[Stored, ...]:
        """Commit entries in one transaction."""
        await self.ready()
        return await self._journal.append(entries, writer=writer, epoch=epoch, append_id=append_id)

    async def read(self, after_seq: int, *, only: Only = EVERYTHING, limit: int = 1000) -> Tail:
        """Read what comes after a sequence number."""
        await self.ready()
        return await self._journal.read(after_seq, only=only, limit=limit)

    async def follow(self, after_seq: int, *, only: Only = EVERYTHING, wait_s: float = 10.0, limit: int = 1000) -> Tail:
        """Wait for something new that passes the filter."""
        await self.ready()
        return await self._journal.follow(after_seq, only=only, wait_s=wait_s, limit=limit)
