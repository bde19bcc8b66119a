"""Names that people know, and the events that they mean."""

from datetime import UTC, datetime

import pytest

from coordinator.alerts.alert import Localization
from coordinator.events.event import Event
from coordinator.events.names import key_named, keys_named, name_of
from telescopes.description.errors import Refused

T0 = datetime(2026, 4, 11, 8, 4, 35, tzinfo=UTC)


def an_event(key: str, name: str = "", t0: datetime | None = T0) -> Event:
    name = name or name_of(key, [], t0)
    return Event(key, name, 1, False, None, None, None, None, t0, None, Localization("none"))


@pytest.mark.parametrize(
    ("key", "stated", "name"),
    [
        ("lvk:S230518h", ["S230518h"], "S230518h"),
        ("fermi.gbm:797587480", ["797587480"], "GRB 260411A"),
        ("swift:1125809", ["1125809", "GRB 260411C"], "GRB 260411C"),
        ("swift:1125809", ["grb260411c", "1125809"], "GRB 260411C"),
        ("icecube:134191_17593623", ["134191_17593623"], "IceCube-260411A"),
        ("icecube:134191_17593623", ["IceCube-260411B"], "IceCube-260411B"),
        ("icecube:134191_17593623", ["IceCube-260411"], "IceCube-260411A"),
        ("icecube:136889_25590129", ["IceCubeCascade-220801a"], "IceCubeCascade-220801a"),
        ("fermi.gbm:797587480", ["bn260411336"], "GRB 260411A"),
        ("swift:1118357", ["GRB 260411"], "GRB 260411A"),
        ("einstein_probe:01709130131", ["01709130131"], "EP260411a"),
        ("einstein_probe:01709130131", ["EP240219a"], "EP240219a"),
        ("svom:sb26051102", ["sb26051102"], "sb26051102"),
        ("maxi:9995289617", ["MAXI trigger"], "MAXI trigger"),
        ("chime:427325191", ["FRB 20240918A"], "FRB 20240918A"),
        ("ztf.object:ZTF18abvcdqu", ["ZTF18abvcdqu"], "ZTF18abvcdqu"),
        ("unheard:7", [], "7"),
    ],
)
def test_an_event_has_the_name_that_people_use(key: str, stated: list[str], name: str) -> None:
    assert name_of(key, stated, T0) == name


def test_without_a_time_an_event_keeps_its_number() -> None:
    assert name_of("fermi.gbm:797587480", ["797587480"], None) == "797587480"


EVENTS = [
    an_event("fermi.gbm:797587480"),
    an_event("swift:1125809", t0=T0.replace(day=12)),
    an_event("icecube:134191_17593623"),
    an_event("einstein_probe:01709130131", "EP260411b"),
    an_event("svom:sb26041301", "GRB 260413B", T0.replace(day=13)),
    an_event("swift:2", t0=T0.replace(day=14)),
    an_event("fermi.gbm:3", t0=T0.replace(day=14)),
]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("S230518h", ("lvk:S230518h",)),
        ("MS181101ab", ("lvk:MS181101ab",)),
        ("lvk:S230518h", ("lvk:S230518h",)),
        ("sb26051102", ("svom:sb26051102",)),
        ("GRB 260411A", ("fermi.gbm:797587480",)),
        ("grb260411a", ("fermi.gbm:797587480",)),
        ("GRB 260411B", ("fermi.gbm:797587480",)),
        ("GRB 260411.336", ("fermi.gbm:797587480",)),
        ("bn260411336", ("fermi.gbm:797587480",)),
        ("797587480", ("fermi.gbm:797587480",)),
        ("IceCube-260411A", ("icecube:134191_17593623",)),
        ("IC260411A", ("icecube:134191_17593623",)),
        ("EP260411b", ("einstein_probe:01709130131",)),
        ("GRB260413B", ("svom:sb26041301",)),
        ("GRB 260414A", ("fermi.gbm:3", "swift:2")),
        ("GRB 260415A", ()),
        ("nonsense", ()),
    ],
)
def test_a_name_means_the_events_that_bear_it_or_are_of_its_day(name: str, keys: tuple[str, ...]) -> None:
    assert keys_named(name, EVENTS) == keys


def test_a_name_that_means_none_or_several_is_refused() -> None:
    with pytest.raises(Refused, match=r"may be any of fermi.gbm:3, swift:2"):
        key_named("GRB 260414A", EVENTS)
    with pytest.raises(Refused, match="no known event has that name"):
        key_named("GRB 260415A", EVENTS)
    assert key_named("GRB 260411A", EVENTS) == "fermi.gbm:797587480"
