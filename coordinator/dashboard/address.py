"""The link that signs in whoever started the observatory."""

from datetime import datetime

from coordinator.security.people import People
from coordinator.security.person import Person, Standing
from coordinator.settings import LOOPBACK, DashboardSettings

LOCAL_PERSON = "local"
"""The admin of an observatory that this machine alone can reach: whoever reads what `armillary up` prints."""


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
    return f"{where.address}/enter/{people.link(LOCAL_PERSON, now, 'armillary up')}"
