"""One INDI device: told by property, and believed when it says so."""

from collections.abc import Callable

from telescopes.drivers.devices.belief import Belief
from telescopes.drivers.driver import DriverFault
from telescopes.drivers.indi.client import IndiClient
from telescopes.drivers.indi.properties import Vector, number

LOOK = "look at the device, and at its driver in the server's log"
UNDONE = ("Busy", "Alert")
"""States of a property in which what was asked for has not come about."""


class IndiDevice:
    """A device by its name; its faults are of the class that it is made with."""

    def __init__(self, client: IndiClient, name: str, fault: type[DriverFault], within_s: float) -> None:
        self.name = name
        self.client = client
        self._fault = fault
        self._within_s = within_s
        self._listed = Belief[bool](lambda: self.life)

    @property
    def life(self) -> object:
        """Is another one once the server or the hardware was connected anew: what was known before is unknown then."""
        return self.client.losses, self.client.known.disconnections.get(self.name, 0)

    async def connect(self) -> None:
        """Have the server connect the device to its hardware, and tell of everything that it has then."""
        await self.client.open(self._fault)
        if not await self.seen(lambda: self._vector("CONNECTION") is not None, self._within_s):
            mend = "compare the device's name with the server's drivers, or start its driver"
            raise self.fault("the server does not know it", mend)
        if not self._is_so("CONNECTION", "CONNECT"):
            await self._turn_on(10 * self._within_s)
        if not self._listed.value:
            await self._list()

    async def vector(self, name: str) -> Vector:
        """Return a property that the device must have."""
        await self.connect()
        if not await self.seen(lambda: self._vector(name) is not None, self._within_s):
            raise self.fault(f"has no {name}", "use another driver for it, or leave the device out of [driver]")
        vector = self._vector(name)
        assert vector is not None, "it was there a moment ago, and nothing waits in between"
        return vector

    async def has(self, name: str) -> bool:
        """Say whether the device has a property, once it is connected."""
        await self.connect()
        return self._vector(name) is not None

    async def number(self, name: str, element: str) -> float:
        """Return one number of a property."""
        value = number((await self.vector(name)).values.get(element, ""))
        if value is None:
            raise self.fault(f"says nothing of {name}.{element}", LOOK)
        return value

    async def is_so(self, name: str, element: str) -> bool:
        """Say whether one switch of a property is on, and what it stands for has come about.

        A switch is on from when it is asked for: Busy is on the way there, Alert is where that failed.
        """
        await self.vector(name)
        return self._is_so(name, element)

    async def send(self, name: str, values: dict[str, str]) -> int:
        """Ask for new values, and return how many words had been heard about the property before."""
        vector = await self.vector(name)
        heard = vector.heard
        await self.client.set(self.name, name, vector.kind, values, self._fault)
        return heard

    async def change(self, name: str, values: dict[str, str], within_s: float) -> None:
        """Ask for new values and wait until the device says that it has them."""
        heard = await self.send(name, values)

        def answered() -> bool:
            vector = self._vector(name)
            return vector is not None and vector.heard > heard and vector.state != "Busy"

        await self.wait(answered, within_s, f"{name} did not end")
        if (await self.vector(name)).state == "Alert":
            raise self.refused(name)

    async def settled(self, name: str, within_s: float) -> None:
        """Wait until nothing is on its way in a property any more."""
        await self.vector(name)
        await self.wait(lambda: self.state(name) != "Busy", within_s, f"{name} did not end")

    async def switch(self, name: str, element: str, within_s: float) -> None:
        """Turn one switch on unless it is so, and wait until the device says that it is so.

        What is on its way there is waited for and not asked for again; what failed is asked for again.
        """
        if (await self.vector(name)).values.get(element) == "On":
            await self.settled(name, within_s)
        if await self.is_so(name, element):
            return
        heard = await self.send(name, {element: "On"})

        def failed() -> bool:
            return self.heard(name) > heard and self.state(name) == "Alert"

        # An end of what was on its way before, such as a roof's opening, is none of this.
        await self.wait(lambda: failed() or self._is_so(name, element), within_s, f"{name} did not come to {element}")
        if failed():
            raise self.refused(name)

    async def wait(self, done: Callable[[], bool], within_s: float, otherwise: str) -> None:
        """Wait for news; raise a fault of this device when they do not come."""
        await self.client.until(done, within_s, self._fault, f"{self.name}: {otherwise}{self.last_word}")

    async def seen(self, done: Callable[[], bool], within_s: float) -> bool:
        """Wait for news; say whether they came."""
        return await self.client.saw(done, within_s)

    @property
    def last_word(self) -> str:
        """What the device last said for people."""
        said = self.client.known.messages.get(self.name, "")
        return f" ({said})" if said else ""

    def state(self, name: str) -> str:
        """The state of a property; empty: it is not there."""
        vector = self._vector(name)
        return vector.state if vector else ""

    def heard(self, name: str) -> int:
        """How many words were heard about a property."""
        vector = self._vector(name)
        return vector.heard if vector else 0

    def refused(self, name: str) -> DriverFault:
        """Make a fault out of what the device said when it did not obey."""
        return self.fault(f"refused {name}{self.last_word}", LOOK)

    def fault(self, what: str, mend: str) -> DriverFault:
        """Make a fault of this device."""
        return self._fault(what, where=f"{self.name} at {self.client.where}", mend=mend)

    async def _turn_on(self, within_s: float) -> None:
        heard = self.heard("CONNECTION")
        await self.client.set(self.name, "CONNECTION", "Switch", {"CONNECT": "On"}, self._fault)

        def answered() -> bool:
            refused = self.heard("CONNECTION") > heard and self.state("CONNECTION") == "Alert"
            return refused or self._is_so("CONNECTION", "CONNECT")

        await self.wait(answered, within_s, "does not connect")
        if not self._is_so("CONNECTION", "CONNECT"):
            raise self.refused("CONNECTION")

    async def _list(self) -> None:
        """Wait until it has told of every property that it has.

        They come after the word that it is connected. It answers in turn, so once it answers this question it has told
        of them all; one that does not answer it has had its time.
        """
        heard, life = self.heard("CONNECTION"), self.life
        await self.client.ask_again(self.name, "CONNECTION", self._fault)
        await self.seen(lambda: self.heard("CONNECTION") > heard, self._within_s)
        self._listed.learn(True, life)

    def _is_so(self, name: str, element: str) -> bool:
        vector = self._vector(name)
        return vector is not None and vector.values.get(element) == "On" and vector.state not in UNDONE

    def _vector(self, name: str) -> Vector | None:
        return self.client.vector(self.name, name)
