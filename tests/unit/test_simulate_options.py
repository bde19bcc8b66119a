"""What the options of `armillary simulate` ask for, with a campaign file and without."""

from dataclasses import replace
from pathlib import Path

import pytest

from coordinator.cli.simulate_asked import Options, asked_of
from telescopes.description.errors import Refused

NOTHING = Options(None, None, None, (), False, None, None, None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "c.toml"
    path.write_text('[events]\ncount = 2\n[seeds]\nfirst = 7\n[policies]\ncompare = ["static", "coordinated"]\n')
    return path


def test_without_options_twenty_events_are_coordinated() -> None:
    asked = asked_of(NOTHING, 1)
    assert (asked.seeds, asked.events, asked.policies) == ((1,), 20, ("coordinated",))


def test_compare_asks_for_all_policies_and_named_ones_come_after() -> None:
    asked = asked_of(replace(NOTHING, compare=True, policies=("static",)), 1)
    assert asked.policies == ("coordinated", "independent", "static", "sequential")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"events": 3}, "--events"),
        ({"hours": 3.0}, "--hours"),
        ({"seed": 3}, "--seed"),
        ({"compare": True}, "--compare"),
        ({"policies": ("static",)}, "--policy"),
    ],
)
def test_what_stands_in_the_file_is_not_said_again(file: Path, changes: dict[str, object], named: str) -> None:
    with pytest.raises(Refused, match=f"{named}: stands in the campaign file; leave it out"):
        asked_of(replace(NOTHING, file=file, **changes), 1)  # type: ignore[arg-type]


def test_one_event_is_of_the_campaigns_first_seed_and_policy_unless_others_are_named(file: Path) -> None:
    options = replace(NOTHING, file=file, event=1)
    one = options.one(asked_of(options, 1), 0)
    assert (one.seed, one.number, one.policies) == (7, 1, ("static",))
    options = replace(options, seed=9, policies=("independent",))
    one = options.one(asked_of(options, 1), 0)
    assert (one.seed, one.policies) == (9, ("independent",))


def test_a_point_that_the_sweep_does_not_have_is_refused(file: Path) -> None:
    options = replace(NOTHING, file=file, event=1)
    with pytest.raises(Refused, match="--point: 1 cannot be used; give 0 to 0"):
        options.one(asked_of(options, 1), 1)


def test_the_commands_in_a_report_play_the_same_campaign_and_the_same_worlds(file: Path) -> None:
    its = replace(NOTHING, file=file).commands()
    assert its.night == its.whole == f"armillary simulate {file}"
    options = replace(NOTHING, events=5, seed=3, hours=6.0, sites=Path("my sites"), compare=True, policies=("mine",))
    its = options.commands()
    assert its.night == "armillary simulate --hours 6.0 --sites 'my sites'"
    assert its.whole == f"{its.night} --events 5 --seed 3 --compare --policy mine"


def test_what_was_left_out_is_said_in_the_command_of_the_whole_campaign() -> None:
    assert NOTHING.commands().whole == "armillary simulate --events 20 --seed 1"
