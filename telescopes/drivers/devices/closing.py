"""Opens, parks and closes as the enclosure allows: one closes at once, one moves only over a mount that is parked."""

import asyncio
import logging

from telescopes.drivers.devices.parts import Dome, Mount
from telescopes.drivers.devices.waiting import all_of
from telescopes.drivers.driver import DomeFault

log = logging.getLogger(__name__)


async def needs_park(dome: Dome, said: bool | None) -> bool:
    """Say whether an enclosure may hit a telescope that is not parked: as the site file says, or by its kind."""
    return await dome.rolls() if said is None else said


async def open_over(dome: Dome, mount: Mount, said: bool | None, where: str) -> None:
    """Open; what may hit a telescope that is not parked moves only over one that is, and stays where it is open.

    Raises
    ------
    DomeFault
        The mount does not say that it is parked.
    """
    if await needs_park(dome, said) and not await dome.is_open() and not await mount.parked():
        mend = "park the mount; if the roof clears the telescope, dome_needs_park = false"
        raise DomeFault("the roof does not open: the mount does not say that it is parked", where=where, mend=mend)
    await dome.open()


async def park_and_close(mount: Mount, dome: Dome | None, said: bool | None, where: str) -> None:
    """Park and close.

    What cannot hit the telescope closes at once, and waits for no mount that hangs. What may hit it closes only when
    the mount says that it is parked; otherwise it stays as it is.

    Parameters
    ----------
    mount, dome
        The devices; None: nothing is to be closed.
    said : bool, optional
        Whether the enclosure needs the mount parked, as the site file says; None: not at all.
    where : str
        The telescope.

    Raises
    ------
    DriverFault
        One of them did not; the other was told all the same, where that is safe.
    """
    parking = asyncio.ensure_future(mount.park())
    if dome is None:
        await parking
    else:
        await all_of(_close(mount, dome, said, where, parking), parking)


async def _close(mount: Mount, dome: Dome, said: bool | None, where: str, parking: asyncio.Future[None]) -> None:
    if await needs_park(dome, said):
        await asyncio.wait((parking,))
        if parking.cancelled() or parking.exception() is not None:
            log.error("%s: the roof stays as it is: the mount did not park", where)
            return
        if not await mount.parked():
            mend = "park the mount and close the roof by hand; if it clears the telescope, dome_needs_park = false"
            raise DomeFault("the roof stays as it is: the mount does not say that it is parked", where=where, mend=mend)
    await dome.close()
