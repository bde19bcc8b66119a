"""The telescope's hands: takes the next pointing from the queue, one at a time, and stops it when it must."""

from collections.abc import Callable
from datetime import datetime, timedelta

from telescopes.agent.held import Held
from telescopes.agent.ledger import Ledger
from telescopes.agent.observation import Observation, StopOrder, Surroundings
from telescopes.agent.queue import Circumstances, Finish, Start, Wait, next_step
from telescopes.agent.rest import Parking
from telescopes.agent.safety import No, Violation, noon_before
from telescopes.agent.site import SiteState
from telescopes.agent.sky_time import AgentSky, wait_for_bell
from telescopes.agent.whole_observation import observation_of
from telescopes.description.clocks import LinkClock
from telescopes.description.durations import slew_s, work_s
from telescopes.description.states import PointingState
from telescopes.description.telescope import Telescope
from telescopes.drivers.driver import Safety
from telescopes.drivers.whole_pointing import AnyDriver

S = PointingState


class Executor:
    """Work through what was accepted.

    Parameters
    ----------
    telescope, driver, ledger, site, sky, link_clock
        What it works with.
    violation : callable
        The site's own limits.
    clock_is_wrong : callable
        Whether the machine's clock is off by more than is tolerated.
    started_since : callable
        Counts pointings that started since an instant of sky time.
    """

    def __init__(
        self,
        telescope: Telescope,
        driver: AnyDriver,
        ledger: Ledger,
        site: SiteState,
        *,
        sky: AgentSky,
        link_clock: LinkClock,
        violation: Violation,
        clock_is_wrong: Callable[[], bool],
        started_since: Callable[[datetime], int],
    ) -> None:
        self._telescope = telescope
        self._driver = driver
        self._ledger = ledger
        self._site = site
        self._sky = sky
        self._link_clock = link_clock
        self._violation = violation
        self._clock_is_wrong = clock_is_wrong
        self._started_since = started_since
        self._place: tuple[float, float] | None = None
        self._running: Observation | None = None
        self._parking = Parking(driver, site, link_clock)

    @property
    def active_pointing_id(self) -> str:
        """The pointing that runs now; empty: none."""
        return self._running.pointing.pointing_id if self._running else ""

    def queue(self) -> list[Held]:
        """What is open and does not run now."""
        return [h for h in self._ledger.open_pointings() if h.pointing.pointing_id != self.active_pointing_id]

    def circumstances(self) -> Circumstances:
        """Everything that a decision depends on, now."""
        now = self._sky.now()
        place = self._place
        if self._running is not None:
            place = (self._running.pointing.ra_deg, self._running.pointing.dec_deg)
        quota = self._telescope.observing.max_pointings_per_night
        night = noon_before(now, self._telescope.site.longitude_deg)
        return Circumstances(
            telescope=self._telescope,
            violation=self._violation,
            now=now,
            link_now=self._link_clock.now(),
            aim=place,
            free_from=self._running.expected_end if self._running else None,
            closed_because=self._site.closed_because,
            clock_is_wrong=self._clock_is_wrong(),
            started_tonight=self._started_since(night) if quota else 0,
        )

    def revoke(self, held: Held) -> None:
        """Obey a revocation that the ledger has noted: at once where nothing was exposed or it asks to abort."""
        if not held.must_stop or held.revocation is None:
            return
        order = StopOrder(No(held.revocation.reason), S.REVOKED)
        if self._running is not None and held.pointing.pointing_id == self.active_pointing_id:
            self._running.stop(order)
        else:
            self._ledger.end(held, order.otherwise, order.no)

    def heed(self, safety: Safety) -> None:
        """Stop what runs if the site may not observe any more; look at the queue again in any case."""
        reason = safety.closed_because
        if reason is not None and self._running is not None:
            self._running.stop(StopOrder(No(reason, "the site closed"), S.REJECTED))
        self._ledger.work.set()

    async def run(self) -> None:
        """Work for ever; nothing begins or ends before it is known which time it is, and whether the site is safe."""
        bell = self._ledger.work
        self._sky.listen(bell)
        try:
            while True:
                bell.clear()
                at_most_s = await self._do_next() if self._sky.known and self._site.safety else None
                if at_most_s != 0.0:
                    await wait_for_bell(bell, at_most_s)
        finally:
            self._sky.forget(bell)

    async def _do_next(self) -> float | None:
        """Do one thing; return how long to wait for the next (link seconds; None: until something changes)."""
        park_again_s = await self._parking.park_if_unsafe()
        match next_step(self.queue(), self._ledger.answer_by, self.circumstances()):
            case Start(held):
                await self._observe(held)
                return 0.0
            case Finish(held, state, no):
                self._ledger.move(held, state, no=None if state is S.COMPLETED else no)
                return 0.0
            case Wait() as wait:
                return self._seconds(wait, park_again_s)

    def _seconds(self, wait: Wait, park_again_s: float | None) -> float | None:
        limits = [park_again_s]
        if wait.until is not None:
            limits.append(self._sky.link_s_until(wait.until))
        if wait.link_until is not None:
            limits.append(max(0.0, wait.link_until - self._link_clock.now()))
        return min((s for s in limits if s is not None), default=None)

    async def _observe(self, held: Held) -> None:
        timing, pointing = self._telescope.timing, held.pointing
        here, now = (pointing.ra_deg, pointing.dec_deg), self._sky.now()
        arrival = now + timedelta(seconds=slew_s(timing, self._telescope.site, self._place, here, now))
        begin = max(arrival, pointing.window_start)
        end = begin + timedelta(seconds=work_s(pointing, timing, done=len(held.exposures)))
        around = Surroundings(
            self._telescope, self._ledger, self._sky, self._violation, expected_end=min(end, pointing.window_end)
        )
        self._running = observation_of(held, self._driver, around)
        try:
            await self._running.run()
        finally:
            self._place, self._running = here, None
