"""Sky that is looked at already, in the files that people have: plans, reports of others, coverage maps."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coordinator.cli.plan_input import observed_in
from coordinator.planning.outlines import polygons_of
from coordinator.planning.treasure_map import Observed
from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.moc import edges_of_moc_text, ranges_of_moc
from coordinator.sky.ranges import PIXEL_AREA_DEG2, Ranges
from telescopes.description.errors import Refused
from telescopes.description.footprint import Polygons, Rectangle
from telescopes.description.geometry import area_deg2
from telescopes.description.site_file import default_sites_folder, read_sites

BEGIN = datetime(2019, 8, 15, tzinfo=UTC)
POINTING = {
    "position": "POINT (13.5 -25.25)", "instrumentid": 47, "band": "r", "depth": 20.5, "depth_unit": "ab_mag",
    "time": "2019-08-15T06:00:00.25", "pos_angle": 30.0, "status": "completed", "id": 1, "central_wave": 6156.4,
}  # fmt: skip
FOOTPRINTS = [
    {"instrumentid": 47, "footprint": "POLYGON ((0.1 -1, 1 -1, 1 1, 0.1 1, 0.1 -1))"},
    {"instrumentid": 47, "footprint": "POLYGON ((359.9 -1, 359 -1, 359 1, 359.9 1, 359.9 -1))"},
]


@pytest.fixture(scope="module")
def network() -> tuple[Any, ...]:
    return read_sites(default_sites_folder())


def read(tmp_path: Path, network: tuple[Any, ...], what: object) -> Observed:
    file = tmp_path / "seen.json"
    file.write_text(what if isinstance(what, str) else json.dumps(what))
    return observed_in(file, "S1", network, BEGIN)


def same(a: Ranges, b: Ranges) -> bool:
    return np.array_equal(a.low, b.low) and np.array_equal(a.high, b.high)


def test_a_report_of_others_keeps_place_time_band_depth_and_angle(tmp_path: Path, network: tuple[Any, ...]) -> None:
    seen = read(tmp_path, network, {"pointings": [POINTING], "footprints": FOOTPRINTS})
    (look,) = seen.looks
    assert (look.event, look.visit, look.filter, look.limit_mag_ab) == ("S1", "1", "r", 20.5)
    assert look.start == datetime(2019, 8, 15, 6, 0, 0, 250000, tzinfo=UTC)
    chips = Polygons(tuple(p for row in FOOTPRINTS for p in polygons_of(str(row["footprint"]))))
    assert same(look.ranges, footprint_ranges(chips, 13.5, -25.25, 30.0))
    gap = footprint_ranges(Rectangle(0.15, 1.0), 13.5, -25.25, 30.0)
    assert look.ranges.intersection(gap).pixels == 0 < look.ranges.pixels
    assert look.ranges.area_deg2 == pytest.approx(3.6, rel=0.02)
    assert seen.notes == ()


def test_an_instrument_may_be_named_and_the_network_is_known(tmp_path: Path, network: tuple[Any, ...]) -> None:
    named = {"ra": 13.5, "dec": -25.25, "instrument_name": "TCA", "time": "2019-08-15T06:00:00Z"}
    (look,) = read(tmp_path, network, [named]).looks
    tca = next(t for t in network if t.id == "tca")
    assert same(look.ranges, footprint_ranges(tca.instruments[0].footprint, 13.5, -25.25, 0.0))
    assert look.limit_mag_ab is None and look.filter is None
    listed = {"pointings": [POINTING | {"instrumentid": None, "instrument_name": "ztf"}], "footprints": FOOTPRINTS}
    assert read(tmp_path, network, listed | {"instruments": [{"id": 47, "instrument_name": "ZTF"}]}).looks


def test_the_older_service_wraps_each_pointing_in_a_text(tmp_path: Path, network: tuple[Any, ...]) -> None:
    named = POINTING | {"instrumentid": "tca"}
    assert len(read(tmp_path, network, [json.dumps(named)]).looks) == 1


def test_what_is_planned_or_has_no_depth_is_told(tmp_path: Path, network: tuple[Any, ...]) -> None:
    tca = POINTING | {"instrumentid": "tca"}
    seen = read(tmp_path, network, [tca | {"status": "planned"}, tca | {"depth_unit": "vega_mag"}, tca])
    assert [look.limit_mag_ab for look in seen.looks] == [None, 20.5]
    assert [note.split(": ", 1)[1] for note in seen.notes] == [
        "1 pointings planned: not counted as looked at",
        "1 pointings without a depth in AB magnitudes: under detection they do not count",
    ]


def test_every_report_that_cannot_be_understood_is_named_in_one_line(tmp_path: Path, network: tuple[Any, ...]) -> None:
    tca = POINTING | {"instrumentid": "tca"}
    bad = [
        POINTING,
        tca | {"position": "13.5 -25"},
        tca | {"position": "POINT (10 95)"},
        tca | {"time": "yesterday"},
        tca | {"depth": "deep"},
        tca | {"pos_angle": float("nan")},
        tca | {"depth": 999},
        tca | {"depth": "1e30"},
        tca | {"depth": 10**399},
        tca | {"time": "0001-01-01T00:00:00+05:00"},
        tca | {"time": 10**399},
    ]
    with pytest.raises(Refused) as refused:
        read(tmp_path, network, bad)
    said = str(refused.value)
    assert "\n" not in said
    for number, what in enumerate(
        ["nobody knows the footprint of instrument 47", "has no position", "10, 95 is no place", "time 'yesterday'",
         "depth 'deep'", "pos_angle nan", "depth 999 is not within 0 and 35 mag", "depth '1e30' is not within",
         "depth 1000"]
    ):  # fmt: skip
        assert f"pointings[{number}]: {what}" in said


@pytest.mark.parametrize(
    "polygon", ["POLYGON ((0 0, 1 1))", "POINT (1 1)", "POLYGON ((0 0, 1 1, 170 0))", "POLYGON ((a b, 1 1, 2 0))"]
)
def test_a_footprint_that_is_none_is_refused(tmp_path: Path, network: tuple[Any, ...], polygon: str) -> None:
    with pytest.raises(Refused, match="the footprint of instrument 47"):
        read(tmp_path, network, {"pointings": [], "footprints": [{"instrumentid": 47, "footprint": polygon}]})


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (7, "is no pointing"),
        ({"time": "0001-01-01T00:00:00+05:00"}, "is not within 1900 and 2098"),
        ({"time": 10**399}, "is not an ISO time"),
        ({"position": None, "ra": 10**399, "dec": 0}, "has no position"),
        ({"pos_angle": True}, "pos_angle True is not a number"),
    ],
)
def test_a_report_that_cannot_be_understood_is_no_crash(
    tmp_path: Path, network: tuple[Any, ...], bad: Any, said: str
) -> None:
    with pytest.raises(Refused, match=said) as refused:
        read(tmp_path, network, [POINTING | {"instrumentid": "tca"} | bad if isinstance(bad, dict) else bad])
    assert len(str(refused.value)) < 400


OF_A_PLAN = {
    "telescope": "tca", "instrument": "main", "ra_deg": 13.5, "dec_deg": -25.25, "position_angle_deg": 0.0,
    "start": "2019-08-15T06:00:00", "visit": "2", "filter": "r", "limit_mag_ab": 20.5,
}  # fmt: skip


def a_plan(network: tuple[Any, ...], **changes: object) -> dict[str, Any]:
    tca = next(t for t in network if t.id == "tca")
    return {
        "schema": "armillary.plan/1",
        "pointings": [OF_A_PLAN | {"instrument": tca.instruments[0].id} | changes],
    }


def test_a_pointing_of_a_plan_without_a_zone_is_in_utc(
    tmp_path: Path, network: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/Santiago")
    time.tzset()
    try:
        (look,) = read(tmp_path, network, a_plan(network)).looks
    finally:
        monkeypatch.undo()
        time.tzset()
    assert look.start == datetime(2019, 8, 15, 6, tzinfo=UTC)
    assert (look.visit, look.filter, look.limit_mag_ab, look.telescope) == ("2", "r", 20.5, "tca")


@pytest.mark.parametrize(
    "changes",
    [
        {"limit_mag_ab": "deep"},
        {"limit_mag_ab": float("nan")},
        {"limit_mag_ab": 999},
        {"ra_deg": 1974},
        {"ra_deg": None},
        {"dec_deg": -123},
        {"dec_deg": float("nan")},
        {"position_angle_deg": float("nan")},
        {"start": "9999-12-31T23:00:00-05:00"},
        {"start": 10**399},
        {"telescope": ["tca"]},
    ],
    ids=str,
)
def test_a_plan_that_cannot_be_believed_is_refused(
    tmp_path: Path, network: tuple[Any, ...], changes: dict[str, object]
) -> None:
    with pytest.raises(Refused, match=r"pointings\[0\]: is not as a plan has it") as refused:
        read(tmp_path, network, a_plan(network, **changes))
    assert "\n" not in str(refused.value)


def test_a_depth_of_a_plan_written_as_text_is_a_number(tmp_path: Path, network: tuple[Any, ...]) -> None:
    assert read(tmp_path, network, a_plan(network, limit_mag_ab="20.5")).looks[0].limit_mag_ab == 20.5


def square(half: float, backwards: bool = False) -> str:
    corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half)]
    return "(" + ", ".join(f"{x} {y}" for x, y in (corners[::-1] if backwards else corners)) + ")"


@pytest.mark.parametrize("backwards", [True, False])
@pytest.mark.parametrize("form", ["POLYGON ({})", "MULTIPOLYGON (({}), ((5 5, 6 5, 6 6, 5 6, 5 5)))"])
def test_the_hole_of_a_footprint_is_not_looked_at(
    tmp_path: Path, network: tuple[Any, ...], form: str, backwards: bool
) -> None:
    text = form.format(f"{square(2.0)}, {square(1.0, backwards)}")
    seen = read(tmp_path, network, {"pointings": [POINTING], "footprints": [{"instrumentid": 47, "footprint": text}]})
    (look,) = seen.looks
    hole = footprint_ranges(Rectangle(1.98, 1.98), 13.5, -25.25, 30.0)
    assert look.ranges.intersection(hole).pixels == 0
    assert look.ranges.area_deg2 == pytest.approx(12.0 + ("MULTI" in form), rel=0.02)
    assert area_deg2(Polygons(tuple(polygons_of(text)))) == pytest.approx(look.ranges.area_deg2, rel=0.01)


def a_moc() -> Ranges:
    return footprint_ranges(Rectangle(4.0, 3.0), 359.5, 60.0, 20.0)


@pytest.mark.parametrize("kind", ["fits", "json", "ascii"])
def test_the_sky_of_a_moc_is_looked_at_in_the_first_visit(tmp_path: Path, network: tuple[Any, ...], kind: str) -> None:
    from mocpy import MOC

    ranges = a_moc()
    edges = np.stack([ranges.low, ranges.high], axis=-1).astype(np.uint64) << np.uint64(34)
    file = tmp_path / f"seen.{kind}"
    MOC.from_depth29_ranges(12, edges).save(file, kind)
    (look,) = observed_in(file, "S1", network, BEGIN).looks
    assert same(look.ranges, ranges)
    assert (look.visit, look.start, look.limit_mag_ab) == ("1", BEGIN, None)


def test_a_moc_finer_than_our_pixels_covers_those_whose_centre_it_holds() -> None:
    order, pixel = 13, 4 * 777
    assert ranges_of_moc(*edges_of_moc_text(f"{order}/{pixel}-{pixel + 3}")).low.tolist() == [777]
    assert ranges_of_moc(*edges_of_moc_text(f"{order}/{pixel + 3}")).low.tolist() == [777]
    assert ranges_of_moc(*edges_of_moc_text(f"{order}/{pixel}-{pixel + 2}")).pixels == 0


def test_the_whole_sky_and_no_sky_are_mocs_too() -> None:
    whole = ranges_of_moc(*edges_of_moc_text('{"0": [0,1,2,3,4,5,6,7,8,9,10,11]}'))
    assert whole.pixels * PIXEL_AREA_DEG2 == pytest.approx(41252.96, abs=0.1)
    assert ranges_of_moc(*edges_of_moc_text("5/")).pixels == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"5": [99999999]}', "there is no cell 5/99999999"),
        ('{"30": [1]}', "there is no cell 30/1"),
        ('{"5": ["a"]}', "order 5 is no list of cells"),
        ('{"5": 3}', "order 5 is no list of cells"),
        ("5/3-1", "there is no cell 5/3-1"),
        ("5/1 31/4", "there is no cell 31/4"),
        ("neither", "is neither JSON nor a MOC"),
        ("", "is neither JSON nor a MOC"),
        ('{"events": []}', "it has no list of pointings"),
        ('{"schema": "armillary.vetting/1", "pointings": []}', "is of another kind"),
        ('{"schema": "armillary.plan/1", "pointings": null}', "it has no list of pointings"),
        ("3", "it has no list of pointings"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_one_line(
    tmp_path: Path, network: tuple[Any, ...], text: str, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        read(tmp_path, network, text)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_a_sky_map_is_not_taken_for_a_moc(tmp_path: Path, network: tuple[Any, ...]) -> None:
    from builders.notices import a_map

    (tmp_path / "map.fits").write_bytes(a_map())
    with pytest.raises(Refused, match="it is a sky map"):
        observed_in(tmp_path / "map.fits", "S1", network, BEGIN)
    (tmp_path / "cut.fits").write_bytes(b"SIMPLE  =" + b" " * 200)
    with pytest.raises(Refused, match="is no MOC of the sky"):
        observed_in(tmp_path / "cut.fits", "S1", network, BEGIN)
