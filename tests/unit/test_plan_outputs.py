"""What a plan says in each format, read back by other readers."""

import io
import json
import re
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.io.votable import parse_single_table
from astropy.table import QTable, Table
from builders.planned import MOSAIC, NETWORK, T0, a_pointing, a_search, a_sky, every_kind
from mocpy import MOC

from coordinator.publishing.passbands import edges_m
from coordinator.publishing.plan_moc import moc_of
from coordinator.publishing.planned_search import PlannedSearch
from coordinator.publishing.registry import FORMATS, Format, format_of
from coordinator.sky.ranges import Ranges
from telescopes.description.errors import Refused
from telescopes.description.footprint import Polygons

BOX, DISC, _ = NETWORK


def rendered(search: PlannedSearch, suffix: str) -> bytes:
    return format_of(f"plan{suffix}").render(search)


def read_moc(data: bytes, folder: Path) -> MOC:
    path = folder / "read.moc.fits"
    path.write_bytes(data)
    return MOC.from_fits(str(path))


def shapes(regions: bytes) -> list[tuple[str, list[float], str]]:
    """A reader of DS9 regions of our own: shape, numbers, what comes after the hash."""
    found = []
    for line in regions.decode().splitlines():
        if match := re.match(r"(\w+)\(([^)]*)\) # (.*)", line):
            found.append((match[1], [float(n.rstrip("d")) for n in match[2].split(",")], match[3]))
    return found


def test_the_table_reads_back_with_units_times_and_figures() -> None:
    search = a_search()
    table = QTable.read(rendered(search, ".ecsv").decode(), format="ascii.ecsv")
    assert list(table["id"]) == [p.id for p in search.pointings]
    assert table["ra_deg"].unit == u.deg and table["exposure_s"].unit == u.s
    assert [t.isot for t in table["start"]] == [f"{p.start:%Y-%m-%dT%H:%M:%S}.000" for p in search.pointings]
    assert list(table["limit_mag_ab"].mask) == [False, False, True, False]
    assert table.meta["event"]["skymap_sha256"] == "a" * 64 and table.meta["objective"] == "probability"
    assert table.meta["probability"]["duplicates"] == 0 and table.meta["probability"]["detection"] is None
    assert {t["id"]: t["idle_because"] for t in table.meta["telescopes"]}["idle"].startswith("region never")


def test_the_coverage_is_the_union_of_the_fields(tmp_path: Path) -> None:
    search = a_search()
    union = Ranges.union_of(p.ranges for p in search.pointings)
    of_the_sky = union.pixels / (12 * 4**12)
    assert read_moc(rendered(search, ".moc.fits"), tmp_path).sky_fraction == pytest.approx(of_the_sky, rel=1e-12)
    assert MOC.from_json(json.loads(rendered(search, ".moc.json"))).sky_fraction == pytest.approx(of_the_sky, rel=1e-12)


def test_the_coverage_says_of_what_it_is() -> None:
    search = a_search().only(visit="2")
    with fits.open(io.BytesIO(rendered(search, ".moc.fits"))) as hdus:
        header = hdus[1].header
        assert (header["OBJECT"], header["NPOINT"], header["SKYMAP"]) == ("lvk:S1", 1, "a" * 64)
        assert header["PROB"] == pytest.approx(search.probability, abs=1e-6)
        assert "visit 2" in str(header["COMMENT"])


def test_a_part_covers_what_its_pointings_cover(tmp_path: Path) -> None:
    search = a_search()
    for part in (search.only("box"), search.only("box", "2"), search.only(visit="1")):
        own = Ranges.union_of(p.ranges for p in search.pointings if p in part.pointings)
        assert read_moc(rendered(part, ".moc.fits"), tmp_path) == moc_of(own)
    assert len(search.only("box").pointings) == 2 and len(search.only("box", "2").pointings) == 1


@pytest.mark.parametrize(("telescope", "visit"), [("nobody", None), (None, "7")])
def test_a_part_that_does_not_exist_is_refused(telescope: str | None, visit: str | None) -> None:
    with pytest.raises(Refused, match="give one of"):
        a_search().only(telescope, visit)


@pytest.mark.slow
@pytest.mark.parametrize(("ra", "dec"), [(0.0, 0.0), (359.99, -60.0), (100.0, 89.9), (5.0, -89.95)])
def test_places_at_the_seam_and_the_poles_come_through_every_format(ra: float, dec: float, tmp_path: Path) -> None:
    pointings = tuple(a_pointing(t, ra, dec, 240.0 + i) for i, t in enumerate(NETWORK))
    search = a_search(pointings, a_sky(ra, dec))
    for form in FORMATS:
        assert form.suffix in (".png", ".html") or form.render(search), form.suffix
    moc = read_moc(rendered(search, ".moc.fits"), tmp_path)
    assert moc.contains_lonlat([ra] * u.deg, [dec] * u.deg).all()
    for _, numbers, _ in shapes(rendered(search, ".reg")):
        assert 0.0 <= numbers[0] < 360.0 and -90.0 <= numbers[1] <= 90.0


def test_regions_are_the_footprints_coloured_by_telescope() -> None:
    found = shapes(rendered(a_search(), ".reg"))
    assert [shape for shape, _, _ in found] == ["circle", "box", "polygon", "polygon", "box"]
    circle, box, one, other, turned = (numbers for _, numbers, _ in found)
    assert circle == [12.0, -24.0, 0.8]
    assert box == [13.0, -25.0, 2.0, 1.0, 0.0] and turned[4] == 30.0
    assert (len(one), len(other)) == (8, 6)
    colours = {words.split()[0] for _, _, words in found}
    assert len(colours) == 3 and all(re.fullmatch(r"color=#[0-9A-F]{6}", c) for c in colours)
    texts = [re.findall(r"text=\{([^}]*)\}", words) for _, _, words in found]
    assert texts[1] == ["box 2019-08-15 01:10:39"] and texts[3] == []
    assert rendered(a_search(), ".reg").decode().splitlines()[0] == "# Region file format: DS9 version 4.1"


def test_a_turned_box_in_the_region_file_covers_what_the_pointing_covers() -> None:
    """The angle of a DS9 box turns its height from north towards east."""
    pointing = a_pointing(BOX, 13.0, 0.0, position_angle_deg=90.0)
    ((_, (ra, dec, width, height, angle), _),) = shapes(rendered(a_search((pointing,)), ".reg"))
    turn = np.radians(angle)
    # the end of the height, from the centre: east is -sin of a turn anticlockwise seen with east to the left
    east, north = height / 2 * np.sin(turn), height / 2 * np.cos(turn)
    covered = moc_of(pointing.ranges)
    inside = (ra + 0.98 * east) * u.deg, (dec + 0.98 * north) * u.deg
    outside = (ra + 1.02 * east) * u.deg, (dec + 1.02 * north) * u.deg
    assert covered.contains_lonlat(*inside).all() and not covered.contains_lonlat(*outside).any()
    assert width == 2.0


def test_rows_of_the_obsplan_are_those_of_the_standard() -> None:
    search = a_search()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = parse_single_table(io.BytesIO(rendered(search, ".obsplan.xml")))
    assert table.name == "ivoa.obsplan" and table.utype == "ivo://ivoa.net/std/ObsLocTAP#table-1.0"
    fields = {field.name: field for field in table.fields}
    assert (fields["t_min"].unit, fields["t_min"].ucd) == (u.d, "time.start;obs.exposure")
    assert fields["s_region"].xtype == "adql:REGION" and fields["em_min"].unit == u.m
    rows = table.to_table(use_names_over_ids=True)
    assert len(rows) == len(search.pointings) and set(rows["execution_status"]) == {"Scheduled"}
    first = search.pointings[0]
    assert rows["t_min"][0] == pytest.approx(58709.0 + (22 * 3600 + 10 * 60 + 39) / 86400, abs=1e-8)
    assert (rows["s_ra"][0], rows["s_dec"][0], rows["t_exptime"][0]) == (first.ra_deg, first.dec_deg, 100.0)


def test_the_three_forms_of_the_obsplan_say_the_same() -> None:
    search = a_search()
    plain = json.loads(rendered(search, ".obsplan.json"))
    table = Table.read(rendered(search, ".obsplan.ecsv").decode(), format="ascii.ecsv")
    assert [row["obs_id"] for row in plain] == list(table["obs_id"])
    assert [row["s_region"] for row in plain] == list(table["s_region"])
    assert [row["em_min"] is None for row in plain] == list(np.ma.getmaskarray(table["em_min"]))
    assert table["t_min"].unit == u.d


def test_the_region_of_a_row_has_the_shape_of_the_camera() -> None:
    rows = {row["obs_id"]: row["s_region"] for row in json.loads(rendered(a_search(), ".obsplan.json"))}
    assert rows["p-disc-60"] == "CIRCLE ICRS 12.000000 -24.000000 0.800000"
    assert rows["p-box-240"].startswith("POLYGON ICRS ") and len(rows["p-box-240"].split()) == 2 + 8
    corners = sum(2 * len(polygon) for polygon in MOSAIC.polygons)
    assert rows["p-mosaic-250"].startswith("UNION ICRS (POLYGON ")
    assert len(re.findall(r"[-\d.]+", rows["p-mosaic-250"])) == corners


def test_the_corners_of_a_region_go_counter_clockwise_with_east_to_the_left() -> None:
    backwards = Polygons(tuple(polygon[::-1] for polygon in MOSAIC.polygons))
    other_way = replace(NETWORK[2].instruments[0], footprint=backwards)
    network = (*NETWORK[:2], replace(NETWORK[2], instruments=(other_way,)))
    for search in (a_search(), replace(a_search(), telescopes={t.id: t for t in network})):
        for row in json.loads(rendered(search, ".obsplan.json")):
            for polygon in re.findall(r"POLYGON (?:ICRS )?([-\d. ]+)", row["s_region"]):
                ra, dec = np.array(polygon.split(), float).reshape(-1, 2).T
                left = -(ra - row["s_ra"]) * np.cos(np.radians(row["s_dec"]))
                assert 0.5 * np.sum(left * np.roll(dec, -1) - np.roll(left, -1) * dec) > 0.1


@pytest.mark.parametrize(("name", "known"), [("r", True), ("r'", True), ("sdssg", True), ("K", True), ("clear", False)])
def test_an_open_detector_has_no_edges(name: str, known: bool) -> None:
    edges = edges_m(name)
    assert (edges is not None) is known
    if edges is not None:
        assert 3e-7 < edges[0] < edges[1] < 3e-6


def test_the_plan_as_json_keeps_its_contract() -> None:
    document = json.loads(rendered(a_search().only("disc"), ".json"))
    assert document["schema"] == "armillary.plan/1" and [p["telescope"] for p in document["pointings"]] == ["disc"]


@pytest.mark.slow
def test_a_plan_without_pointings_is_valid_and_says_why(tmp_path: Path) -> None:
    search = a_search(())
    why = search.why_empty() or ""
    assert "never above 30 deg" in why and why.count(";") == 3
    assert len(QTable.read(rendered(search, ".ecsv").decode(), format="ascii.ecsv")) == 0
    assert read_moc(rendered(search, ".moc.fits"), tmp_path).empty()
    assert MOC.from_json(json.loads(rendered(search, ".moc.json"))).empty()
    assert "never above" in rendered(search, ".moc.fits").decode("ascii")
    assert shapes(rendered(search, ".reg")) == [] and b"# no pointings: box: region never" in rendered(search, ".reg")
    assert json.loads(rendered(search, ".obsplan.json")) == []
    assert len(parse_single_table(io.BytesIO(rendered(search, ".obsplan.xml"))).array) == 0
    for suffix in (".ecsv", ".obsplan.ecsv", ".obsplan.xml", ".html"):
        assert b"never above 30 deg" in rendered(search, suffix), suffix


def test_the_coverage_takes_a_reason_of_several_lines(tmp_path: Path) -> None:
    search = a_search(())
    idle = tuple(replace(t, idle_because="clouds\n\tfrom the é") for t in search.event.telescopes)
    told = replace(search, event=replace(search.event, telescopes=idle))
    assert read_moc(rendered(told, ".moc.fits"), tmp_path).empty()
    assert "clouds from the ?" in rendered(told, ".moc.fits").decode("ascii")


def test_a_part_without_pointings_names_its_telescope_alone() -> None:
    assert (a_search().only("idle").why_empty() or "").startswith("no pointings: idle: region never")


def test_follow_up_of_the_event_is_shown_and_that_of_others_is_not() -> None:
    from coordinator.planning.plan import Plan

    search = a_search(())
    mine, other = a_pointing(BOX, 13.0, -25.0), a_pointing(DISC, 13.0, -25.0, event="lvk:S2")
    plan = Plan(T0, T0, (search.event,), follow_up=(replace(mine, visit="follow-up:c1:r:1"), other))
    shown = PlannedSearch.of(plan, "lvk:S1", search.sky, NETWORK, T0)
    assert [p.id for p in shown.pointings] == [mine.id] and shown.visits == ["1", "2", "follow-up:c1:r:1"]


def test_an_event_or_a_telescope_that_is_not_there_is_refused() -> None:
    from coordinator.planning.plan import Plan

    search = a_search()
    plan = Plan(T0, T0, (search.event,))
    with pytest.raises(Refused, match="lvk:S9: is not in the plan"):
        PlannedSearch.of(plan, "lvk:S9", search.sky, NETWORK, T0)
    with pytest.raises(Refused, match="uses mosaic"):
        PlannedSearch.of(plan, "lvk:S1", search.sky, NETWORK[:2], T0)


@pytest.mark.parametrize("name", ["plan.pdf", "plan", "plan.fits", "plan.xml", "-"])
def test_an_unknown_ending_is_refused_with_those_that_are_known(name: str) -> None:
    with pytest.raises(Refused, match=r"\.moc\.fits .*\.html"):
        format_of(name)


def test_the_longest_ending_decides() -> None:
    assert format_of("a.moc.json").suffix == ".moc.json" and format_of("a.JSON").suffix == ".json"


@pytest.mark.slow
@pytest.mark.parametrize("form", [f for f in FORMATS if f.suffix != ".html"], ids=lambda f: f.suffix)
def test_the_same_plan_gives_the_same_file(form: Format) -> None:
    search = a_search(every_kind()[:2])
    assert form.render(search) == form.render(search)
