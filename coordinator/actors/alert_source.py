"""An alert source's actor: one for every stream, whatever its transport."""

import asyncio
from typing import TYPE_CHECKING, Any

import structlog

from coordinator.actors import names
from coordinator.actors.remote import RemoteJournal, RemotePlanner
from coordinator.actors.shell import Shell
from coordinator.services.intake import Received
from coordinator.services.quarantine import read_again
from coordinator.services.quarantined import Page
from coordinator.services.streams import StreamSettings
from coordinator.services.waiting import Waiting
from coordinator.settings import Settings
from telescopes.description.errors import Refused, RetryLater

if TYPE_CHECKING:
    from coordinator.sources.survey_sieve import SurveySieve

log = structlog.get_logger("source")

LOOK_S = 1.0


class AlertSourceActor(Shell):
    """A transport and its intake behind an actor's door."""

    def __init__(self, settings: Settings, stream: StreamSettings) -> None:
        self._settings = settings
        self._stream = stream
        super().__init__()

    async def _start(self) -> None:
        from coordinator import factory, stream_factory

        clock = factory.sky_clock()
        journal = RemoteJournal()
        await clock.catch_up(journal)
        self._keep(clock.follow(RemoteJournal()), "sky clock")
        self._intake = await factory.intake(self._settings, journal, clock, names.source(self._stream.id))
        self._intake.announce_map = RemotePlanner().expect
        self._pulse = stream_factory.pulse(self._stream)
        self._keep(self._run((await journal.info()).journal_id), self._stream.kind)
        self._keep(Waiting(self._intake).run(), "waiting")
        self._keep(self._watch(), "silence")

    async def _run(self, journal_id: str) -> None:
        """Run the transport; one that cannot run says why, and what is handed over is taken all the same."""
        from coordinator import stream_factory

        try:
            sieve = await self._sieve() if self._stream.survey else None
            await stream_factory.source(self._stream, self._intake, self._pulse, journal_id, sieve).run()
        except Refused as refusal:
            self._pulse.refused_because = str(refusal)
            log.error("cannot run", stream=self._stream.id, because=str(refusal))

    async def _sieve(self) -> "SurveySieve":
        """Return a survey's sieve when it knows of every event, and keep it so."""
        from coordinator import stream_factory

        sieve, watching = stream_factory.survey(self._stream, self._intake, self._pulse)
        await watching.catch_up()
        self._keep(watching.run(), "events")
        return sieve

    async def _watch(self) -> None:
        """Journal when the stream falls silent or cannot run, and when it is heard again."""
        alarmed = False
        while True:
            await asyncio.sleep(LOOK_S)
            if self._pulse.alarm is alarmed:
                continue
            try:
                await self._intake.note_stream(self._pulse.state, self._pulse.because)
            except RetryLater as later:
                log.warning("not noted yet", stream=self._stream.id, because=str(later))
                continue
            alarmed = not alarmed

    def _says(self) -> dict[str, Any]:
        return self._pulse.says()

    async def retry_quarantine(self, after: str) -> Page:
        """Read a page of the quarantine again."""
        await self.ready()
        return await read_again(self._intake, after)

    async def submit(self, name: str, data: bytes, purpose: str, event_key: str) -> Received:
        """Take a message that somebody hands over; durable on return."""
        await self.ready()
        received = await self._intake.receive(data, name=name, purpose=purpose or None, event_key=event_key or None)
        self._pulse.handed_over()
        return received
