"""The campaigns that are kept under a folder, and their nights; files are read again when they change."""

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coordinator.dashboard.remembered import Remembered
from coordinator.simulation.campaign.folder import nights_of
from coordinator.simulation.campaign.folder_read import KeptCampaign, campaign_folders, read_campaign_folder, stamp_of
from coordinator.simulation.campaign.results import EventRow
from coordinator.simulation.night_record import NIGHT, NightRecord, read_night
from telescopes.description.errors import Refused

MOST_CAMPAIGNS, MOST_NIGHTS = 256, 4000
"""More than a page has: what goes over a list longer than that would find nothing of it again."""


@dataclass(frozen=True, slots=True)
class KeptNights:
    """Nights of one event under one policy: one, or one for each team that knew nothing of the others.

    `same_state`: whether they fold to what the campaign said of the event; None: not all teams are kept. `wrong`: why
    one of them cannot be opened.
    """

    folders: tuple[Path, ...] = ()
    same_state: bool | None = None
    wrong: str = ""


class Shelf:
    """What is kept under a folder.

    Parameters
    ----------
    folder : Path
        Each folder in there is a campaign, as `armillary simulate -o` keeps it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._campaigns: Remembered[tuple[Any, ...], KeptCampaign] = Remembered(MOST_CAMPAIGNS)
        self._nights: Remembered[tuple[Any, ...], NightRecord | str] = Remembered(MOST_NIGHTS)

    async def folders(self) -> list[Path]:
        """Return the campaigns' folders, the one that changed last first; raises Refused where nobody may look."""
        return await asyncio.to_thread(campaign_folders, self.folder)

    async def read(self, folders: list[Path]) -> list[KeptCampaign]:
        """Read some of them."""
        return await asyncio.to_thread(lambda: [self._campaign(one) for one in folders])

    async def campaign(self, id: str) -> KeptCampaign:
        """Return one campaign by its folder's name.

        Raises
        ------
        Refused
            There is none of that name.
        """
        found = [one for one in await self.folders() if one.name == id]
        if not found:
            raise Refused("no such simulation", where=id, mend="see the list of simulations", reason="NOT_FOUND")
        return (await self.read(found))[0]

    async def nights(self, campaign: KeptCampaign, rows: list[EventRow]) -> list[KeptNights]:
        """Return the nights that are kept of some events, in their order."""
        return await asyncio.to_thread(lambda: [self._nights_of(campaign, row) for row in rows])

    def _campaign(self, folder: Path) -> KeptCampaign:
        key = (folder.name, *stamp_of(folder))
        return self._campaigns.get(key) or self._campaigns.put(key, read_campaign_folder(folder))

    def _nights_of(self, campaign: KeptCampaign, row: EventRow) -> KeptNights:
        try:
            return self._looked_for(campaign, row)
        except OSError as error:  # a name that no disk takes, or a night that goes while it is looked at
            return KeptNights(wrong=f"its nights cannot be looked for ({error.strerror})")

    def _looked_for(self, campaign: KeptCampaign, row: EventRow) -> KeptNights:
        folders = list(_night_folders(campaign, row))
        records: dict[int, NightRecord] = {}
        for folder in folders:
            record = self._night(folder)
            if isinstance(record, str):
                return KeptNights(tuple(folders), wrong=record)
            if not _is_of(record, row):
                return KeptNights(tuple(folders), wrong=f"{folder}: holds another night: {record.says}")
            records[record.team] = record
        return KeptNights(tuple(folders), _same_state(records, row))

    def _night(self, folder: Path) -> NightRecord | str:
        """Return what a night says of itself, or why it cannot be read."""
        its = (folder / NIGHT).stat()
        key = (folder, its.st_mtime_ns, its.st_size)
        known = self._nights.get(key)
        if known is not None:
            return known
        try:
            return self._nights.put(key, read_night(folder))
        except Refused as error:
            return self._nights.put(key, " ".join(str(error).split()))


def _night_folders(campaign: KeptCampaign, row: EventRow) -> Iterator[Path]:
    """Yield folders of kept nights: of the policy, or of each of its teams."""
    if row.policy in ("", ".", "..") or Path(row.policy).name != row.policy:
        return  # no name of a folder
    folder = nights_of(campaign.folder, row.point, row.campaign_seed, row.event) / row.policy
    for pattern in (NIGHT, f"*/{NIGHT}"):
        yield from sorted(file.parent for file in folder.glob(pattern))


def _is_of(record: NightRecord, row: EventRow) -> bool:
    said = (record.point, record.campaign_seed, record.event, record.policy)
    return said == (row.point, row.campaign_seed, row.event, row.policy)


def _same_state(records: dict[int, NightRecord], row: EventRow) -> bool | None:
    """Say whether all teams' nights together are those of the campaign; None: some are missing."""
    teams = {record.teams for record in records.values()}
    if teams != {len(records)} or set(records) != set(range(len(records))):
        return None
    together = "".join(records[team].state_hash for team in sorted(records))
    return hashlib.sha256(together.encode()).hexdigest() == row.state_hash
