"""What `armillary simulate` is asked to play: a campaign file, or what the options say."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from telescopes.description.errors import Refused

if TYPE_CHECKING:
    from coordinator.simulation.campaign.asked import Asked
    from coordinator.simulation.campaign.folder import Commands

EVENTS, SEED, HOURS = 20, 1, 12.0
MOST_HOURS = 24.0


@dataclass(frozen=True, slots=True)
class OneEvent:
    """Which event is played alone."""

    seed: int
    number: int
    point: int
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """The options as they were given; None: left out."""

    file: Path | None
    events: int | None
    seed: int | None
    policies: tuple[str, ...]
    compare: bool
    hours: float | None
    sites: Path | None
    event: int | None

    def commands(self) -> "Commands":
        """Return what a report says of how it is played again."""
        from coordinator.simulation.campaign.folder import Commands

        return Commands(whole=self.whole(), night=self.night())

    def night(self) -> str:
        """Return the command that plays one of its worlds, with --seed, --event and --policy behind it."""
        return shlex.join(map(str, self._worlds()))

    def whole(self) -> str:
        """Return the command that plays the same campaign, without where it is kept and who plays it."""
        words = self._worlds()
        if self.file is None:
            words += ["--events", EVENTS if self.events is None else self.events]
            words += ["--seed", SEED if self.seed is None else self.seed]
            words += ["--compare"] if self.compare else []
            words += [word for name in self.policies for word in ("--policy", name)]
        return shlex.join(map(str, words))

    def _worlds(self) -> list[object]:
        words: list[object] = ["armillary", "simulate"]
        if self.file is not None:
            return [*words, self.file]
        for option, value in (("--hours", self.hours), ("--sites", self.sites)):
            words += [] if value is None else [option, value]
        return words

    def one(self, asked: "Asked", point: int) -> OneEvent:
        """Say which event is to be played alone, of those that the campaign could have."""
        from coordinator.simulation.campaign.asked import MOST_EVENTS

        seed = asked.seeds[0] if self.seed is None else self.seed
        _within("--point", point, 0, len(asked.points) - 1)
        _within("--event", self.event or 0, 0, MOST_EVENTS - 1)
        return OneEvent(seed, self.event or 0, point, self.policies or asked.policies[:1])


def asked_of(options: Options, workers: int) -> "Asked":
    """Read what is asked for.

    Raises
    ------
    Refused
        Naming every mistake of a file, or the first option that cannot be used.
    """
    from coordinator.simulation.campaign.campaign_file import read_campaign
    from coordinator.simulation.campaign.policy import load_policy

    _within("--workers", workers, 1, 4 * (os.cpu_count() or 1))
    _within("--seed", SEED if options.seed is None else options.seed, 0, 2**31)
    for name in options.policies:
        load_policy(name)
    if options.file is None:
        return _of_options(options)
    _stands_in_the_file(options)
    return read_campaign(options.file)


def _of_options(options: Options) -> "Asked":
    from coordinator.simulation.campaign.asked import MOST_EVENTS, Asked, Point
    from coordinator.simulation.campaign.drawn_world import Setting
    from coordinator.simulation.campaign.policy import OWN
    from telescopes.description.site_file import default_sites_folder, read_sites

    events = EVENTS if options.events is None else options.events
    hours = HOURS if options.hours is None else options.hours
    seed = SEED if options.seed is None else options.seed
    _within("--events", events, 1, MOST_EVENTS)
    _within("--hours", hours, 0.5, MOST_HOURS)
    names = tuple(dict.fromkeys([*(OWN if options.compare else ()), *options.policies])) or ("coordinated",)
    setting = Setting(read_sites(options.sites or default_sites_folder()), hours)
    written: dict[str, Any] = {
        "network": {"telescopes": [one.id for one in setting.telescopes]},
        "events": {"count": events, "hours": hours},
        "policies": {"compare": list(names)},
        "seeds": {"first": seed, "count": 1},
    }
    return Asked((seed,), events, names, (Point({}, setting),), name=f"seed {seed}", written=written)


def _stands_in_the_file(options: Options) -> None:
    """Refuse an option that a campaign file has a key for; seed and policy choose where one event is played alone."""
    said: dict[str, object] = {
        "--events": options.events,
        "--hours": options.hours,
        "--sites": options.sites,
        "--compare": options.compare or None,
    }
    if options.event is None:
        said |= {"--seed": options.seed, "--policy": options.policies or None}
    for option, value in said.items():
        if value is not None:
            raise Refused("stands in the campaign file", where=option, mend=f"leave it out, or change {options.file}")


def _within(option: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise Refused(f"{value:g} cannot be used", where=option, mend=f"give {least:g} to {most:g}")
