"""`armillary check`: every problem of a configuration file, with file, key and mend."""

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telescopes.description.errors import Refused
from telescopes.description.problems import Problem
from telescopes.description.site_file import (
    check_site_file,
    load_toml,
    read_site_file,
    read_sites,
    same_ids,
    site_files,
)
from telescopes.description.telescope import Telescope

if TYPE_CHECKING:
    from coordinator.settings import Settings

SITE, CONFIG, CAMPAIGN = "site", "config", "campaign"
SITE_KEYS = ("id", "site", "instruments", "observing")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Site files or folders of them, config files, campaigns.")
    ],
) -> None:
    """Check site, config and campaign files: every problem, with file, key and mend.

    Ends with status 1 if there is a problem.
    """
    good: list[tuple[Path, Telescope]] = []
    others: list[tuple[Path, str]] = []
    problems: list[Problem] = []
    for path in files:
        found = site_files(path)
        if not found:
            problems.append(Problem(str(path), "*.toml", "there is no site file", "give a folder that holds some"))
        for file in found:
            wrong = _problems(file)
            problems += wrong
            if not wrong and _kind(file) == SITE:
                good.append((file, read_site_file(file)))
            elif not wrong:
                others.append((file, _kind(file)))
    problems += same_ids(good)
    _say(good, others, problems)
    if problems:
        raise typer.Exit(1)


def _problems(file: Path) -> list[Problem]:
    if file.suffix != ".toml":
        return [Problem(str(file), "file", "is of a kind that cannot be checked", "give a site file, *.toml")]
    problems: list[Problem] = []
    table = load_toml(file, problems)
    if table is None:
        return problems
    if _kind(file) != SITE:
        return _config_problems(file) if _kind(file) == CONFIG else _campaign_problems(file)
    if not any(key in table for key in SITE_KEYS):
        keys = ", ".join(table) or "nothing"
        what = f"is of a kind that cannot be checked: it has {keys}, and none of {', '.join(SITE_KEYS)}"
        return [Problem(str(file), "file", what, "give a site file, a config file or a campaign")]
    return check_site_file(file)


def _kind(file: Path) -> str:
    """Say what a TOML file is: of a telescope, of `armillary up`, or of `armillary simulate`."""
    from coordinator.settings import Settings
    from coordinator.simulation.campaign.tables import is_campaign

    table = load_toml(file, []) or {}
    known = {f.name for f in fields(Settings)}
    if any(key in table for key in ("site", "instruments")):
        return SITE
    if is_campaign(table):
        return CAMPAIGN
    return CONFIG if any(key in known for key in table) else SITE


def _campaign_problems(file: Path) -> list[Problem]:
    from coordinator.simulation.campaign.campaign_file import campaign_problems

    return campaign_problems(file)


def _config_problems(file: Path) -> list[Problem]:
    from coordinator.config_file import config_problems, read_settings

    problems = config_problems(file)
    return problems or _unreadable(file, read_settings(file))


def _unreadable(file: Path, settings: "Settings") -> list[Problem]:
    """Open what plans are made with and candidates are compared with, as who uses it does."""
    from coordinator import factory

    found = []
    for key, opened in (
        ("planning.catalogue", factory.galaxies),
        ("planning.dust", factory.dust),
        ("planning.forecast", _forecast),
        ("catalogues.folders", factory.catalogued),
        ("catalogues.minor_planets", factory.bodies),
    ):
        try:
            opened(settings)
        except Refused as error:
            found.append(Problem(str(file), key, f"{error.where}: {error.what}", error.mend))
    return found


def _forecast(settings: "Settings") -> None:
    """Read the forecasts: a running observatory would go on without those that are wrong."""
    from coordinator.sources.forecast_file import read_forecasts

    if settings.planning.forecast is not None:
        read_forecasts(settings.planning.forecast, [t.id for t in read_sites(settings.sites)])


def _say(good: list[tuple[Path, Telescope]], others: list[tuple[Path, str]], problems: list[Problem]) -> None:
    """Print one line for each good file and for each problem."""
    for file, kind in others:
        print(f"{file}: {kind} file, no problem")
    bad = {problem.file for problem in problems}
    for file, telescope in good:
        if str(file) not in bad:
            print(f"{file}: site file of {telescope.id} ({telescope.name}), no problem")
    for problem in problems:
        print(problem)
