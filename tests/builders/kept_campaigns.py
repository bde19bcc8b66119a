"""Campaigns' folders that nobody played, as `armillary simulate -o` leaves them: finished, half way, and foreign."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from builders.campaign_outcomes import a_played_event, an_asked, an_outcome
from coordinator.simulation.campaign.asked import Asked
from coordinator.simulation.campaign.document import Campaign, document
from coordinator.simulation.campaign.folder import REPORT, Commands
from coordinator.simulation.campaign.parts import Parts
from coordinator.simulation.campaign.play import Failure, PlayedEvent
from coordinator.simulation.campaign.report import write_results

COMMANDS = Commands(whole="armillary simulate --events 3 --seed 5", night="armillary simulate --hours 3.0")
FAILED = Failure(2, "independent", 500_017, "ValueError: <script>alert(1)</script>")


def three_events() -> tuple[PlayedEvent, ...]:
    """Return three events under two policies; the last one failed under the second."""
    both = [
        a_played_event(
            n, an_outcome(n, probability_covered=0.5 + 0.1 * n), an_outcome(n, "independent", probability_covered=0.3)
        )
        for n in range(2)
    ]
    return (*both, a_played_event(2, failures=(FAILED,)))


def asked_for() -> Asked:
    """Return what these were asked as."""
    return an_asked(3, policies=("coordinated", "independent"))


def finished(folder: Path) -> Path:
    """Keep a campaign that is finished."""
    was, files = _made_once()
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data.replace(was, str(folder).encode()))
    return folder


@cache
def _made_once() -> tuple[bytes, dict[Path, bytes]]:
    """Where one was made, and its files: charts take long."""
    with TemporaryDirectory() as made:
        folder = half_way(Path(made) / "campaign", parts=2)
        campaign = Campaign(asked_for(), three_events(), 1.0)
        write_results(folder, campaign, document(campaign, str(folder / REPORT)), COMMANDS)
        files = [file for file in folder.rglob("*") if file.is_file()]
        return str(folder).encode(), {file.relative_to(folder): file.read_bytes() for file in files}


def half_way(folder: Path, parts: int = 1) -> Path:
    """Keep a campaign of which so many parts are played."""
    asked, events = asked_for(), three_events()
    kept = Parts.opened(folder, asked, COMMANDS)
    for batch in list(asked.batches())[:parts]:
        kept.keep(batch, [events[n] for n in batch.events])
    return folder
