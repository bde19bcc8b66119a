"""What a kept night of a simulation says of itself: which event it is, under which policy, and who took part.

It lies beside the journal and the blobs of the night, which are those of an observatory.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from pydantic import TypeAdapter, ValidationError

from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope
from telescopes.description.whole_file import write_whole

NIGHT = "night.json"
SCHEMA = "armillary.night/1"
MOST_BYTES = 64 * 2**20
"""A survey's own grid of fields makes a description of some MiB."""


@dataclass(frozen=True, slots=True)
class NightRecord:
    """One night of one team.

    Attributes
    ----------
    campaign : str
        What its campaign is called.
    point, campaign_seed, event : int
        Its event: number `event` of that seed, at that point of the sweep.
    policy : str
        Who plans how; `team` of `teams` is this night's, where telescopes do not know of each other.
    start : datetime
        When it begins (sky time); it is searched for `hours`.
    telescopes : tuple of Telescope
        Who took part, as the night knew them.
    entries, state_hash
        Of the journal as it was played, and the hash of what it folds to.
    """

    campaign: str
    point: int
    campaign_seed: int
    event: int
    policy: str
    team: int
    teams: int
    start: datetime
    hours: float
    telescopes: tuple[Telescope, ...]
    entries: int
    state_hash: str
    schema: str = SCHEMA

    @property
    def says(self) -> str:
        """The night in words."""
        point = f", point {self.point}" if self.point else ""
        team = f", team {self.team + 1} of {self.teams}" if self.teams > 1 else ""
        return f"{self.campaign}{point}: event {self.event} of seed {self.campaign_seed}, {self.policy}{team}"

    def write(self, folder: Path) -> None:
        """Write it into the night's folder; it comes last, so that a night which has it is whole."""
        write_whole(folder / NIGHT, msgspec.json.format(msgspec.json.encode(self)))


def read_night(folder: Path) -> NightRecord:
    """Read what a folder says of its night.

    Raises
    ------
    Refused
        It holds no kept night, or what it says cannot be read.
    """
    file = folder / NIGHT
    if not file.is_file():
        mend = "make one by `armillary simulate … --event N -o DIR`; a running observatory has a dashboard of its own"
        raise Refused(f"holds no kept night of a simulation (no {NIGHT})", where=str(folder), mend=mend)
    mend = "keep the night again, in another folder"
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Refused("is too large for a night's description", where=str(file), mend=mend)
        found = TypeAdapter(NightRecord).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise Refused(f"cannot be read ({_short(error)})", where=str(file), mend=mend) from error
    if found.schema != SCHEMA:
        raise Refused(f"is {found.schema[:40]!r}, not {SCHEMA}", where=str(file), mend=mend)
    if found.start.tzinfo is None:
        raise Refused("its start has no zone", where=str(file), mend=mend)
    return found


def _short(error: OSError | ValidationError) -> str:
    if isinstance(error, OSError):
        return error.strerror or "the disk refused"
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}"
