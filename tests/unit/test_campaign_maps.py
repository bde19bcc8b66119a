"""Campaigns on a folder of real maps: which files are taken, and how a truth is drawn from a map."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from builders.campaigns import three_telescopes
from scipy.stats import kstest

from coordinator.simulation.built_in_map import Strip, strip_map
from coordinator.simulation.calibration.told import Told
from coordinator.simulation.campaign.campaign_file import campaign_problems, read_campaign
from coordinator.simulation.campaign.from_maps import drawn_from_maps
from coordinator.simulation.campaign.population import Population
from coordinator.simulation.campaign.real_maps import maps_in
from coordinator.simulation.world.turned_map import turn_deg
from coordinator.sky.regions import density_at
from telescopes.description.errors import Refused

NIGHT = datetime(2026, 9, 1, tzinfo=UTC)


def a_folder(folder: Path, count: int = 2) -> Path:
    folder.mkdir()
    for n in range(count):
        data = strip_map(Strip(centre_deg=(100.0 + 60.0 * n, 10.0), distance_mpc=40.0 + n, name=f"S{n}"))
        (folder / f"{n}.fits").write_bytes(data)
    return folder


def a_campaign(folder: Path, maps: str) -> Path:
    file = folder / "campaign.toml"
    file.write_text(f'[events]\nmaps = "{maps}"\n')
    return file


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    """Events that come as they come."""
    folder = a_folder(tmp_path_factory.mktemp("real") / "skies")
    law = replace(Population(), maps=maps_in(folder), in_reach=0.0, first_day=NIGHT)
    rng = np.random.default_rng(2)
    return [drawn_from_maps(rng, number, three_telescopes(), 6.0, law) for number in range(15)]


def test_a_campaign_takes_the_maps_of_a_folder_beside_it(tmp_path: Path) -> None:
    a_folder(tmp_path / "skies")
    (tmp_path / "skies" / "README.txt").write_text("not a map")
    (point,) = read_campaign(a_campaign(tmp_path, "skies")).points
    assert [one.name for one in point.setting.population.maps] == ["0.fits", "1.fits"]
    assert "mergers are drawn from 2 sky maps" in point.setting.population.drawn


@pytest.mark.parametrize("what", ["nowhere", "empty", "bad"])
def test_a_folder_that_cannot_be_used_is_one_line_that_says_why(tmp_path: Path, what: str) -> None:
    (tmp_path / "empty").mkdir()
    a_folder(tmp_path / "bad")
    (tmp_path / "bad" / "page.fits").write_text("<!DOCTYPE html>")
    said = {"nowhere": "cannot be read", "empty": "holds no sky map", "bad": "1 of 3 files are no sky maps: page.fits"}
    (problem,) = campaign_problems(a_campaign(tmp_path, what))
    assert problem.key == "events.maps" and said[what] in problem.what
    assert "\n" not in str(problem) and problem.mend.startswith("give a folder of sky maps")


def test_the_content_of_maps_makes_the_campaign_and_not_where_they_lie(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        a_folder(folder / "skies")
    (first, second) = (read_campaign(a_campaign(folder, "skies")).identity() for folder in (one, other))
    assert first == second
    (other / "skies" / "1.fits").write_bytes(strip_map(Strip(name="another")))
    assert read_campaign(a_campaign(other, "skies")).identity() != first


def test_a_map_is_found_by_a_worker_that_stands_in_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path / "skies")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    one, _ = maps_in(Path("skies"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert one.read().probability.sum() == pytest.approx(1.0)


def test_a_map_that_was_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    (one, _) = maps_in(a_folder(tmp_path / "skies"))
    one.path.write_bytes(strip_map(Strip(name="another")))
    with pytest.raises(Refused, match="another map than when the campaign began"):
        one.read()


@pytest.mark.slow
def test_truths_lie_in_their_moved_maps_as_often_as_these_say(told: list[Told]) -> None:
    levels = []
    for one in told:
        binary, sky = one.event.binary, one.event.best_map
        assert binary is not None and sky.facts.t0 == one.event.t0 == binary.merged
        levels.append(float(density_at(sky, binary.ra_deg, binary.dec_deg)[1][0]))
    assert kstest(levels, "uniform").pvalue > 0.01


@pytest.mark.slow
def test_distances_are_those_of_the_map(told: list[Told]) -> None:
    distances = [one.event.binary.distance_mpc for one in told if one.event.binary]
    assert np.mean(distances) == pytest.approx(40.0, abs=4.0)


@pytest.mark.slow
def test_one_map_makes_many_events_all_round_the_sky(told: list[Told]) -> None:
    places = [one.event.binary.ra_deg for one in told if one.event.binary]
    assert np.histogram(places, bins=3, range=(0.0, 360.0))[0].min() > 0


HEADER = "simulation_id\tlongitude\tlatitude\tinclination\tdistance\tmass1\tmass2\tspin1z\tspin2z\n"
ROWS = "0\t1.75\t0.2\t0.4\t44.0\t1.5\t1.3\t0.0\t0.0\n1\t2.8\t0.1\t2.9\t900.0\t42.0\t30.0\t0.1\t0.0\n"


def a_scenario(folder: Path, table: str = HEADER + ROWS) -> Path:
    folder.mkdir()
    a_folder(folder / "allsky")
    (folder / "injections.dat").write_text(table)
    return folder


@pytest.mark.slow
def test_what_the_table_of_a_scenario_says_merged_holds_and_is_moved_with_its_map(tmp_path: Path) -> None:
    maps = maps_in(a_scenario(tmp_path / "O4"))
    law = replace(Population(), maps=maps, in_reach=0.0, first_day=NIGHT)
    rng = np.random.default_rng(2)
    every = [drawn_from_maps(rng, number, three_telescopes(), 6.0, law) for number in range(8)]
    assert {one.kind for one in every} == {"BNS", "BBH"}
    for one in every:
        binary = one.event.binary
        assert binary is not None
        row = maps[0 if one.kind == "BNS" else 1]
        assert row.truth is not None
        by = turn_deg(row.read(), one.event.t0)
        assert binary.ra_deg == pytest.approx((row.truth.ra_deg + by) % 360.0)
        assert (binary.dec_deg, binary.distance_mpc) == (row.truth.dec_deg, row.truth.distance_mpc)
        assert one.has_remnant == (1.0 if one.kind == "BNS" else 0.0)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (HEADER + ROWS.replace("44.0", "-1"), "row 1 is no merger"),
        (HEADER + ROWS.replace("0.2", "north"), "row 1 is no merger"),
        (HEADER + ROWS.replace("1.5", "nan"), "row 1 is no merger: a figure cannot be"),
        (HEADER + ROWS.replace("1.3", "inf"), "row 1 is no merger: a figure cannot be"),
        (HEADER + ROWS.replace("0.2", "45"), "row 1 is no merger: a figure cannot be"),
        (HEADER + ROWS.replace("\t0.1\t0.0", "\t1.1\t0.0"), "row 2 is no merger: a figure cannot be"),
        (HEADER + ROWS.replace("1\t2.8", "0\t2.8"), "two rows have simulation_id 0"),
        (HEADER + ROWS.replace("0.4", "4" * 200_000), "cannot be read (field larger"),
        (HEADER, "holds no merger"),
        (ROWS, "is no merger"),
        (HEADER + ROWS.replace("1\t2.8", "7\t2.8"), "has no row for 1.fits"),
    ],
)
def test_a_scenario_whose_table_cannot_be_used_is_one_line_that_says_why(tmp_path: Path, table: str, said: str) -> None:
    a_scenario(tmp_path / "O4", table)
    (problem,) = campaign_problems(a_campaign(tmp_path, "O4"))
    assert problem.key == "events.maps" and "injections.dat" in problem.what and said in problem.what


@pytest.mark.slow
def test_events_of_some_numbers_are_drawn_until_they_are_in_reach(tmp_path: Path) -> None:
    folder = tmp_path / "far"
    folder.mkdir()
    (folder / "far.fits").write_bytes(strip_map(Strip(distance_mpc=2000.0, distance_std_mpc=10.0)))
    law = replace(Population(), maps=maps_in(folder))
    rng = np.random.default_rng(2)
    with pytest.raises(Refused, match="drawn from 1 maps could be reached"):
        drawn_from_maps(rng, 0, three_telescopes(), 6.0, law)
    assert drawn_from_maps(rng, 1, three_telescopes(), 6.0, law).event.binary is not None
