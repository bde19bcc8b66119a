"""Rules in a config file: what is read, what replaces what, and every mistake with its key and mend."""

from pathlib import Path

import pytest

from coordinator.config_file import config_problems, read_settings
from coordinator.events.rules import Action, Bounds
from coordinator.settings import DEFAULT_RULES, default_rules

GOOD = """
[policy]
visits = ["1"]

[[policy.rules]]
name = "near"
action = "follow"
visits = ["1", "2"]
priority = 90
when.messenger = "GW"
when.distance_mpc = { max = 200 }

[[policy.rules]]
name = "older than a week"
action = "ignore"
when.age_h = { min = 500 }
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "up.toml"
    path.write_text(text)
    return path


def problems(folder: Path, text: str) -> dict[str, str]:
    return {p.key: f"{p.what}; {p.mend}" for p in config_problems(written(folder, text))}


def test_own_rules_come_first_and_one_of_the_same_name_replaces_the_shipped_one(tmp_path: Path) -> None:
    policy = read_settings(written(tmp_path, GOOD)).policy
    assert policy.visits == ("1",)
    rules = policy.all_rules()
    assert [rule.name for rule in rules[:2]] == ["near", "older than a week"]
    assert (rules[0].action, rules[0].visits, rules[0].priority) == (Action.FOLLOW, ("1", "2"), 90)
    assert (rules[0].when.messenger, rules[0].when.distance_mpc) == (("GW",), Bounds(max=200))
    assert len(rules) == len(default_rules()) + 1
    assert [rule.action for rule in rules if rule.name == "older than a week"] == [Action.IGNORE]


def test_the_shipped_rules_can_be_left_out(tmp_path: Path) -> None:
    text = GOOD.replace("[policy]", "[policy]\ndefault_rules = false")
    assert len(read_settings(written(tmp_path, text)).policy.all_rules()) == 2
    assert read_settings(None).policy.all_rules() == default_rules()


def test_the_shipped_rules_have_no_mistake() -> None:
    assert config_problems(DEFAULT_RULES) == []


HEAD = '[[policy.rules]]\nname = "it"\naction = "follow"\n'


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (HEAD.replace("follow", "chase"), "0.action", "'chase' cannot be used; give one of follow, ask, watch, ignore"),
        ('[[policy.rules]]\nname = "it"\n', "0.action", "is missing"),
        ('[[policy.rules]]\naction = "ask"\n', "0.name", "is missing"),
        (HEAD + 'vists = ["1"]', "0.vists", "unknown key; give visits"),
        (HEAD + 'visits = "1"', "0.visits", "'1' are no visits"),
        (HEAD + 'visits = ["char:r"]', "0.visits", "means nothing"),
        (HEAD + 'visits = ["2", "3"]', "0.visits", "comes after a first look"),
        (HEAD + "priority = 101", "0.priority", "101 cannot be used; give a whole number from 0 to 100"),
        (HEAD + "when.p_bsn = { min = 0.5 }", "0.when.p_bsn", "unknown key; give p_b"),
        (HEAD + "when.p_bns = 0.5", "0.when.p_bns", "0.5 is no range; give {min"),
        (HEAD + "when.p_bns = { min = 50 }", "0.when.p_bns", "min 50 cannot be; give a number between 0 and 1"),
        (HEAD + "when.p_bns = { least = 0.5 }", "0.when.p_bns", "'least' is no side of a range"),
        (HEAD + 'when.far_hz = { max = "low" }', "0.when.far_hz", "'low' is no number"),
        (HEAD + "when.area90_deg2 = { min = 100, max = 10 }", "0.when.area90_deg2", "min 100 is above max 10"),
        (HEAD + "when.significant = 1", "0.when.significant", "1 cannot be used; give true or false"),
        (HEAD + 'when.phase = ["later"]', "0.when.phase", "'later' is no phase; give one of early_warning"),
        (HEAD + "when.stream = []", "0.when.stream", "[] cannot be used; give a word or a list of words"),
        (HEAD + "when = 3", "0.when", "3 is no table of conditions"),
        (HEAD + HEAD.replace("it", "rest"), "1", "is never asked: 'it' before it speaks of every event"),
        ("[policy]\nrules = 3", "", "are no rules; give each rule as a table"),
        ("[policy]\nrules = [3]", "0", "3 is no rule"),
    ],
)
def test_every_mistake_of_a_rule_is_named_with_its_mend(tmp_path: Path, text: str, key: str, says: str) -> None:
    found = problems(tmp_path, text)
    assert list(found) == [f"policy.rules.{key}".rstrip(".")]
    assert says in found[f"policy.rules.{key}".rstrip(".")]


def test_all_mistakes_come_in_one_go(tmp_path: Path) -> None:
    text = GOOD + HEAD.replace("it", "near").replace("follow", "x") + "when.age_h = { min = 2, max = 1 }"
    assert set(problems(tmp_path, text)) == {f"policy.rules.2.{key}" for key in ("name", "action", "when.age_h")}
