"""A service that can be killed and comes back, as an actor's process does: what it was asked meanwhile is lost."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from telescopes.description.errors import ArmillaryError, RetryLater

T = TypeVar("T")


class Service(Protocol):
    """What starts from the journal and then runs until it is cancelled."""

    async def start(self) -> None:
        """Fold what there is."""
        ...

    async def run(self) -> None:
        """Work until cancelled."""
        ...


S = TypeVar("S", bound=Service)


class Kept(Generic[S]):
    """One service, made again after each of its deaths.

    Parameters
    ----------
    name : str
        What an asker is told while it is away.
    make : callable
        Makes a service that knows nothing yet.
    revived_after_s : float, optional
        A service that ends by an error of its own comes back after so long, as it would under a supervisor; None: such
        an error ends the night.

    Attributes
    ----------
    failures : list of ArmillaryError
        What it ended by, where it was brought back.
    """

    def __init__(self, name: str, make: Callable[[], S], revived_after_s: float | None = None) -> None:
        self._name = name
        self._make = make
        self._revived_after_s = revived_after_s
        self.failures: list[ArmillaryError] = []
        self._service: S | None = None
        self._life: asyncio.Task[None] | None = None
        self._away_s = 0.0
        self._calls: dict[asyncio.Future[Any], None] = {}

    @property
    def service(self) -> S | None:
        """The service that lives now; None: it is away."""
        return self._service

    async def run(self) -> None:
        """Keep it alive; an error that nobody foresaw ends the night."""
        while True:
            self._life = asyncio.create_task(self._live())
            try:
                await self._life
            except asyncio.CancelledError:
                me = asyncio.current_task()
                if me is not None and me.cancelling():
                    raise
            except (ArmillaryError, BaseExceptionGroup) as error:
                self._fail(error)
            await asyncio.sleep(self._away_s)

    def _fail(self, error: BaseException) -> None:
        """Note what a service ended by; raise what no supervisor would mend."""
        causes = list(_causes(error))
        foreseen = [c for c in causes if isinstance(c, ArmillaryError)]
        if self._revived_after_s is None or len(foreseen) < len(causes):
            raise error
        self.failures += foreseen
        self.kill(self._revived_after_s)

    def kill(self, away_s: float) -> None:
        """End it where it stands, with all that it was asked; it comes back after `away_s` of link time."""
        self._away_s, self._service = away_s, None
        for call in tuple(self._calls):
            call.cancel()
        if self._life is not None:
            self._life.cancel()

    async def ask(self, question: Callable[[S], Awaitable[T]]) -> T:
        """Ask the service that lives now.

        Raises
        ------
        RetryLater
            It is away, or died before it could answer: what was asked may or may not have been done.
        """
        if self._service is None:
            raise self._gone()
        call = asyncio.ensure_future(question(self._service))
        self._calls[call] = None
        try:
            return await call
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if me is not None and me.cancelling():
                raise
            raise self._gone() from None
        finally:
            self._calls.pop(call, None)

    async def _live(self) -> None:
        service = self._make()
        try:
            await service.start()
            self._service = service
            await service.run()
        finally:
            self._service = None

    def _gone(self) -> RetryLater:
        return RetryLater("is being started again", where=self._name, mend="ask again", after_s=1.0)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the errors that a group is made of."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _causes(each)
    else:
        yield error
