"""Site files become telescopes, or every mistake in them is named."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telescopes.description.errors import Refused
from telescopes.description.field_grid import GridField
from telescopes.description.footprint import Circle, Polygons, Rectangle
from telescopes.description.site_file import (
    check_site_file,
    config_sha256,
    default_sites_folder,
    read_site_file,
    read_sites,
)
from telescopes.description.telescope import Depth, Limits, Link, Observing, Reduction, SitePolicy, Telescope, Timing

Write = Callable[..., Path]

LEAST = """
id = "least"
name = "As little as possible"
[site]
latitude_deg = 10.0
longitude_deg = -20.0
[[instruments]]
id = "main"
filters = ["g", "r"]
[instruments.footprint]
shape = "rectangle"
width_deg = 1.5
height_deg = 1
[observing]
exposure_s = 60
"""


@pytest.fixture
def site(tmp_path: Path) -> Write:
    def write(text: str = "", least: str = LEAST, name: str = "some.toml") -> Path:
        path = tmp_path / name
        path.write_text(least + text)
        return path

    return write


def said(path: Path) -> list[str]:
    return [f"{problem.key}: {problem.what}" for problem in check_site_file(path)]


def test_what_is_left_out_has_the_defaults_of_the_contract(site: Write) -> None:
    telescope = read_site_file(site())
    assert telescope.instruments[0].footprint == Rectangle(1.5, 1.0)
    assert telescope.limits == Limits(20.0, -12.0, {}, 0.0, None, None, (), (), 30.0)
    assert telescope.timing == Timing()
    assert telescope.observing == Observing(60.0)
    assert telescope.policy == SitePolicy(("observation",), False, 24.0)
    assert telescope.link == Link()
    assert telescope.driver.name == "simulated"
    assert telescope.reduction == Reduction()


def test_everything_a_site_can_say_is_read(site: Write) -> None:
    path = site("""
strategy = "tiles"
count = 3
filters = ["r"]
max_pointings_per_night = 20
grid_file = "fields.csv"
blocked = [["2026-01-01T00:00:00Z", 2026-01-02T01:00:00+01:00]]
[[instruments.depth]]
limit_mag_ab = 18
exposure_s = 60
[limits]
min_altitude_deg = 25
max_sun_altitude_by_filter = {g = -16, u = -14}
declination_deg = [-25, 90]
hour_angle_h = [-6, 6]
horizon = [[0, 20], [90.5, 25]]
min_moon_separation_by_phase = [[0, 5], [1.0, 60]]
[timing]
axis_rates_deg_s = [2, 3]
meridian_flip_s = 120
settle_s = 2
[policy]
accepts = ["observation", "test"]
human_approval = true
[driver]
name = "alpaca"
address = "127.0.0.1:11111"
[reduction]
command = ["my-pipeline", "--json"]
within_s = 120
""")
    (path.parent / "fields.csv").write_text("ra_deg,dec_deg\n10,-20\n")
    telescope = read_site_file(path)
    assert telescope.grid == (GridField("1", 10.0, -20.0),)
    assert telescope.instruments[0].depth == (Depth(18.0, 60.0, None),)
    assert telescope.limits.max_sun_altitude_by_filter == {"g": -16.0, "u": -14.0}
    assert telescope.limits.declination_deg == (-25.0, 90.0)
    assert telescope.limits.horizon == ((0.0, 20.0), (90.5, 25.0))
    assert telescope.limits.min_moon_separation_by_phase == ((0.0, 5.0), (1.0, 60.0))
    assert telescope.timing.axis_rates_deg_s == (2.0, 3.0)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert telescope.observing.blocked == ((start, start.replace(day=2)),)
    assert telescope.observing.count == 3
    assert telescope.policy.accepts == ("observation", "test")
    assert telescope.driver.settings == {"address": "127.0.0.1:11111"}
    assert telescope.reduction == Reduction(("my-pipeline", "--json"), 120.0)


def footprint(site: Write, text: str) -> Telescope:
    before, _, after = LEAST.partition('shape = "rectangle"\nwidth_deg = 1.5\nheight_deg = 1\n')
    return read_site_file(site(least=before + text + after))


def test_a_footprint_may_be_a_circle_or_polygons(site: Write) -> None:
    circle = footprint(site, 'shape = "circle"\nradius_deg = 0.5\n')
    assert circle.instruments[0].footprint == Circle(0.5)
    chips = footprint(site, 'shape = "polygons"\npolygons = [[[0, 0], [1, 0], [1, 1]], [[-1, 0], [0, 0], [0, 1]]]\n')
    assert chips.instruments[0].footprint == Polygons(
        (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), ((-1.0, 0.0), (0.0, 0.0), (0.0, 1.0)))
    )


def test_an_airmass_is_an_altitude_and_the_stricter_of_both_holds(site: Write) -> None:
    assert read_site_file(site("[limits]\nmax_airmass = 2.0")).limits.min_altitude_deg == pytest.approx(30)
    both = site("[limits]\nmax_airmass = 2.0\nmin_altitude_deg = 40")
    assert read_site_file(both).limits.min_altitude_deg == 40


@pytest.mark.parametrize(
    ("kind", "acceptance_s", "reaction_s", "horizon_s"),
    [("robotic", 30, 10, 1800), ("human", 600, 600, 86400), ("filedrop", 30, 10, 86400)],
)
def test_the_kind_of_link_sets_how_patient_it_is(
    site: Write, kind: str, acceptance_s: float, reaction_s: float, horizon_s: float
) -> None:
    link = read_site_file(site(f'[link]\nkind = "{kind}"')).link
    assert (link.acceptance_s, link.reaction_s, link.horizon_s) == (acceptance_s, reaction_s, horizon_s)
    link = read_site_file(site(f'[link]\nkind = "{kind}"\nacceptance_s = 45\nhorizon_s = 7000')).link
    assert (link.acceptance_s, link.horizon_s) == (45, 7000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[limits]\ndeclination_deg = [-95, 90]", "limits.declination_deg: -95 is below -90"),
        ("[limits]\nmin_sun_separation_deg = -1", "limits.min_sun_separation_deg: -1 is below 0"),
        ("[limits]\nmin_sun_separation_deg = 200", "limits.min_sun_separation_deg: 200 is above 180"),
        ("[limits]\ndeclination_deg = [30, -30]", "limits.declination_deg: 30 is not below -30"),
        ("[limits]\ndeclination_deg = 30", "limits.declination_deg: 30 is not a pair of numbers"),
        ("[limits]\nmin_altitude_deg = nan", "limits.min_altitude_deg: nan is not a number"),
        ("[limits]\nmin_altitude_deg = true", "limits.min_altitude_deg: True is not a number"),
        ("[limits]\nmax_sun_altitude_by_filter = {g = 'low'}", "limits.max_sun_altitude_by_filter.g: 'low' is not a"),
        (
            "[limits]\nmax_sun_altitude_by_filter = {G = -18}",
            "max_sun_altitude_by_filter.G: no instrument has this filter",
        ),
        ("[timing]\nreadout_s = 86401", "timing.readout_s: 86401 is above 86400"),
        ("count = 1001", "observing.count: 1001 is above 1000"),
        ("[limits]\nhorizon = [[90, 20], [0, 20]]", "limits.horizon: azimuths do not increase"),
        (
            "[limits]\nmin_moon_separation_by_phase = [[1, 50], [0, 10]]",
            "limits.min_moon_separation_by_phase: fractions do not increase",
        ),
        (
            "[limits]\nmin_moon_separation_by_phase = [[50, 10]]",
            "limits.min_moon_separation_by_phase[0]: 50 is above 1",
        ),
        ("[limits]\nhorizon = [[0, 20, 3]]", "limits.horizon[0]: [0, 20, 3] is not a pair of numbers"),
        ("[limits]\nmin_altitute_deg = 30", "limits.min_altitute_deg: no such key"),
        ("[timing]\nslew_rate_deg_s = 0", "timing.slew_rate_deg_s: 0 is not above 0"),
        ("[timing]\nslew_rate_deg_s = 2\naxis_rates_deg_s = [1, 2]", "timing.axis_rates_deg_s: slew_rate_deg_s says"),
        ("filters = ['z']", "observing.filters: 'z' is not among them"),
        ("strategy = 'random'", "observing.strategy: 'random' is none"),
        ("count = 1.5", "observing.count: 1.5 is not a whole number"),
        ("grid_file = 'none.csv'", "observing.grid_file: there is no file 'none.csv' beside the site file"),
        ("grid_file = '../some.toml'", "observing.grid_file: there is no file '../some.toml' beside the site file"),
        (
            "[[instruments]]\nid = 'b'\nfilters = ['g']\nposition_angle_deg = 400",
            "instruments[1].position_angle_deg: 400 is above 360",
        ),
        ("blocked = [['2026-01-01', '2026-01-02']]", "observing.blocked[0]: 2026-01-01 has no time zone"),
        ("blocked = [['2026-01-02T00:00Z', '2026-01-01T00:00Z']]", "observing.blocked[0]: ends before it starts"),
        ("blocked = [['soon', 'later']]", "observing.blocked[0]: 'soon' is not an ISO time"),
        ("[policy]\naccepts = ['drills']", "policy.accepts: 'drills' is not among them"),
        ("[policy]\nhuman_approval = 'yes'", "policy.human_approval: 'yes' is not true or false"),
        ("[link]\ngateway = 'nowhere'", "link.gateway: 'nowhere' is no address"),
        ("[link]\ngateway = 'münchen.example:443'", "link.gateway: 'münchen.example:443' is no address"),
        ("[link]\ngateway = '::1:50051'", "link.gateway: '::1:50051' is no address"),
        ("[link]\nkind = 'pigeon'", "link.kind: 'pigeon' is none"),
        ("[[instruments]]\nid = 'main'\nfilters = ['g']", "instruments: two have the id 'main'"),
        ("[[instruments.depth]]\nlimit_mag_ab = 18", "instruments[0].depth[0].exposure_s: is missing"),
        ("[weather]\nwind = 3", "weather: no such key"),
        ("[reduction]\ncommand = []", "reduction.command: is empty"),
        ("[site]", "file: is not TOML: Cannot declare"),
    ],
)
def test_a_mistake_is_named_with_its_key(site: Write, text: str, expected: str) -> None:
    problems = said(site(text))
    assert any(expected in problem for problem in problems), problems


def test_what_the_gateway_would_not_take_is_named_before(site: Write) -> None:
    camera = '[[instruments]]\nid = "c{}"\nfilters = ["g"]\n[instruments.footprint]\nshape = "circle"\nradius_deg = 1\n'
    corners = ", ".join(["[0, 0]"] * 65)
    chip = '\n[[instruments]]\nid = "chip"\nfilters = ["g"]\n[instruments.footprint]\nshape = "polygons"\n'
    assert said(site(least=LEAST.replace('"least"', f'"{"a" * 65}"')))[0].startswith("id: 'aaa")
    assert said(site("".join(camera.format(n) for n in range(16)))) == ["instruments: 17 are too many"]
    assert said(site(f"{chip}polygons = [[{corners}]]")) == ["instruments[1].footprint.polygons[0]: 65 are too many"]
    assert said(site(camera.format("x" * 128))) == [f"instruments[1].id: '{'c' + 'x' * 19}' is no name"]


def test_every_problem_is_named_in_one_go_with_file_key_and_mend(site: Write) -> None:
    broken = LEAST.replace('"least"', '"The Least"').replace("latitude_deg = 10.0", "latitude_deg = -95")
    path = site(least=broken.replace('"rectangle"', '"square"'))
    assert [str(problem) for problem in check_site_file(path)] == [
        f"{path}: id: 'The Least' is no id; give at most 64 lower-case letters, digits and hyphens, such as oaj-t80",
        f"{path}: instruments[0].footprint.shape: 'square' is none; give one of rectangle, circle, polygons",
        f"{path}: site.latitude_deg: -95 is below -90; give degrees between -90 and 90",
    ]
    with pytest.raises(Refused, match="3 problems") as refused:
        read_site_file(path)
    assert all(key in str(refused.value) for key in ("id:", "footprint.shape:", "latitude_deg:"))


def test_a_single_problem_reads_as_one_plain_line(site: Write) -> None:
    path = site("[limits]\ndeclination_deg = [-95, 90]")
    with pytest.raises(Refused) as refused:
        read_site_file(path)
    assert str(refused.value) == (f"{path}: limits.declination_deg: -95 is below -90; give degrees between -90 and 90")


def test_an_empty_file_is_told_what_it_needs(site: Write) -> None:
    assert said(site(least="")) == [
        "id: is missing",
        "instruments: there is none",
        "site.latitude_deg: is missing",
        "site.longitude_deg: is missing",
        "observing.exposure_s: is missing",
    ]


def test_a_file_that_is_not_there_or_not_text_is_said(tmp_path: Path) -> None:
    assert "cannot be read" in said(tmp_path / "none.toml")[0]
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    assert said(tmp_path / "bytes.toml") == ["file: is not text in UTF-8"]


def test_a_folder_is_read_in_order_of_id(site: Write, tmp_path: Path) -> None:
    site(least=LEAST.replace('"least"', '"b"'), name="1.toml")
    site(least=LEAST.replace('"least"', '"a"'), name="2.toml")
    assert [telescope.id for telescope in read_sites(tmp_path)] == ["a", "b"]


def test_problems_of_all_files_are_named_together(site: Write, tmp_path: Path) -> None:
    site(name="good.toml")
    site(name="same.toml")
    site("[limits]\nmin_altitude_deg = 95", name="high.toml")
    with pytest.raises(Refused) as refused:
        read_sites(tmp_path)
    assert "high.toml: limits.min_altitude_deg: 95 is above 90" in str(refused.value)
    assert "'least' is the id of" in str(refused.value)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no site file"):
        read_sites(tmp_path)


def test_the_hash_is_of_what_is_said_and_not_of_how(site: Write) -> None:
    plain = config_sha256(read_site_file(site()))
    assert plain == config_sha256(read_site_file(site("# a comment\n", name="other.toml")))
    assert plain == config_sha256(read_site_file(site("[limits]\nmin_altitude_deg = 20.0")))
    assert plain != config_sha256(read_site_file(site("[limits]\nmin_altitude_deg = 21.0")))


def test_the_shipped_network_is_large_unlike_and_without_problem() -> None:
    network = read_sites(default_sites_folder())
    assert len(network) >= 20
    assert {"tca", "tch", "tre", "fram-auger", "oaj-t80"} <= {telescope.id for telescope in network}
    widths = [f.width_deg for t in network for i in t.instruments if isinstance(f := i.footprint, Rectangle)]
    assert max(widths) / min(widths) > 30
    assert all(telescope.observing.filters for telescope in network)
