"""Campaign files: what they say is what is played, and every mistake is named in one go."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from coordinator.cli.check import register
from coordinator.simulation.campaign.campaign_file import campaign_problems, read_campaign
from coordinator.simulation.campaign.drawn_world import drawn_world
from coordinator.simulation.campaign.mix import Mix
from coordinator.simulation.world.weather import WeatherLaw
from telescopes.description.errors import Refused

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "campaign.toml"

WRONG = """
nmae = "typo"
[network]
telescopes = ["tca", "hubble"]
[period]
start = "yesterday"
[events]
count = 0
hours = 48
detectors = "O9"
neutrinos = -1
with_burst = 2
unrelated = -1
single_detector = "never"
maps = "nowhere"
[policies]
compare = ["coordinated", "clever"]
[weather]
happen = 1
clear = 1.5
clear_h = 0
cloudy = 0.2
[weather.clear_at]
hubble = 0.5
tca = "often"
[faults]
link_h = -1
operator_h = 0
clock_h = "soon"
[seeds]
first = 1.5
[measures]
worth_of = ["keck"]
[sweep]
"events.hours" = [3.0, 99.0]
"events.count" = [1, 2]
"faults.device_h" = []
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "campaign.toml"
    file.write_text(text)
    return file


def check(*files: Path) -> tuple[int, list[str]]:
    app = typer.Typer()
    register(app)
    result = CliRunner().invoke(app, [str(file) for file in files])
    return result.exit_code, result.output.splitlines()


def test_every_mistake_is_a_line_with_its_key_and_its_mend(tmp_path: Path) -> None:
    file = written(tmp_path, WRONG)
    code, lines = check(file)
    assert code == 1
    said = {line.removeprefix(f"{file}: ").split(": ")[0] for line in lines}
    assert said == {
        "nmae",
        "network.telescopes",
        "period.start",
        "events.count",
        "events.hours",
        "events.detectors",
        "events.neutrinos",
        "events.with_burst",
        "events.unrelated",
        "events.single_detector",
        "events.maps",
        "policies.compare[1]",
        "weather.happen",
        "weather.clear",
        "weather.clear_h",
        "weather.cloudy",
        "weather.clear_at.hubble",
        "weather.clear_at.tca",
        "faults.link_h",
        "faults.operator_h",
        "faults.clock_h",
        "seeds.first",
        "measures.worth_of",
        "sweep.events.count",
        "sweep.faults.device_h",
    }
    assert all(line.startswith(f"{file}: ") and "; " in line for line in lines)
    assert any("did you mean name?" in line for line in lines)


def test_a_wrong_value_of_an_axis_is_said_of_the_sweep(tmp_path: Path) -> None:
    file = written(tmp_path, '[seeds]\n[sweep]\n"events.hours" = [3.0, 99.0]\n"network.without" = [[], ["nobody"]]\n')
    assert {p.key for p in campaign_problems(file)} == {"sweep: events.hours", "sweep: network.without"}


def test_a_site_file_that_is_wrong_is_named_through_the_campaign(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "one.toml").write_text('id = "one"\n')
    problems = campaign_problems(written(tmp_path, '[network]\nsites = "sites"\n[seeds]\n'))
    assert problems and all(p.key == "network.sites" and "one.toml" in p.what for p in problems)


def test_a_file_with_mistakes_is_not_played(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="problems"):
        read_campaign(written(tmp_path, WRONG))


def test_the_shipped_example_is_a_good_campaign() -> None:
    assert check(EXAMPLE) == (0, [f"{EXAMPLE}: campaign file, no problem"])
    asked = read_campaign(EXAMPLE)
    assert [point.at for point in asked.points] == [{"faults.link_h": 24.0}, {"faults.link_h": 3.0}]
    assert [point.setting.faults.link_h for point in asked.points] == [24.0, 3.0]
    assert len(asked.points[0].setting.telescopes) == 5


def test_all_that_is_left_out_is_as_on_the_command_line(tmp_path: Path) -> None:
    asked = read_campaign(written(tmp_path, "[seeds]\n"))
    assert (asked.seeds, asked.events, asked.policies) == ((1,), 20, ("coordinated",))
    assert len(asked.points) == 1 and asked.points[0].setting.hours == 12.0


def test_axes_are_combined_and_each_seed_is_played_at_every_point(tmp_path: Path) -> None:
    axes = '[sweep]\n"events.hours" = [2, 4]\n"faults.happen" = [true, false]\n'
    text = f"[events]\ncount = 3\n[seeds]\nfirst = 4\ncount = 2\n{axes}"
    asked = read_campaign(written(tmp_path, text))
    assert [p.setting.hours for p in asked.points] == [2.0, 2.0, 4.0, 4.0]
    played = [(b.point, b.seed, n) for b in asked.batches() for n in b.events]
    assert len(played) == len(set(played)) == asked.events_in_all == 4 * 2 * 3
    assert [b.number for b in asked.batches()] == list(range(len(list(asked.batches()))))


def test_kinds_of_events_are_weighed_and_swept_as_any_key(tmp_path: Path) -> None:
    text = '[events]\ngamma_ray_bursts = 2\nwith_burst = 0.1\nunrelated = 3\n[sweep]\n"events.neutrinos" = [0, 1.5]\n'
    mixes = [p.setting.population.mix for p in read_campaign(written(tmp_path, text)).points]
    assert mixes == [Mix(1.0, 2.0, 0.0, 0.0, 0.1, 3.0), Mix(1.0, 2.0, 1.5, 0.0, 0.1, 3.0)]


def test_how_often_it_is_clear_is_said_for_all_or_for_one_and_swept(tmp_path: Path) -> None:
    clear = "[weather]\nclear_h = 6.0\n[weather.clear_at]\ntca = 0.8\n"
    asked = read_campaign(
        written(tmp_path, f'[network]\nwithout = ["tca"]\n{clear}[sweep]\n"weather.clear" = [0.4, 0.7]\n')
    )
    laws = [point.setting.weather for point in asked.points]
    assert laws == [WeatherLaw(clear_h=6.0, clear=c, clear_at=(("tca", 0.8),)) for c in (0.4, 0.7)]


def test_points_that_differ_in_weather_alone_are_played_on_the_same_events(tmp_path: Path) -> None:
    text = '[network]\ntelescopes = ["tca", "tre"]\n[events]\ncount = 1\n[sweep]\n"weather.happen" = [true, false]\n'
    clouded, clear = [drawn_world(point.setting, 1, 0) for point in read_campaign(written(tmp_path, text)).points]
    assert clouded.happened.words == clear.happened.words and clouded.injected == clear.injected
    assert clouded.sky.sources == clear.sky.sources and clouded.faults == clear.faults
    assert clear.sky.clouds != clouded.sky.clouds and not any(clear.sky.clouds.values())


def test_events_that_one_detector_hears_may_be_left_out_and_that_is_said(tmp_path: Path) -> None:
    text = '[seeds]\n[sweep]\n"events.single_detector" = [true, false]\n'
    populations = [p.setting.population for p in read_campaign(written(tmp_path, text)).points]
    assert [p.single_detector for p in populations] == [True, False]
    assert ["one detector alone" in p.drawn for p in populations] == [False, True]


def test_a_campaign_in_which_nothing_can_happen_is_told_so(tmp_path: Path) -> None:
    (problem,) = campaign_problems(written(tmp_path, "[events]\ngravitational_waves = 0\n"))
    assert problem.key == "events.gravitational_waves" and "weighs nothing" in problem.what


@pytest.mark.parametrize(
    ("text", "key", "what"),
    [
        ('[events]\nmaps = "a\\u0000b"', "events.maps", "is no path"),
        ('[network]\nsites = "~nobody-of-this-name/sites"', "network.sites", "is no path"),
        ("[period]\nstart = 1800-01-01", "period.start", "is in the year 1800"),
        ("[period]\nstart = 0001-01-01T00:00:00+23:00", "period.start", "is in the year 1"),
        ("[period]\nstart = 9999-12-31", "period.start", "is in the year 9999"),
        ("[period]\nstart = 2098-06-01", "period.days", "end after 2098"),
    ],
)
def test_what_cannot_be_a_path_or_a_night_is_told_with_its_key(tmp_path: Path, text: str, key: str, what: str) -> None:
    (problem,) = campaign_problems(written(tmp_path, text))
    assert problem.key == key
    assert what in problem.what


def test_a_change_of_any_value_makes_it_another_campaign(tmp_path: Path) -> None:
    text = "[events]\ncount = 3\nhours = 2.0\n[seeds]\nfirst = 4\n"
    same = read_campaign(written(tmp_path, f"# a comment\n{text}")).identity()
    assert same == read_campaign(written(tmp_path, text)).identity()
    for old, new in (("count = 3", "count = 4"), ("hours = 2.0", "hours = 3.0"), ("first = 4", "first = 5")):
        assert read_campaign(written(tmp_path, text.replace(old, new))).identity() != same
