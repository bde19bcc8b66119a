"""Brings devices to rest: stopping and parking may fail too, and must not end anything else by that."""

import asyncio
import logging
from collections.abc import Awaitable

from telescopes.agent.site import SiteState
from telescopes.description.clocks import LinkClock, LinkTime
from telescopes.description.states import Reason
from telescopes.drivers.driver import Devices, DriverFault

log = logging.getLogger(__name__)

AT_REST_WITHIN_S = 300.0
PARK_AGAIN_S = 30.0


async def brought_to_rest(act: Awaitable[None], within_s: float = AT_REST_WITHIN_S) -> Reason | None:
    """Wait for an abort or a park, so many seconds of link time; return why it failed, None: it did not."""
    try:
        async with asyncio.timeout(within_s):
            await act
    except DriverFault as fault:
        log.error("the devices do not come to rest: %s", fault)
        return fault.reason
    except TimeoutError:
        log.error("the devices do not come to rest: no answer within %.0f s", within_s)
        return Reason.MOUNT_FAULT
    except OSError as error:
        log.error("the devices do not come to rest: %s", error)
        return Reason.MOUNT_FAULT
    except Exception:
        log.exception("the devices do not come to rest: the driver fails")
        return Reason.INTERNAL
    return None


class Parking:
    """Parks once when the site is not safe, and again after a while where that failed; the next slew unparks."""

    def __init__(self, driver: Devices, site: SiteState, clock: LinkClock) -> None:
        self._driver = driver
        self._site = site
        self._clock = clock
        self._parked = False
        self._again_at: LinkTime | None = None

    async def park_if_unsafe(self) -> float | None:
        """Park if it must; return in how many link seconds to ask again, None: when safety changes."""
        if self._site.safety is None or self._site.safety.safe:
            self._parked, self._again_at = False, None
            self._site.parking_failed(None)
        elif not self._parked and (self._again_at is None or self._clock.now() >= self._again_at):
            fault = await brought_to_rest(self._driver.park(), self._driver.capabilities().park_within_s)
            self._parked = fault is None
            self._again_at = None if fault is None else LinkTime(self._clock.now() + PARK_AGAIN_S)
            self._site.parking_failed(fault)
        return None if self._again_at is None else max(0.0, self._again_at - self._clock.now())
