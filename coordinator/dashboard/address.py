"""Where people find the dashboard, and the link that signs in whoever started it."""

from datetime import datetime

from coordinator.security.people import People
from coordinator.security.person import Person, Standing
from coordinator.settings import LOOPBACK, DashboardSettings
from telescopes.description.host_port import HostPort

LOCAL_PERSON = "local"
"""The admin of an observatory that this machine alone can reach: whoever reads what `armillary up` prints."""


def address_of(where: DashboardSettings) -> str:
    """Return the dashboard's address, without a slash at its end; by its first name over TLS, where it has one."""
    return f"https://{where.names[0]}" if where.names else f"http://{HostPort(where.host, where.port)}"


def first_link(where: DashboardSettings, people: People, now: datetime) -> str | None:
    """Return an address that signs in once, as the admin of this machine.

    None: others can reach the dashboard too, or an admin has closed that account.
    """
    if where.host not in LOOPBACK or where.names:
        return None
    mine = people.account(LOCAL_PERSON)
    if mine is None:
        people.put(Person(LOCAL_PERSON, Standing.ADMIN), now, "armillary up")
    elif mine.disabled:
        return None
    return f"{address_of(where)}/enter/{people.link(LOCAL_PERSON, now, 'armillary up')}"
