"""What a campaign's document says of given outcomes, its parts on disk, and the report that is made of it."""

import csv
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders.campaign_outcomes import a_played_event, an_asked, an_outcome

from coordinator.simulation.campaign.asked import Asked, Point
from coordinator.simulation.campaign.document import Campaign, document
from coordinator.simulation.campaign.folder import REPORT, Commands
from coordinator.simulation.campaign.parts import Parts
from coordinator.simulation.campaign.play import Failure, PlayedEvent
from coordinator.simulation.campaign.population import Population
from coordinator.simulation.campaign.report import EVENTS, page, write_results
from coordinator.simulation.campaign.used import FollowedUp, Used
from telescopes.description.errors import Refused


def summed(*events: PlayedEvent, **asked: Any) -> dict[str, Any]:
    return document(Campaign(an_asked(len(events), **asked), events, 1.0))


def test_purity_counts_candidates_and_calibration_all_that_was_said() -> None:
    made = summed(
        a_played_event(0, an_outcome(0, promising=3, promising_right=1)),
        a_played_event(1, an_outcome(1, promising=1, promising_right=1, said=((0.85, False),))),
    )
    ours = made["policies"]["coordinated"]
    assert (ours["purity"]["mean"], ours["purity"]["events"]) == (0.5, 2)
    (low, high) = ours["calibration"]
    assert (low["members"], low["came_true"]) == (1, 0)
    assert (high["members"], high["came_true"], high["mean_said"]) == (2, 1, pytest.approx(0.825))


def test_follow_up_efficiency_is_unknown_where_nothing_shines_and_where_nobody_looked() -> None:
    made = summed(
        a_played_event(0),
        a_played_event(1, an_outcome(1, found=None)),
        a_played_event(2, an_outcome(2, follow_ups=FollowedUp(asked=1))),
    )
    ours = made["policies"]["coordinated"]
    assert (ours["follow_up_efficiency"]["mean"], ours["follow_up_efficiency"]["events"]) == (0.75, 1)
    assert (ours["follow_up_done"]["mean"], ours["follow_up_done"]["events"]) == (pytest.approx(1.0 / 3.0), 3)


def test_a_telescopes_worth_is_what_is_lost_without_it_event_by_event() -> None:
    whole = an_outcome(0, detection_probability=0.5)
    without = replace(whole, without="tca", detection_probability=0.2)
    made = summed(a_played_event(0, whole, left_out=(without,)), worth_of=("tca", "nowt", "tre"))
    lost = {name: its["detection_probability"] for name, its in made["marginal_worth"].items()}
    assert lost["tca"]["mean"] == pytest.approx(0.3)
    assert lost["nowt"]["mean"] == 0.0, "who was offered nothing is no loss"
    assert lost["tre"]["mean"] is None, "a night that failed tells nothing"


def test_who_was_offered_sky_and_looked_at_none_of_it_may_have_kept_others_off() -> None:
    idle = {"tca": Used(4, 0, 0.0, 3600.0)}
    whole = an_outcome(0, detection_probability=0.5, telescopes=idle)
    without = replace(whole, without="tca", detection_probability=0.6)
    made = summed(a_played_event(0, whole, left_out=(without,)), worth_of=("tca",))
    assert made["marginal_worth"]["tca"]["detection_probability"]["mean"] == pytest.approx(-0.1)


def test_every_point_of_a_sweep_has_figures_of_its_own() -> None:
    setting = an_asked().points[0].setting
    points = tuple(Point({"events.hours": h}, setting) for h in (2.0, 3.0))
    made = summed(
        a_played_event(0),
        a_played_event(0, an_outcome(0, probability_covered=0.9), point=1),
        points=points,
    )
    assert [p["policies"]["coordinated"]["probability_covered"]["mean"] for p in made["sweep"]] == [0.5, 0.9]
    assert made["policies"] == made["sweep"][0]["policies"]
    assert [p["at"] for p in made["sweep"]] == [{"events.hours": 2.0}, {"events.hours": 3.0}]


@pytest.mark.parametrize(
    ("share", "chosen"), [(0.5, [0, 2, 4, 6, 8]), (0.0, []), (1.0, list(range(10))), (0.2, [0, 5])]
)
def test_the_share_in_reach_is_spread_over_the_numbers(share: float, chosen: list[int]) -> None:
    law = Population(in_reach=share)
    assert [n for n in range(10) if law.wants_reach(n)] == chosen


def kept(folder: Path, asked: Asked) -> list[PlayedEvent]:
    parts = Parts.opened(folder, asked)
    for batch in asked.batches():
        parts.keep(batch, [a_played_event(n, an_outcome(n, cpu_s=1.0 / 3.0)) for n in batch.events])
    return [one for batch in asked.batches() for one in Parts.opened(folder, asked).read(batch.number)]


def test_what_is_kept_in_parts_comes_back_as_it_was(tmp_path: Path) -> None:
    assert kept(tmp_path / "out", an_asked()) == [a_played_event(n, an_outcome(n, cpu_s=1.0 / 3.0)) for n in range(3)]
    assert Parts.opened(tmp_path / "out", an_asked()).done() == {0, 1}


def test_an_event_that_failed_is_kept_and_counted_and_changes_no_mean(tmp_path: Path) -> None:
    failed = Failure(1, "coordinated", 500_016, "ValueError: no", without=None)
    nothing = PlayedEvent(1, 5, 5, 0, "", None, False, None, None, (), (), (failed,))
    (batch, _) = an_asked().batches()
    parts = Parts.opened(tmp_path, an_asked())
    parts.keep(batch, [a_played_event(0), nothing])
    assert parts.read(batch.number) == (a_played_event(0), nothing)
    ours = summed(*parts.read(batch.number))["policies"]["coordinated"]
    said = {"campaign_seed": 5, "seed": 500_016, "event": 1, "reason": "ValueError: no", "without": None}
    assert ours["failed"] == [said]
    assert (ours["probability_covered"]["mean"], ours["probability_covered"]["events"]) == (0.5, 1)


def test_a_part_that_was_being_written_is_played_again(tmp_path: Path) -> None:
    parts = Parts.opened(tmp_path, an_asked())
    (tmp_path / "parts" / "000001.half").write_bytes(b"SQLite format 3")
    assert parts.done() == set()
    assert list((tmp_path / "parts").iterdir()) == []


def test_the_folder_of_another_campaign_is_refused(tmp_path: Path) -> None:
    Parts.opened(tmp_path, an_asked(3))
    with pytest.raises(Refused, match=r"holds another campaign.*give -o another folder"):
        Parts.opened(tmp_path, an_asked(4))


def test_a_damaged_part_is_named_with_its_mend(tmp_path: Path) -> None:
    kept(tmp_path, an_asked())
    (tmp_path / "parts" / "000001.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(Refused, match=r"000001\.sqlite.*remove this file"):
        Parts.opened(tmp_path, an_asked()).read(1)


COMMANDS = Commands(whole="armillary simulate --events 2 --seed 5", night="armillary simulate --hours 3.0")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, str]]]:
    folder = tmp_path_factory.mktemp("results")
    failed = Failure(1, "theirs", 500_016, "ValueError: <script>alert(1)</script> (plan, line 3)")
    lacking = replace(failed, without="tca")
    events = (a_played_event(0), a_played_event(1, failures=(failed, lacking)))
    campaign = Campaign(an_asked(2, policies=("coordinated", "theirs")), events, 1.0)
    write_results(folder, campaign, document(campaign), COMMANDS)
    with (folder / EVENTS).open(newline="") as table:
        return (folder / REPORT).read_text(encoding="utf-8"), list(csv.DictReader(table))


Results = tuple[str, list[dict[str, str]]]


def test_the_report_needs_nothing_else_and_runs_nothing(results: Results) -> None:
    text, _ = results
    assert not re.search(r'(?:src|href)="(?!data:)', text)
    assert "<script" not in text and "&lt;script&gt;" in text
    assert text.count("data:image/svg+xml;base64,") >= 4


def test_the_report_says_how_each_night_is_played_again_with_configuration_and_versions(results: Results) -> None:
    text, _ = results
    assert "armillary simulate --hours 3.0 --seed 5 --event 0 --policy coordinated -o night" in text
    assert text.count("armillary simulate --hours 3.0 --seed 5 --event 1 --policy theirs -o night") == 1
    assert "theirs without tca" in text, "whose night is played by the whole campaign alone"
    assert "<pre>armillary simulate --events 2 --seed 5</pre>" in text
    assert "numpy" in text and "&#34;count&#34;: 2" in text


def test_the_table_of_events_has_a_row_for_each_night_failed_ones_too(results: Results) -> None:
    _, rows = results
    assert [(r["event"], r["policy"], r["probability_covered"]) for r in rows] == [
        ("0", "coordinated", "0.5"),
        ("1", "coordinated", "0.5"),
        ("1", "theirs", ""),
        ("1", "theirs", ""),
    ]
    assert rows[2]["failed"].startswith("ValueError")
    assert rows[0]["kept_to_odds_s"] == "1.0"


@pytest.mark.parametrize(
    ("axis", "values", "warned"),
    [("faults.link_h", (24.0, 3.0), 0), ("events.with_burst", (0.0, 1.0), 0), ("events.hours", (2.0, 3.0), 1)],
)
@pytest.mark.slow
def test_a_sweep_that_draws_other_events_at_each_point_says_so(
    axis: str, values: tuple[float, float], warned: int
) -> None:
    setting = an_asked().points[0].setting
    points = tuple(Point({axis: value}, setting) for value in values)
    campaign = Campaign(an_asked(1, points=points), (a_played_event(0), a_played_event(0, point=1)), 1.0)
    assert page(campaign, document(campaign), COMMANDS).count("compare only as independent samples") == warned
