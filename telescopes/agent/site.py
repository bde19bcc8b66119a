"""How the site is right now, as its driver says: shared by those who decide, observe and report."""

import asyncio

from telescopes.drivers.driver import Safety


class SiteState:
    """The last word of the driver about safety, unsafe before the first; `changed` rings for the status report."""

    def __init__(self) -> None:
        self.safety = Safety(safe=False)
        self.changed = asyncio.Event()

    def learn(self, safety: Safety) -> None:
        """Take a new word; the status report goes out at once."""
        self.safety = safety
        self.changed.set()
