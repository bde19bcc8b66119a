"""What may go wrong in a fault world, and when: each trouble can be left out without the others.

Times are virtual seconds since the world began; sky time and link time are the same here.
"""

from dataclasses import dataclass

from coordinator.simulation.faulty_link import Faults


@dataclass(frozen=True, slots=True)
class Death:
    """A service dies, so many steps of the loop after an instant, and is away for a while.

    Services are ``scheduler``, ``vetter``, ``telescope/<id>`` (the coordinator's session) and ``agent/<id>``.
    """

    service: str
    at_s: float
    steps: int
    away_s: float

    def told(self) -> str:
        """Say it in one line."""
        return f"{self.at_s:7.2f} s  {self.service} dies {self.steps} steps later; away {self.away_s:.2f} s"


@dataclass(frozen=True, slots=True)
class Strike:
    """A service dies at the n-th transition of a kind: just before it is durable, or just after.

    Transitions are named as `coordinator.simulation.faults.steps` counts them.
    """

    service: str
    transition: str
    nth: int
    before: bool
    away_s: float

    def told(self) -> str:
        """Say it in one line."""
        when = "before" if self.before else "after"
        return f"{when:>9}  {self.transition} number {self.nth}: {self.service} dies; away {self.away_s:.2f} s"


@dataclass(frozen=True, slots=True)
class Cut:
    """A telescope's link is cut for a while, and both sides are told."""

    telescope: str
    at_s: float
    for_s: float

    def told(self) -> str:
        """Say it in one line."""
        return f"{self.at_s:7.2f} s  the link of {self.telescope} is cut for {self.for_s:.2f} s"


@dataclass(frozen=True, slots=True)
class Frozen:
    """Nothing moves on a telescope's link for a while; nobody is told, and nothing is lost."""

    telescope: str
    at_s: float
    for_s: float

    def told(self) -> str:
        """Say it in one line."""
        return f"{self.at_s:7.2f} s  the link of {self.telescope} is frozen for {self.for_s:.2f} s"


@dataclass(frozen=True, slots=True)
class BadLine:
    """Messages of a telescope are lost, doubled, late or swapped, from the beginning until the world heals."""

    telescope: str
    faults: Faults

    def told(self) -> str:
        """Say it in one line."""
        said = self.faults
        chances = (("lost", said.lost), ("doubled", said.repeated), ("late", said.delayed), ("swapped", said.swapped))
        what = ", ".join(f"{100 * chance:.0f} % {name}" for name, chance in chances if chance > 0)
        least_s, most_s = said.delay_s
        return f"   always  messages of {self.telescope}: {what}; late by {least_s:.2f} to {most_s:.2f} s"


@dataclass(frozen=True, slots=True)
class Clouds:
    """The sky of a telescope is closed for a while."""

    telescope: str
    at_s: float
    for_s: float

    def told(self) -> str:
        """Say it in one line."""
        return f"{self.at_s:7.2f} s  clouds over {self.telescope} for {self.for_s:.2f} s"


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The machine at a site sets its clock wrong, until the world heals."""

    telescope: str
    at_s: float
    error_s: float

    def told(self) -> str:
        """Say it in one line."""
        return f"{self.at_s:7.2f} s  the clock of {self.telescope} is set wrong by {self.error_s:+.2f} s"


@dataclass(frozen=True, slots=True)
class Clumsy:
    """A telescope that sometimes does not get there, or gives no image."""

    telescope: str
    chance: float

    def told(self) -> str:
        """Say it in one line."""
        return f"   always  mount and camera of {self.telescope} fail {100 * self.chance:.0f} % of the time"


@dataclass(frozen=True, slots=True)
class News:
    """A notice about an event besides its first: a revision with another sky, or a retraction.

    `number` orders notices by their issue, whatever the order in which they come.
    """

    event: str
    at_s: float
    number: int
    sky: str | None

    def told(self) -> str:
        """Say it in one line."""
        what = "is retracted" if self.sky is None else f"moves to {self.sky}"
        return f"{self.at_s:7.2f} s  {self.event} {what} (notice {self.number})"


@dataclass(frozen=True, slots=True)
class Ordered:
    """A person pauses or resumes a telescope."""

    telescope: str
    at_s: float
    action: str

    def told(self) -> str:
        """Say it in one line."""
        return f"{self.at_s:7.2f} s  a person says {self.action} to {self.telescope}"


@dataclass(frozen=True, slots=True)
class JournalAway:
    """The journal answers nobody for a while; of what is written then, half is kept and only the answer lost."""

    at_s: float
    for_s: float

    def told(self) -> str:
        """Say it in one line."""
        return f"{self.at_s:7.2f} s  the journal is away for {self.for_s:.2f} s"


@dataclass(frozen=True, slots=True)
class PlannerAway:
    """The planner makes no plan for a while."""

    at_s: float
    for_s: float

    def told(self) -> str:
        """Say it in one line."""
        return f"{self.at_s:7.2f} s  the planner is away for {self.for_s:.2f} s"


Trouble = (
    Death | Strike | Cut | Frozen | BadLine | Clouds | ClockStep | Clumsy | News | Ordered | JournalAway | PlannerAway
)


@dataclass(frozen=True, slots=True)
class FaultWorld:
    """A short search by a few telescopes, and all that goes wrong in it.

    Attributes
    ----------
    seed : int
        Everything else follows from it, but for `keep`.
    telescopes : tuple of str
        Who takes part.
    events : tuple of str
        What is searched; each is heard of in the first seconds.
    lasts_s : float
        So long trouble may come; then everything heals, and comes to its end.
    as_real : bool
        Agents take sky time from their own machines, as those of real telescopes do, and not from what they hear.
    shines : bool
        There is something to see in the sky, and the vetter has work.
    drawn : tuple of Trouble
        What was drawn, by number from 1.
    keep : frozenset of int, optional
        Numbers of the troubles that happen; None: all.
    """

    seed: int
    telescopes: tuple[str, ...]
    events: tuple[str, ...]
    lasts_s: float
    as_real: bool
    shines: bool
    drawn: tuple[Trouble, ...]
    keep: frozenset[int] | None = None

    @property
    def numbered(self) -> tuple[tuple[int, Trouble], ...]:
        """What happens, with its numbers."""
        every = enumerate(self.drawn, start=1)
        return tuple((n, one) for n, one in every if self.keep is None or n in self.keep)

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What happens."""
        return tuple(one for _, one in self.numbered)

    @property
    def clock_error_s(self) -> float:
        """How wrong a site's sky clock may be: a simulated telescope takes the time from what it hears."""
        steps = [abs(t.error_s) for t in self.troubles if isinstance(t, ClockStep)]
        late = [t.faults.delay_s[1] for t in self.troubles if isinstance(t, BadLine) and not self.as_real]
        stood = [t.for_s for t in self.troubles if isinstance(t, Frozen) and not self.as_real]
        return max([*steps, *late, *stood], default=0.0)

    def script(self) -> str:
        """Say what happens, a line each."""
        head = f"world {self.seed}: {len(self.telescopes)} telescopes, {', '.join(self.events)}, {self.lasts_s:.0f} s"
        sky = "machines' own" if self.as_real else "as heard"
        return "\n".join([f"{head}, sky time {sky}", *(f"{n:3d}  {one.told()}" for n, one in self.numbered)])
