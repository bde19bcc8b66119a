"""A pointing as ACP, N.I.N.A., POCS, RTS2 and TAROT read it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from builders.whole_pointings import a_request
from hypothesis import example, given
from hypothesis import strategies as st

from telescopes.description.messages import Exposure
from telescopes.drivers.angles import dms, hms
from telescopes.drivers.filedrop_formats import FORMATS, Order, by_template, harmless_name

START = datetime(2026, 3, 1, 22, tzinfo=UTC)
POINTING = replace(
    a_request(),
    ra_deg=197.45,
    dec_deg=-23.38,
    window_start=START,
    planned_start=START,
    window_end=START + timedelta(hours=1),
    exposures=(Exposure("r", 60.0, 3), Exposure("g", 120.0, 4, binning=2)),
)
EXTRA = {"camera": "C0", "station": "Tarot_Calern", "priority": "1"}
ORDER = Order("p1", POINTING, {"r": "r", "g": "g"}, EXTRA)


def lines(name: str, order: Order = ORDER) -> list[str]:
    return FORMATS[name].write(order).splitlines()


def test_acp() -> None:
    said = lines("acp")
    assert "#COUNT 3,4" in said
    assert "#INTERVAL 60,120" in said
    assert "#BINNING 1,2" in said
    assert "#FILTER r,g" in said
    assert "#WAITUNTIL 1, 03/01/2026 22:00:00" in said
    assert said[-1] == "p1\t13:09:48.00\t-23:22:48.0"


def test_tarot_fills_scenes_of_six_one_after_the_other() -> None:
    first, second = lines("tarot")
    pairs = "60 14 60 14 60 14 120 13 120 13 120 13"
    assert first == f'"p1" 197.450000 -23.380000 2026-03-01T22:00:00.000 0.004180983 0.00 {pairs} 1 Tarot_Calern'
    assert "2026-03-01T22:13:00.000" in second
    assert "120 13 0 0 0 0 0 0 0 0 0 0 1 Tarot_Calern" in second


def test_rts2() -> None:
    assert lines("rts2") == [
        "target p1 197.450000 -23.380000",
        "window 2026-03-01T22:00:00Z 2026-03-01T23:00:00Z",
        "script C0 binning=1x1 filter=r for 3 { E 60 } binning=2x2 filter=g for 4 { E 120 }",
    ]


def test_pocs_is_a_list_of_fields() -> None:
    said = lines("pocs")
    assert said.count("- field:") == 2
    assert '    position: "13h09m48.00s -23d22m48.0s"' in said
    assert {"    exptime: 60", "    min_nexp: 3", "    exp_set_size: 3", '    filter_name: "r"'} <= set(said)
    place = SkyCoord("13h09m48.00s -23d22m48.0s")
    assert place.separation(SkyCoord(197.45, -23.38, unit="deg")) < 1 * u.arcsec


def test_pocs_takes_no_priority_of_zero() -> None:
    assert "    priority: 1" in lines("pocs", replace(ORDER, pointing=replace(POINTING, priority=0)))


def nina_place(ra_deg: float, dec_deg: float) -> dict[str, Any]:
    order = replace(ORDER, pointing=replace(POINTING, ra_deg=ra_deg, dec_deg=dec_deg))
    root = json.loads(FORMATS["nina"].write(order))
    place: dict[str, Any] = root["Items"]["$values"][1]["Items"]["$values"][0]["Target"]["InputCoordinates"]
    return place


def as_nina_reads(place: dict[str, Any]) -> tuple[float, float]:
    """Set one property after the other in the order of the file, as the setters of its `InputCoordinates` do."""
    ra_h = dec_deg = 0.0
    sign = 1
    for key, value in place.items():
        match key:
            case "NegativeDec":
                sign = -1 if value else 1
            case "RAHours" | "RAMinutes" | "RASeconds":
                ra_h += value / {"RAHours": 1, "RAMinutes": 60, "RASeconds": 3600}[key]
            case "DecDegrees":
                dec_deg = value
            case "DecMinutes" | "DecSeconds":
                dec_deg += sign * value / {"DecMinutes": 60, "DecSeconds": 3600}[key]
    return 15 * ra_h, -dec_deg if sign < 0 and dec_deg > 0 else dec_deg


@given(st.floats(0, 359.999999), st.floats(-90, 90))
@example(10.0, -0.5)
@example(10.0, -23.38)
def test_nina_reads_the_place_that_was_meant(ra_deg: float, dec_deg: float) -> None:
    theirs = SkyCoord(*as_nina_reads(nina_place(ra_deg, dec_deg)), unit="deg")
    assert theirs.separation(SkyCoord(ra_deg, dec_deg, unit="deg")) < 0.2 * u.arcsec


def test_nina_is_a_tree_whose_links_all_lead_somewhere() -> None:
    root = json.loads(FORMATS["nina"].write(ORDER))
    ids, refs, exposures, loops = [], [], [], []

    def walk(node) -> None:
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            ids.extend([node["$id"]] if "$id" in node else [])
            refs.extend([node["$ref"]] if "$ref" in node else [])
            kind = node.get("$type", "")
            exposures.extend([node["ExposureTime"]] if "TakeExposure" in kind else [])
            loops.extend([node["Iterations"]] if "LoopCondition" in kind else [])
            for child in node.values():
                walk(child)

    walk(root)
    assert len(ids) == len(set(ids))
    assert set(refs) <= set(ids)
    assert (exposures, loops) == ([60.0, 120.0], [3, 4])
    target = root["Items"]["$values"][1]["Items"]["$values"][0]["Target"]
    place = target["InputCoordinates"]
    assert (place["RAHours"], place["RAMinutes"], place["RASeconds"]) == (13, 9, 48.0)
    assert (place["NegativeDec"], place["DecDegrees"], place["DecMinutes"], place["DecSeconds"]) == (
        True,
        -23,
        22,
        48.0,
    )


def test_a_template_of_the_site_s_own() -> None:
    said = by_template(
        "$name at $ra_hms $dec_dms $$5\n$exposures\nend $window_end", "$count*$exposure_s $filter", ORDER
    )
    assert said == "p1 at 13:09:48.00 -23:22:48.0 $5\n3*60 r\n4*120 g\nend 2026-03-01T23:00:00Z"


@pytest.mark.parametrize("format_", FORMATS)
def test_names_from_outside_write_no_line_of_their_own(format_: str) -> None:
    nasty = 'p1\n#SHUTDOWN\n"; rm -rf /\t../../etc/passwd: {E 9999}'
    name = harmless_name(replace(POINTING, pointing_id=nasty))
    text = FORMATS[format_].write(replace(ORDER, name=name))
    assert len(text.splitlines()) == len(FORMATS[format_].write(ORDER).splitlines())
    assert not set(name) & set('\n\t"; /.{}:#')


def test_different_pointings_have_different_names() -> None:
    names = {harmless_name(replace(POINTING, pointing_id=one)) for one in ("a b", "a/b", "a\nb", "")}
    assert len(names) == 4


@given(st.floats(0, 359.999999), st.floats(-90, 90))
def test_angles_are_written_as_astropy_reads_them(ra_deg: float, dec_deg: float) -> None:
    theirs = SkyCoord(f"{hms(ra_deg)} {dms(dec_deg)}", unit=(u.hourangle, u.deg))
    assert theirs.separation(SkyCoord(ra_deg, dec_deg, unit="deg")) < 0.2 * u.arcsec
