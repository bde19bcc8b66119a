"""How an agent announces itself, when it observes and when it only checks."""

from datetime import datetime

from telescopes.description.messages import Capabilities, SessionRequest
from telescopes.description.site_file import config_sha256
from telescopes.description.telescope import Limits, Telescope, Timing
from telescopes.drivers.driver import Devices

AGENT_VERSION = "0.1.0"


def announcement(telescope: Telescope, driver: Devices, *, boot_id: str, now: datetime) -> SessionRequest:
    """Announce a telescope whose agent has followed no journal yet.

    Parameters
    ----------
    telescope, driver
        What is announced.
    boot_id : str
        New at each start of a process.
    now : datetime
        This machine's UTC.
    """
    return SessionRequest(
        telescope_id=telescope.id,
        agent_version=AGENT_VERSION,
        boot_id=boot_id,
        last_applied_seq=0,
        journal_id="",
        capabilities=Capabilities(
            instruments=telescope.instruments,
            limits=telescope.limits,
            timing=telescope.timing,
            config_sha256=config_sha256(telescope),
            drivers=driver.capabilities().drivers,
        ),
        client_time=now,
    )


def bare_announcement(telescope: Telescope, *, boot_id: str, now: datetime) -> SessionRequest:
    """Say who is there and nothing of what it is: for a check of a site whose file or driver is not right yet."""
    return SessionRequest(
        telescope_id=telescope.id,
        agent_version=AGENT_VERSION,
        boot_id=boot_id,
        last_applied_seq=0,
        journal_id="",
        capabilities=Capabilities((), Limits(), Timing(), config_sha256(telescope), ()),
        client_time=now,
    )
