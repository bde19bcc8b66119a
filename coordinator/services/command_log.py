"""A telescope's command log: dense numbers for ever, of which the newest commands are kept."""

from dataclasses import dataclass, field

from telescopes.description.errors import Refused
from telescopes.description.messages import Command

KEPT = 2000
"""So many commands are kept at least, and at most twice as many: about ten nights of a busy telescope."""


@dataclass
class CommandLog:
    """Commands `base` + 1 to `head`; what came before is told by a list of the pointings instead.

    What is let go depends on the commands alone, so that every fold of one journal keeps the same.
    """

    base: int = 0
    kept: list[Command] = field(default_factory=list)
    keep: int = KEPT

    @property
    def head(self) -> int:
        """Number of the last command."""
        return self.base + len(self.kept)

    def add(self, command: Command) -> bool:
        """Add the next command; say whether old ones were let go."""
        self.kept.append(command)
        if len(self.kept) < 2 * self.keep:
            return False
        gone = len(self.kept) - self.keep
        self.base += gone
        del self.kept[:gone]
        return True

    def after(self, seq: int) -> tuple[Command, ...]:
        """Return what comes after a cursor that was checked."""
        return tuple(self.kept[seq - self.base :])

    def check(self, seq: int, telescope_id: str) -> None:
        """Refuse a cursor that lies before what is kept, or beyond the head."""
        if seq > self.head:
            raise Refused(
                f"cursor {seq} is beyond the log's head {self.head}",
                where=f"telescope {telescope_id}",
                mend="the agent's store belongs to another journal: list the pointings and start from head_seq",
                reason="CURSOR_AHEAD",
            )
        if seq < self.base:
            raise Refused(
                f"cursor {seq} lies before command {self.base}, up to which none is kept any more",
                where=f"telescope {telescope_id}",
                mend="list the pointings and start from the list's as_of_seq",
                reason="CURSOR_COMPACTED",
            )
