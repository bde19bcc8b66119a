"""One telescope's agent: the session, the executor and the safety watch, put together."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime

import numpy as np

from telescopes.agent.announcement import announcement
from telescopes.agent.contact import Contact
from telescopes.agent.executor import Executor
from telescopes.agent.identifiers import uuid7
from telescopes.agent.inbox import Inbox
from telescopes.agent.lease import ClockOffset, Lease
from telescopes.agent.ledger import Ledger
from telescopes.agent.link import CoordinatorLink
from telescopes.agent.outbox import Outbox
from telescopes.agent.program import run_program
from telescopes.agent.reductions import Reductions, RunProgram
from telescopes.agent.reported import Reported, taken_up
from telescopes.agent.safety import Remembered, Violation
from telescopes.agent.safety_watch import SafetyWatch
from telescopes.agent.session import Session, first_cause
from telescopes.agent.site import SiteState
from telescopes.agent.site_desk import SiteDesk
from telescopes.agent.sky_time import AgentSky
from telescopes.agent.store import Store
from telescopes.description.clocks import LinkClock
from telescopes.description.messages import StatusReport
from telescopes.description.telescope import Telescope
from telescopes.drivers.driver import HoldsDevices, Safety
from telescopes.drivers.whole_pointing import AnyDriver


class Agent:
    """Everything that runs at the site.

    Parameters
    ----------
    telescope : Telescope
        As the site file says.
    driver : AnyDriver
        What moves it; reads the same `sky`.
    link : CoordinatorLink
        The way to the coordinator.
    store : Store
        Its memory.
    sky : AgentSky
        Sky time, shared with the driver.
    link_clock, utc_now, rng
        Link time, this machine's UTC, chance.
    violation : callable
        The site's own limits (`telescopes.description.limits.first_violation`).
    reported : Reported, optional
        Where detections of the site's own pipeline are left; None: nowhere.
    run_program
        Runs the program that reduces images.
    """

    def __init__(
        self,
        telescope: Telescope,
        driver: AnyDriver,
        link: CoordinatorLink,
        store: Store,
        *,
        sky: AgentSky,
        link_clock: LinkClock,
        utc_now: Callable[[], datetime],
        rng: np.random.Generator,
        violation: Violation,
        reported: Reported | None = None,
        run_program: RunProgram = run_program,
    ) -> None:
        self._telescope = telescope
        self._reported = reported
        self._driver = driver
        self._link = link
        self._sky = sky
        self._store = store
        self._offset, lease = ClockOffset(), Lease(link_clock)
        self._site = SiteState()
        self._ledger = Ledger(
            store,
            sky=sky,
            lease=lease,
            link_clock=link_clock,
            utc_now=utc_now,
            rng=rng,
            reduces=bool(telescope.reduction.command),
        )
        self._executor = Executor(
            telescope,
            driver,
            self._ledger,
            self._site,
            sky=sky,
            link_clock=link_clock,
            violation=Remembered(violation),
            clock_is_wrong=lambda: self._offset.wrong,
            started_since=store.started_since,
        )
        self._contact = Contact(
            simulated=driver.capabilities().simulated,
            telescope_id=telescope.id,
            sky=sky,
            lease=lease,
            offset=self._offset,
            ledger=self._ledger,
            store=store,
            link_clock=link_clock,
            utc_now=utc_now,
        )
        self.desk = self._a_desk(lease, link_clock, utc_now)
        self._reductions = Reductions(telescope.reduction, store, self._ledger, run_program)
        self._utc_now = utc_now
        self._session = self._a_session(lease, link_clock, rng)

    def _a_desk(self, lease: Lease, link_clock: LinkClock, utc_now: Callable[[], datetime]) -> SiteDesk:
        """Open the desk at which people say what they want."""
        return SiteDesk(
            self._telescope.id,
            self._telescope.site.longitude_deg,
            store=self._store,
            ledger=self._ledger,
            executor=self._executor,
            site=self._site,
            sky=self._sky,
            link_clock=link_clock,
            utc_now=utc_now,
            lease_held=lambda: lease.held,
        )

    def _a_session(self, lease: Lease, link_clock: LinkClock, rng: np.random.Generator) -> Session:
        """Put the session together with what it feeds and is fed by."""
        return Session(
            announcement(self._telescope, self._driver, boot_id=uuid7(self._utc_now(), rng), now=self._utc_now()),
            link=self._link,
            store=self._store,
            inbox=Inbox(self._telescope, self._ledger, self._executor),
            outbox=Outbox(self._link, self._store, self._ledger, self._contact),
            contact=self._contact,
            lease=lease,
            offset=self._offset,
            status=self._status,
            status_bell=self._site.changed,
            report_bell=self._ledger.reports,
            detection_bell=self._ledger.detections,
            link_clock=link_clock,
            utc_now=self._utc_now,
            rng=rng,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; raise Refused if the coordinator will not have this agent."""
        self._contact.recall()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(work) for work in (self._watch_safety(), self._executor.run(), self.desk.watch())
                ]
                tasks.append(group.create_task(self._session.run()))
                tasks += [group.create_task(work) for work in self._image_work()]
                await stop.wait()
                for task in tasks:
                    task.cancel()
        except BaseExceptionGroup as failures:
            raise first_cause(failures) from failures
        finally:
            self._ledger.tell_rest()
            await self._link.close()
            if isinstance(self._driver, HoldsDevices):
                await self._driver.close()

    def _image_work(self) -> Iterator[Coroutine[None, None, None]]:
        """What goes on beside the observing, where the site file asks for it."""
        if self._telescope.reduction.command:
            yield self._reductions.run()
        if self._reported is not None:
            yield taken_up(self._reported, self._store, self._ledger)

    async def _watch_safety(self) -> None:
        """Follow the driver's word about safety once sky time is known."""
        await self._sky.wait_until_known()
        await SafetyWatch(self._driver, self._heed).run()

    def _heed(self, safety: Safety) -> None:
        self._site.learn(safety)
        self._executor.heed(safety)

    def _status(self) -> StatusReport:
        """Describe the site as it is now; what has not said yet that it is safe is not."""
        safety = self._site.safety or Safety(safe=False)
        weather = safety.weather
        blocking, until = self._site.blocked_at(self._sky.now() if self._sky.known else self._utc_now())
        return StatusReport(
            client_time=self._utc_now(),
            safe=safety.safe,
            blocking_reasons=blocking,
            unavailable_until=until,
            vetoed_events=self._site.wishes.vetoed_events,
            active_pointing_id=self._executor.active_pointing_id,
            buffered_reports=self._store.unsent(),
            acked_seq=self._session.acked_seq,
            clock_offset_s=self._offset.offset_s,
            temperature_c=weather.temperature_c,
            humidity_pct=weather.humidity_pct,
            wind_mps=weather.wind_mps,
            rain_mm_per_h=weather.rain_mm_per_h,
            cloud_cover_pct=weather.cloud_cover_pct,
            sky_quality_mag_arcsec2=weather.sky_quality_mag_arcsec2,
            seeing_arcsec=weather.seeing_arcsec,
        )
