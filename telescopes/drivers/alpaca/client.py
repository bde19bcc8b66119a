"""One Alpaca device: asked over HTTP, where 200 says nothing and `ErrorNumber` says all."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import httpx

from telescopes.drivers.driver import DriverFault

NOT_IMPLEMENTED = 0x400
PARKED = 0x408
INVALID_OPERATION = 0x40B
NOTHING_TO_STOP = frozenset({NOT_IMPLEMENTED, PARKED, INVALID_OPERATION})
UNKNOWN = frozenset({NOT_IMPLEMENTED, 0x402, INVALID_OPERATION})
MENDS = {
    NOT_IMPLEMENTED: "the device cannot do this: use another, or leave it out of [driver]",
    0x401: "the device does not take this value: compare its limits with the site file's",
    0x402: "set it once in the device's own program",
    0x407: "connect the device in its own program, and look at its cables",
    PARKED: "unpark it",
    INVALID_OPERATION: "look at the device's own program: it is busy or in error",
    0x40C: "look at the device's own program: it is in error, reload it",
}
LOOK = "look at the device's own program and its log"
LARGEST_ANSWER = 1 << 20
LONGEST_SAID = 200
CLIENT_ID = 4711


@dataclass(frozen=True, slots=True)
class Address:
    """Where a device is: ``http://host:port``, and its number of its kind."""

    server: str
    number: int


class AlpacaDevice:
    """A device of one kind; its faults are of the class that it is made with."""

    def __init__(
        self, http: httpx.AsyncClient, kind: str, address: Address, fault: type[DriverFault], within_s: float
    ) -> None:
        self.where = f"{kind} {address.number} at {address.server}"
        self._http = http
        self._url = f"{address.server}/api/v1/{kind}/{address.number}"
        self._fault = fault
        self._within_s = within_s
        self._said = 0
        self._connected = False
        self.life = 0

    async def get(self, what: str) -> Any:
        """Read a property."""
        await self._connect()
        return self._value(what, await self._ask("GET", what, {}))

    async def number(self, what: str) -> float:
        """Read a property that is a number."""
        value = await self.get(what)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fault(f"says {what} is {value!r:.80}", LOOK)
        return float(value)

    async def flag(self, what: str) -> bool:
        """Read a property that is true or false."""
        value = await self.get(what)
        if not isinstance(value, bool):
            raise self.fault(f"says {what} is {value!r:.80}", LOOK)
        return value

    async def optional(self, what: str, **values: str) -> Any:
        """Read a property that the device need not have, or not yet; None: it has none now."""
        await self._connect()
        answer = await self._ask("GET", what, values)
        return None if answer.get("ErrorNumber") in UNKNOWN else self._value(what, answer)

    async def optional_number(self, what: str, **values: str) -> float | None:
        """Read a number that the device need not have."""
        value = await self.optional(what, **values)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    async def put(
        self, what: str, tolerated: Collection[int] = (), within_s: float | None = None, **values: Any
    ) -> None:
        """Set a property or do something; errors whose numbers are tolerated mean that there was nothing to do."""
        await self._connect()
        answer = await self._ask("PUT", what, {name: str(value) for name, value in values.items()}, within_s)
        if answer.get("ErrorNumber") not in tolerated:
            self._value(what, answer)

    async def image(self, largest: int, within_s: float) -> tuple[str, bytes]:
        """Fetch the image: its media type and its bytes."""
        headers = {"Accept": "application/imagebytes, application/json"}
        try:
            async with self._http.stream(
                "GET", f"{self._url}/imagearray", params=self._numbered({}), headers=headers, timeout=within_s
            ) as response:
                self._check_status(response.status_code, "imagearray")
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > largest:
                        raise self.fault(f"sends an image of more than {largest} bytes", "bin the image")
                return response.headers.get("content-type", ""), bytes(body)
        except httpx.HTTPError as error:
            raise self._silent(error) from error

    def fault(self, what: str, mend: str) -> DriverFault:
        """Make a fault of this device."""
        return self._fault(what, where=self.where, mend=mend)

    async def _connect(self) -> None:
        """Connect the device to its hardware, once; `life` counts how often that was not so."""
        if self._connected:
            return
        if self._value("connected", await self._ask("GET", "connected", {})) is not True:
            self.life += 1
            self._value("connected", await self._ask("PUT", "connected", {"Connected": "True"}, 10 * self._within_s))
        self._connected = True

    async def _ask(self, verb: str, what: str, values: dict[str, str], within_s: float | None = None) -> dict[str, Any]:
        numbered = self._numbered(values)
        query, form = (numbered, None) if verb == "GET" else (None, numbered)
        try:
            response = await self._http.request(
                verb, f"{self._url}/{what}", params=query, data=form, timeout=within_s or self._within_s
            )
        except httpx.HTTPError as error:
            self._connected = False
            raise self._silent(error) from error
        self._check_status(response.status_code, what, response.text)
        try:
            answer = json.loads(response.content[:LARGEST_ANSWER])
        except (ValueError, RecursionError) as error:
            raise self.fault(f"answers {what} with what is no JSON", "is this an Alpaca server?") from error
        if not isinstance(answer, dict):
            raise self.fault(f"answers {what} with what is no Alpaca answer", "is this an Alpaca server?")
        return answer

    def _value(self, what: str, answer: dict[str, Any]) -> Any:
        number = answer.get("ErrorNumber", 0)
        if number == 0:
            return answer.get("Value")
        if number == 0x407:
            self._connected = False
        mend = MENDS.get(number, LOOK) if isinstance(number, int) else LOOK
        name = f"0x{number:X}" if isinstance(number, int) else repr(number)[:20]
        raise self.fault(f"{what}: {_said(answer.get('ErrorMessage'))} ({name})", mend)

    def _check_status(self, status: int, what: str, text: str = "") -> None:
        if status == 200:
            return
        self._connected = False
        raise self.fault(f"{what}: HTTP {status} {_said(text)}".rstrip(), "compare the device's number with [driver]")

    def _silent(self, error: httpx.HTTPError) -> DriverFault:
        why = str(error) or type(error).__name__
        return self.fault(f"does not answer ({_said(why)})", "start the Alpaca server, and compare its address")

    def _numbered(self, values: dict[str, str]) -> dict[str, str]:
        self._said += 1
        return {**values, "ClientID": str(CLIENT_ID), "ClientTransactionID": str(self._said)}


def _said(text: object) -> str:
    """What a device said, fit for one line."""
    return "".join(c if c.isprintable() else " " for c in str(text or "no word"))[:LONGEST_SAID]
