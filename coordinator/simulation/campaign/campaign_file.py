"""The campaign file: a TOML that says what is played; every mistake is named in one go.

An axis of a sweep is a key of the same file with the values that it takes in turn: each point is the file once more
with these values in their places, read and checked like any.
"""

import itertools
from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from coordinator.simulation.calibration.told import O3
from coordinator.simulation.campaign.asked import MOST_EVENTS, Asked, Point
from coordinator.simulation.campaign.drawn_world import Setting
from coordinator.simulation.campaign.faults import FaultLaw
from coordinator.simulation.campaign.mix import Mix
from coordinator.simulation.campaign.policy import load_policy
from coordinator.simulation.campaign.population import DAYS, FIRST_DAY, NEAR_MPC, Population
from coordinator.simulation.campaign.real_maps import MapFile, maps_in
from coordinator.simulation.campaign.weather_keys import read_weather
from coordinator.simulation.world.detectors import O4, O5
from telescopes.description.ephemeris import FIRST_YEAR, LAST_YEAR
from telescopes.description.errors import Refused
from telescopes.description.problems import ConfigRefused, Problem, refusal
from telescopes.description.section import Section, Within
from telescopes.description.site_file import default_sites_folder, load_toml, read_sites
from telescopes.description.telescope import Telescope

DETECTORS = {"O3": O3, "O4": O4, "O5": O5}

MOST_SEEDS, MOST_POINTS, MOST_DAYS = 1000, 200, 36525
AXES = ("network.", "period.", "events.", "weather.", "faults.")
FIXED = "events.count"
COUNT = Within(1, MOST_EVENTS, "a number")
SEED = Within(0, 2**31, "a whole number")
HOURS = Within(0.5, 24.0, "hours")
FAULTS = ("device_h", "link_h", "agent_h", "coordinator_h", "operator_h", "clock_h")
FAULT_H = Within(0.1, 1e6, "hours")
WEIGHTS = {"gravitational_waves": 1.0, "gamma_ray_bursts": 0.0, "neutrinos": 0.0, "supernova_neutrinos": 0.0}
WEIGHT = Within(0.0, 1e6, "a weight")
SHARE = Within(0.0, 1.0, "a share")
TIMES = Within(0.0, 100.0, "times as often")
EVERY = "all"


def read_campaign(path: Path) -> Asked:
    """Read a campaign file.

    Raises
    ------
    Refused
        Naming every mistake.
    """
    asked, problems = _read(path)
    if asked is None or problems:
        raise refusal(problems, str(path))
    return asked


def campaign_problems(path: Path) -> list[Problem]:
    """Name every mistake of a campaign file."""
    return _read(path)[1]


def _read(path: Path) -> tuple[Asked | None, list[Problem]]:
    problems: list[Problem] = []
    table = load_toml(path, problems)
    if table is None:
        return None, problems
    top = Section(table, "", str(path), problems)
    name = top.text("name", path.stem)
    policies = _policies(top.section("policies"))
    seeds = _seeds(top.section("seeds"))
    setting, count = _setting(top, path)
    worth_of = _worth_of(top.section("measures"), setting.telescopes)
    points = _points(path, table, top.section("sweep"), setting, problems)
    top.close()
    return Asked(seeds, count, policies, points, worth_of, name, written=table), problems


def _policies(section: Section) -> tuple[str, ...]:
    names = section.texts("compare", ("coordinated",))
    for n, name in enumerate(names):
        try:
            load_policy(name)
        except Refused as error:
            section.note(f"compare[{n}]", error.what, error.mend)
    if not names:
        section.note("compare", "there is none", "name at least one, such as coordinated")
    section.close()
    return tuple(dict.fromkeys(names))


def _seeds(section: Section) -> tuple[int, ...]:
    first = section.whole_number("first", SEED, 1)
    many = section.whole_number("count", Within(1, MOST_SEEDS, "a number"), 1)
    section.close()
    return tuple(range(first, first + many))


def _setting(top: Section, path: Path) -> tuple[Setting, int]:
    """Read what all events of one point share, and how many there are."""
    telescopes, known = _network(top.section("network"), path)
    events = top.section("events")
    count = events.whole_number("count", COUNT, 20)
    hours = events.number("hours", HOURS, 12.0)
    population = _population(events, top.section("period"), path)
    weather = read_weather(top.section("weather"), known)
    return Setting(telescopes, hours, population, _faults(top.section("faults")), weather=weather), count


def _network(section: Section, path: Path) -> tuple[tuple[Telescope, ...], tuple[str, ...]]:
    """Read who takes part, and the ids of all who could."""
    folder = _beside(path, section, "sites") or default_sites_folder()
    try:
        found = {one.id: one for one in read_sites(folder)}
    except ConfigRefused as error:
        for problem in error.problems:
            section.note("sites", str(problem), "`armillary check` on it says the same")
        found = {}
    only = _known(section, "telescopes", tuple(found), found)
    but = _known(section, "without", (), found)
    section.close()
    chosen = tuple(found[one] for one in dict.fromkeys(only) if one in found and one not in but)
    if found and not chosen:
        section.note("without", "leaves no telescope", "leave at least one")
    return tuple(sorted(chosen, key=lambda one: one.id)), tuple(sorted(found))


def _beside(path: Path, section: Section, key: str) -> Path | None:
    """Read a path as seen from the campaign file's folder."""
    named = section.optional_text(key)
    if named is None:
        return None
    try:
        found = path.parent / Path(named).expanduser()
    except RuntimeError:  # ~NAME, and nobody is called so here
        found = None
    if found is None or "\0" in named:
        section.note(key, f"{named[:80]!r} is no path", "name a file or folder, from this file's folder or in full")
        return None
    return found


def _known(section: Section, key: str, default: tuple[str, ...], found: dict[str, Telescope]) -> tuple[str, ...]:
    """Read ids of telescopes; where no site could be read nobody can say which are wrong."""
    return section.texts(key, default, tuple(found) or None)


def _population(events: Section, period: Section, path: Path) -> Population:
    detectors = events.choice("detectors", tuple(DETECTORS), "O3")
    first_day, days = _period(period)
    found = Population(
        detectors=DETECTORS[detectors],
        near_mpc=events.number("near_mpc", Within(0.0, 1000.0, "megaparsecs", positive=True), NEAR_MPC),
        in_reach=events.number("in_reach", SHARE, 0.5),
        first_day=first_day,
        days=days,
        mix=_mix(events),
        maps=_maps(events, path),
        single_detector=events.flag("single_detector", True),
    )
    events.close()
    return found


def _mix(events: Section) -> Mix:
    """Read the weights of kinds."""
    weights = {kind: events.number(kind, WEIGHT, usual) for kind, usual in WEIGHTS.items()}
    share, unrelated = events.number("with_burst", SHARE, 0.0), events.number("unrelated", TIMES, 0.0)
    if not any(weights.values()):
        said = [kind for kind in WEIGHTS if events.has(kind)]
        events.note(said[0], "every kind of event weighs nothing", f"give {' or '.join(WEIGHTS)} more than 0")
        return Mix()
    return Mix(**weights, with_burst=share, unrelated=unrelated)


def _maps(events: Section, path: Path) -> tuple[MapFile, ...]:
    """Read the folder of real maps that mergers are drawn from."""
    folder = _beside(path, events, "maps")
    try:
        return () if folder is None else maps_in(folder)
    except Refused as error:
        events.note("maps", f"{error.where} {error.what}", error.mend)
        return ()


def _period(section: Section) -> tuple[datetime, int]:
    """Read the first day and how many there are; Sun and Moon are known in all of them."""
    first = _day(section)
    days = section.whole_number("days", Within(1, MOST_DAYS, "days"), DAYS)
    known = f"Sun and Moon are known from {FIRST_YEAR} to {LAST_YEAR}"
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        section.note("start", f"is in the year {first.year}", f"give a day in another: {known}")
    elif (first + timedelta(days=days - 1)).year > LAST_YEAR:
        section.note("days", f"end after {LAST_YEAR}", f"give fewer, or an earlier start: {known}")
    section.close()
    return first, days


def _day(period: Section) -> datetime:
    """Read the first day, as TOML has dates."""
    said = period.rest_of(["start"]).get("start", FIRST_DAY)
    if isinstance(said, datetime) and said.tzinfo is not None:
        # What cannot be told in UTC is in a year that is refused.
        return said.astimezone(UTC) if MINYEAR < said.year < MAXYEAR else said
    if isinstance(said, date) and not isinstance(said, datetime):
        return datetime(said.year, said.month, said.day, tzinfo=UTC)
    mend = "give a date without quotes, such as 2026-01-01, or a time with its zone"
    period.note("start", f"{said!r} is no day", mend)
    return FIRST_DAY


def _faults(section: Section) -> FaultLaw:
    usual = FaultLaw()
    found = FaultLaw(**{key: section.number(key, FAULT_H, getattr(usual, key)) for key in FAULTS})
    happen = section.flag("happen", True)
    section.close()
    return found if happen else FaultLaw.none()


def _worth_of(section: Section, telescopes: Sequence[Telescope]) -> tuple[str, ...]:
    ids = tuple(one.id for one in telescopes)
    names = section.texts("worth_of", (), (EVERY, *ids) if ids else None)
    section.close()
    return ids if EVERY in names else tuple(dict.fromkeys(names))


def _points(
    path: Path, table: dict[str, Any], sweep: Section, setting: Setting, problems: list[Problem]
) -> tuple[Point, ...]:
    """Read the file once for every combination of the axes' values."""
    axes = {key: sweep.items(key, "give a list of values") for key in sweep.keys}
    wrong = [key for key, values in axes.items() if not _is_axis(sweep, key, values)]
    combinations = itertools.product(*axes.values())
    count = 1
    for values in axes.values():
        count *= max(len(values), 1)
    if count > MOST_POINTS:
        sweep.note("points", f"{count} combinations are too many", f"give at most {MOST_POINTS}")
    if wrong or not axes or count > MOST_POINTS:
        return (Point({}, setting),)
    known = {(p.key, p.what) for p in problems}
    found = []
    for taken in combinations:
        at = dict(zip(axes, taken, strict=True))
        its, new = _at(path, table, at)
        problems += [p for p in new if (p.key, p.what) not in known]
        known |= {(p.key, p.what) for p in new}
        found.append(Point(at, its))
    return tuple(found)


def _is_axis(sweep: Section, key: str, values: list[object]) -> bool:
    if not key.startswith(AXES) or key == FIXED:
        mend = f'name a key of {", ".join(a.rstrip(".") for a in AXES)} in quotes, such as "events.near_mpc"'
        sweep.note(key, "is nothing that can be swept", mend)
        return False
    if not values:
        sweep.note(key, "has no values", "give a list of at least one")
    return bool(values)


def _at(path: Path, table: dict[str, Any], at: dict[str, Any]) -> tuple[Setting, list[Problem]]:
    """Read the file with other values in their places; what is wrong then is said of the sweep."""
    changed = {key: dict(its) if isinstance(its, dict) else its for key, its in table.items()}
    for key, value in at.items():
        part, _, inner = key.partition(".")
        changed.setdefault(part, {})
        if isinstance(changed[part], dict):
            changed[part][inner] = value
    problems: list[Problem] = []
    setting, _ = _setting(Section(changed, "", str(path), problems), path)
    swept = [Problem(p.file, f"sweep: {p.key}" if _touches(at, p.key) else p.key, p.what, p.mend) for p in problems]
    return setting, swept


def _touches(at: dict[str, Any], key: str) -> bool:
    return any(key == axis or key.startswith(f"{axis}[") for axis in at)
