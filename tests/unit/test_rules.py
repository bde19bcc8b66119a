"""What is done with an event: the rule that fires, why, and the rules that come with Armillary."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.events.event import Event
from coordinator.events.rules import Action, Bounds, Conditions, Rule, changes_at, decide
from coordinator.settings import default_rules

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MAP = Localization("multiorder", skymap_sha256="aa", area90_deg2=300.0, distance_mpc=120.0)
A_MERGER = Event(
    key="lvk:S261122qx",
    name="S261122qx",
    revision=1,
    retracted=False,
    messenger="GW",
    phase=Phase.PRELIMINARY,
    stage="PRELIMINARY",
    purpose=Purpose.OBSERVATION,
    t0=NOW - timedelta(hours=1),
    t_issued=NOW - timedelta(minutes=50),
    localization=MAP,
    significant=True,
    far_hz=1e-10,
    classification={"BNS": 0.9, "Terrestrial": 0.1},
    properties={"HasNS": 1.0, "HasRemnant": 0.9},
    streams=("lvk",),
)


def a_burst(stream: str, where: Localization, **changes: object) -> Event:
    """A gamma-ray burst, X-ray transient or neutrino of a stream."""
    plain = replace(
        A_MERGER,
        key=f"{stream}:1",
        messenger="EM",
        phase=Phase.INITIAL,
        stage=None,
        localization=where,
        significant=None,
        far_hz=None,
        classification={},
        properties={},
        streams=(stream,),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def cone(radius_deg: float, containment: float | None = 0.9) -> Localization:
    return Localization("cone", ra_deg=10.0, dec_deg=20.0, radius_deg=radius_deg, containment=containment)


NEAR = Rule("near", Action.FOLLOW, Conditions(distance_mpc=Bounds(max=200.0)), ("1", "2"), 80)
REST = Rule("rest", Action.WATCH)


def test_the_first_rule_that_matches_decides_and_says_why() -> None:
    made = decide(A_MERGER, NOW, [NEAR, REST])
    assert (made.action, made.rule, made.visits, made.priority) == (Action.FOLLOW, "near", ("1", "2"), 80)
    assert made.because == "distance_mpc 120 is at most 200"


def test_an_unknown_value_never_matches_and_the_reason_says_so() -> None:
    event = replace(A_MERGER, localization=replace(MAP, distance_mpc=None))
    made = decide(event, NOW, [NEAR, REST])
    assert made.rule == "rest"
    assert "not 'near': distance_mpc unknown" in made.because


def test_what_no_rule_speaks_of_is_asked() -> None:
    made = decide(A_MERGER, NOW, [replace(NEAR, when=Conditions(distance_mpc=Bounds(max=50.0)))])
    assert (made.action, made.rule) == (Action.ASK, "none")


def test_no_rule_follows_what_was_retracted() -> None:
    assert decide(replace(A_MERGER, retracted=True), NOW, [Rule("all", Action.FOLLOW)]).action is Action.IGNORE


def test_no_rule_follows_what_its_best_notice_takes_for_none() -> None:
    made = decide(replace(A_MERGER, closed="most likely a solar flare"), NOW, [Rule("all", Action.FOLLOW)])
    assert (made.action, made.rule) == (Action.IGNORE, "closed")
    assert "most likely a solar flare" in made.because


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        (Conditions(messenger=("gw",)), True),
        (Conditions(messenger=("EM", "NU")), False),
        (Conditions(stream=("lv*",)), True),
        (Conditions(stage=("prelim*",)), True),
        (Conditions(phase=("update",)), False),
        (Conditions(purpose=("observation",)), True),
        (Conditions(significant=True), True),
        (Conditions(significant=False), False),
        (Conditions(coincident=False), True),
        (Conditions(far_hz=Bounds(max=1e-9)), True),
        (Conditions(p_astro=Bounds(min=0.9, max=0.9)), True),
        (Conditions(p_bns=Bounds(min=0.95)), False),
        (Conditions(p_nsbh=Bounds(min=0.0)), False),
        (Conditions(p_bns_or_nsbh=Bounds(min=0.9)), True),
        (Conditions(p_terrestrial=Bounds(max=0.5)), True),
        (Conditions(has_ns=Bounds(min=0.5), has_remnant=Bounds(min=0.95)), False),
        (Conditions(area90_deg2=Bounds(min=100.0, max=300.0)), True),
        (Conditions(age_h=Bounds(min=1.0, max=1.0)), True),
        (Conditions(age_h=Bounds(max=0.5)), False),
    ],
)
def test_a_condition_holds_or_not(when: Conditions, matches: bool) -> None:
    assert (decide(A_MERGER, NOW, [Rule("it", Action.FOLLOW, when)]).rule == "it") is matches


@pytest.mark.parametrize(
    ("where", "area_deg2"),
    [
        (cone(1.0, 0.9), 3.14),
        (cone(1.0, 0.68), 6.35),
        (cone(1.0, None), 14.5),
        (cone(1.0, 1.0), None),
        (Localization("point", ra_deg=1.0, dec_deg=1.0), None),
        (Localization("allsky"), 37127),
        (Localization("ellipse", half_axes_deg=(1.0, 2.0), containment=0.9), 6.28),
    ],
)
def test_the_area_of_a_circle_is_that_of_its_90_percent(where: Localization, area_deg2: float | None) -> None:
    rule = Rule("it", Action.FOLLOW, Conditions(area90_deg2=Bounds(min=0.0)))
    made = decide(a_burst("swift", where), NOW, [rule])
    if area_deg2 is None:
        assert "area90_deg2 unknown" in made.because
    else:
        assert f"area90_deg2 {area_deg2:.3g} is" in made.because


def test_it_is_known_when_age_alone_changes_a_decision() -> None:
    rules = [Rule("old", Action.WATCH, Conditions(age_h=Bounds(min=24.0))), Rule("rest", Action.FOLLOW)]
    at = changes_at(A_MERGER, NOW, rules)
    assert at is not None and timedelta() <= at - (NOW + timedelta(hours=23)) < timedelta(seconds=1)
    assert decide(A_MERGER, NOW, rules).action is Action.FOLLOW
    assert decide(A_MERGER, at, rules).action is Action.WATCH
    assert changes_at(A_MERGER, at, rules) is None
    assert changes_at(replace(A_MERGER, t0=None, t_issued=None), NOW, rules) is None


GBM, SWIFT, ICECUBE = "fermi.gbm", "swift", "icecube"
FAR = replace(MAP, area90_deg2=9000.0, distance_mpc=900.0)
SMALL_MAP = replace(MAP, area90_deg2=60.0)
DARK = {"BBH": 0.97, "Terrestrial": 0.03}
DEFAULTS = [
    (A_MERGER, "follow"),
    (replace(A_MERGER, properties={}), "follow"),
    (replace(A_MERGER, classification={"NSBH": 0.86, "BBH": 0.1}, properties={"HasRemnant": 0.0}), "follow"),
    (replace(A_MERGER, localization=FAR), "ask"),
    (replace(A_MERGER, localization=replace(MAP, distance_mpc=None)), "ask"),
    (replace(A_MERGER, classification=DARK, properties={}), "watch"),
    (replace(A_MERGER, classification=DARK, properties={}, localization=SMALL_MAP), "ask"),
    (replace(A_MERGER, classification=DARK, properties={}, external_coincidence="Fermi"), "follow"),
    (replace(A_MERGER, localization=FAR, external_coincidence="Fermi"), "ask"),
    (replace(A_MERGER, classification={}, properties={}), "ask"),
    (replace(A_MERGER, classification={"Terrestrial": 0.9, "BNS": 0.1}), "watch"),
    (replace(A_MERGER, significant=False, classification=DARK, properties={}), "watch"),
    (replace(A_MERGER, significant=False), "ask"),
    (replace(A_MERGER, significant=None, classification={}, properties={}), "ask"),
    (replace(A_MERGER, t0=NOW - timedelta(days=12)), "watch"),
    (replace(A_MERGER, t0=NOW + timedelta(days=3)), "ask"),
    (replace(A_MERGER, t0=NOW + timedelta(seconds=40), phase=Phase.EARLY_WARNING), "follow"),
    (replace(A_MERGER, t0=NOW - timedelta(days=3000), streams=("lvk", "skymap")), "follow"),
    (a_burst(SWIFT, cone(0.05)), "follow"),
    (a_burst(SWIFT, cone(0.05, None)), "follow"),
    (a_burst(SWIFT, Localization("none")), "watch"),
    (a_burst(SWIFT, cone(0.06), stage="BAT_KNOWN"), "watch"),
    (a_burst("svom", cone(0.1)), "follow"),
    (a_burst("einstein_probe.wxt", cone(0.05)), "follow"),
    (a_burst("einstein_probe.wxt", cone(0.05), messenger=None), "follow"),
    (a_burst("fermi.lat", cone(0.5, 0.68)), "follow"),
    (a_burst(GBM, cone(17.4, 0.68)), "watch"),
    (a_burst(GBM, cone(3.0, 0.68)), "ask"),
    (a_burst(GBM, cone(6.0, 0.68), external_coincidence="lvk:S1"), "follow"),
    (a_burst(ICECUBE, cone(0.5), messenger="NU", classification={"p_astro": 0.6}), "follow"),
    (a_burst(ICECUBE, cone(0.5), messenger="NU", stage="GOLD"), "follow"),
    (a_burst(ICECUBE, cone(0.5), messenger="NU", classification={"p_astro": 0.3}), "watch"),
    (a_burst(ICECUBE, cone(13.0), messenger="NU"), "watch"),
    (a_burst("snews.gcn", Localization("allsky"), messenger="NU"), "ask"),
    (a_burst("superk", cone(4.0, 0.68), messenger="NU"), "ask"),
    (a_burst("ztf", Localization("point"), phase=Phase.DETECTION), "watch"),
    (a_burst("lighthouse", cone(1.0)), "watch"),
]


@pytest.mark.parametrize(("event", "action"), DEFAULTS)
def test_the_rules_that_come_with_it(event: Event, action: str) -> None:
    made = decide(event, NOW, default_rules())
    assert made.action == action, made


@pytest.mark.parametrize("purpose", [*Purpose, None])
def test_the_rules_that_come_with_it_treat_a_rehearsal_like_the_real_thing(purpose: Purpose | None) -> None:
    assert decide(replace(A_MERGER, purpose=purpose), NOW, default_rules()).action is Action.FOLLOW


def test_supernova_neutrinos_are_the_most_urgent() -> None:
    assert decide(a_burst("snews", Localization("allsky")), NOW, default_rules()).priority == 100
    assert 90 <= decide(A_MERGER, NOW, default_rules()).priority < 100


@pytest.mark.parametrize("age_h", [0.1, 1.0 / 3.0, 0.123456789, 7.000000001, 168.0])
def test_when_an_age_is_said_to_change_a_decision_it_does(age_h: float) -> None:
    rules = [Rule("old", Action.WATCH, Conditions(age_h=Bounds(min=age_h))), Rule("rest", Action.FOLLOW)]
    assert A_MERGER.t0 is not None
    at = changes_at(A_MERGER, A_MERGER.t0, rules)
    assert at is not None
    assert decide(A_MERGER, at, rules).rule == "old"
    assert decide(A_MERGER, at - timedelta(seconds=1), rules).rule == "rest"
