"""Messages of which a part lies elsewhere and could not be had: tried again, off the path of their stream.

They lie in quarantine meanwhile, durable and visible. One that does not come after an hour or so stays there for a
person (`armillary ingest --retry-quarantine`), or until the source starts anew.
"""

import asyncio
from dataclasses import dataclass, field

import structlog

from coordinator.services.facts import fact_of
from coordinator.services.intake import Intake, Received
from coordinator.services.journal import Only
from coordinator.services.map_fetch import Patience
from coordinator.services.quarantine import still_quarantined
from coordinator.services.quarantined import AlertQuarantined
from telescopes.description.errors import Broken, RetryLater

log = structlog.get_logger("waiting")
QUARANTINED = Only(frozenset({"alert_quarantined"}))


@dataclass
class Waiting:
    """Reads what waits in the quarantine of one source again, until it is understood or given up."""

    intake: Intake
    patience: Patience = field(default_factory=Patience)
    _under_way: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Follow the journal for ever."""
        self._slots = asyncio.Semaphore(self.patience.at_once)
        journal = self.intake.writer.journal
        seq = (await journal.info()).head_seq
        async with asyncio.TaskGroup() as tasks:
            for kept in (await still_quarantined(journal)).values():
                self._begin(tasks, kept)
            while True:
                tail = await journal.follow(seq, only=QUARANTINED, wait_s=5.0)
                seq = tail.head_seq
                for stored in tail.entries:
                    self._begin(tasks, fact_of(stored.entry))

    def _begin(self, tasks: asyncio.TaskGroup, kept: AlertQuarantined) -> None:
        if kept.waits and kept.source == self.intake.source_id and kept.key not in self._under_way:
            self._under_way.add(kept.key)
            tasks.create_task(self._try_again(kept))

    async def _try_again(self, kept: AlertQuarantined) -> None:
        last: str | None = kept.reason
        for pause_s in self.patience.pauses():
            await asyncio.sleep(pause_s)
            received = await self._read(kept)
            if received is None or not received.waits:
                break
            last = received.reason
        else:
            log.warning("given up", file=kept.file, because=last)
        self._under_way.discard(kept.key)

    async def _read(self, kept: AlertQuarantined) -> Received | None:
        """Read a message; None: it breaks its reader, and stays where it is."""
        try:
            async with self._slots:
                return await self.intake.read_again(kept)
        except RetryLater as later:
            return Received(None, "rejected", reason=later.what, waits=True)
        except Broken:
            raise
        except Exception as error:
            log.exception("%s broke its reader: %s", kept.file, error)
            return None
