"""The table of plans: what counts as broken, what is kept, and how another planner's answer is read."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from benchmarks.plan_table.choices import choices
from benchmarks.plan_table.gwemopt_peer import Gwemopt
from benchmarks.plan_table.instances import WINDOW, Instance, instances, network_of
from benchmarks.plan_table.judging import judge_from_environment, judged_from
from benchmarks.plan_table.limits import broken
from benchmarks.plan_table.markdown import HEADS, markdown
from benchmarks.plan_table.peers import Search, plan_of
from benchmarks.plan_table.results import Results, key_of
from benchmarks.plan_table.row import OURS, Claims, Judged, Row
from benchmarks.plan_table.tilepy_peer import Tilepy

from telescopes.description.errors import Refused
from telescopes.description.site_file import default_sites_folder, read_sites

INSTANCE = Instance("S1.fits", 3, "tiles", "probability")
CLAIMS = Claims(0.9, 0.6, None, 0.8, "area", 0.61, 0.02, 0)
JUDGED = Judged(0.6, 0.1, 0.02, 0, {}, 0.0001)
GOOD = Row(OURS, INSTANCE, 10, 0.5, CLAIMS, JUDGED)


def test_a_good_row_breaks_nothing() -> None:
    assert broken([GOOD]) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (replace(GOOD, claims=replace(CLAIMS, duplicates=2)), "2 duplicates"),
        (replace(GOOD, claims=replace(CLAIMS, redundancy=0.06)), "redundancy 0.0600 is above 0.05"),
        (replace(GOOD, claims=replace(CLAIMS, planned=0.89, bound=0.9, bound_candidates=0.9, redundancy=0.11)), "0.1"),
        (replace(GOOD, claims=replace(CLAIMS, bound_candidates=0.7)), "ratio 0.8571 is below 0.97"),
        (replace(GOOD, claims=replace(CLAIMS, bound=0.5)), "above the bound"),
        (replace(GOOD, judged=replace(JUDGED, duplicates=1)), "the judge finds 1 duplicates"),
        (replace(GOOD, judged=replace(JUDGED, violations={"moon": 3})), "moon (3)"),
        (replace(GOOD, judged=replace(JUDGED, claim_error=0.006)), "a claim is 0.0060 off"),
        (replace(GOOD, remark="planned by probability"), "planned by probability"),
    ],
)
def test_a_row_that_breaks_a_limit_says_which(row: Row, said: str) -> None:
    (line,) = broken([row])
    assert line.startswith("S1.fits, 3 telescopes, tiles, probability: ") and said in line


def test_redundancy_may_be_higher_where_time_is_not_short() -> None:
    roomy = replace(CLAIMS, planned=0.89, bound=0.9, bound_candidates=0.9, redundancy=0.09)
    assert broken([replace(GOOD, claims=roomy)]) == []


def test_another_planner_that_does_better_is_named() -> None:
    other = Row("gwemopt 0", INSTANCE, 50, 60.0, judged=replace(JUDGED, union=0.7, duplicates=9))
    (line,) = broken([GOOD, other])
    assert "gwemopt 0 covers more: 0.7000 against 0.6000" in line
    elsewhere = replace(other, instance=replace(INSTANCE, sky="S2.fits"))
    assert broken([GOOD, elsewhere]) == []


def test_rows_are_kept_in_a_file_and_found_again(tmp_path: Path) -> None:
    file, other = tmp_path / "new" / "rows.json", Row("gwemopt 0", INSTANCE, 50, 60.0)
    key = key_of("v1", OURS, INSTANCE, "fast")
    Results.at(file).keep(key, GOOD)
    kept = Results.at(file)
    kept.keep("other", other)
    assert Results.at(file).rows == {key: GOOD, "other": other}
    assert key != key_of("v2", OURS, INSTANCE, "fast")


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"schema": "other"}')
    with pytest.raises(Refused, match="holds no rows"):
        Results.at(tmp_path / "a.json")


def test_every_row_has_a_cell_for_every_head() -> None:
    lines = markdown([GOOD, Row("gwemopt 0", INSTANCE, 50, 60.0)]).splitlines()
    assert {line.count("|") for line in lines} == {len(HEADS) + 1}


def test_the_claim_error_is_the_largest_of_those_that_are_known() -> None:
    said = {
        "union": 0.5, "detection": 0.1, "redundancy": 0.0, "duplicates": 0, "violations": {},
        "claim_error": {"planned": -0.002, "detection": None, "worst_pointing": 0.001},
    }  # fmt: skip
    assert judged_from(said).claim_error == 0.002
    assert judged_from(said | {"claim_error": {"planned": None}}).claim_error is None


def test_a_map_without_distance_is_planned_by_probability_alone() -> None:
    assert {i.objective for i in instances("m", False, (3,), ("tiles",))} == {"probability"}
    assert len(list(instances("m", True, (3, 10), ("tiles", "auto")))) == 8


def test_three_telescopes_are_the_tarots_and_more_come_by_id() -> None:
    known = read_sites(default_sites_folder())
    assert [t.id for t in network_of(known, 3, "tiles")] == ["tca", "tch", "tre"]
    ten = network_of(known, 10, "auto")
    assert [t.id for t in ten] == sorted(t.id for t in known)[:10] and {t.observing.strategy for t in ten} == {"auto"}


@pytest.mark.parametrize("arguments", [["--only", "no-such-map"], ["--telescopes", "0"]])
def test_what_cannot_be_made_is_refused_in_a_line(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "skymaps").mkdir()
    monkeypatch.setenv("ARMILLARY_DATA", str(tmp_path))
    with pytest.raises(Refused):
        choices(arguments)


def test_a_judge_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARMILLARY_JUDGE", str(tmp_path / "none.py"))
    with pytest.raises(Refused, match="is no file"):
        judge_from_environment(tmp_path)


def a_search() -> Search:
    start = datetime(2017, 8, 17, 12, tzinfo=UTC)
    return Search(Path("map.fits"), network_of(read_sites(default_sites_folder()), 3, "tiles"), start, start + WINDOW)


def test_a_schedule_of_gwemopt_becomes_a_plan(tmp_path: Path) -> None:
    search = a_search()
    assert Gwemopt().arguments(search, tmp_path)[0] == str(tmp_path) and (tmp_path / "tca.config").exists()
    (tmp_path / "out").mkdir()
    for name in ("tca", "tch"):
        (tmp_path / "out" / f"schedule_{name}.dat").write_text("")
    row = "12 197.5 -23.4 57983.00000 18.6 180 0.1 1.5 r \n"
    (tmp_path / "out" / "schedule_tre.dat").write_text(row)
    plan = plan_of(search, Gwemopt().pointings(search, tmp_path))
    (p,) = plan["pointings"]
    assert (p["telescope"], p["ra_deg"], p["dec_deg"]) == ("tre", 197.5, -23.4)
    assert (p["start"], p["end"]) == ("2017-08-18T00:00:00.000Z", "2017-08-18T00:03:00.000Z")


def test_suggested_pointings_of_tilepy_become_a_plan(tmp_path: Path) -> None:
    search, folder = a_search(), tmp_path / "out" / "event" / "PGWinFoV_NObs"
    assert len(Tilepy().arguments(search, tmp_path)) == 6 and Tilepy().pointings(search, tmp_path) == []
    folder.mkdir(parents=True)
    (folder / "SuggestedPointings_GWOptimisation.txt").write_text(
        "Time[UTC] RA[deg] DEC[deg] PGW Round ObsName Duration FoV\n"
        '"2017-08-17 23:30:00" 197.5 -23.4 0.5 1 tch 3.2 1.07\n'
    )
    (p,) = plan_of(search, Tilepy().pointings(search, tmp_path))["pointings"]
    assert (p["telescope"], p["start"], p["exposure_s"]) == ("tch", "2017-08-17T23:30:00.000Z", 180.0)
