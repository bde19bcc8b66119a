"""Pictures, report and observers' sheets of a plan."""

import io
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import AltAz, Angle, EarthLocation, SkyCoord, get_body
from astropy.time import Time
from builders.planned import CHILE, IDLE, NETWORK, a_pointing, a_search, a_sky, a_telescope
from matplotlib.path import Path as Outline
from PIL import Image

from coordinator.publishing.observer_sheets import night_of, sheets
from coordinator.publishing.palette import pens
from coordinator.publishing.plan_picture import headline
from coordinator.publishing.planned_search import PlannedSearch
from coordinator.publishing.registry import format_of
from coordinator.publishing.sexagesimal import dec_dms, ra_hms
from coordinator.publishing.sky_picture import fields_of, view_of
from coordinator.publishing.whole_sky import HALF_X, HALF_Y, WholeSky
from coordinator.publishing.zoomed_sky import ZoomedSky
from telescopes.description.footprint import Rectangle
from telescopes.description.geometry import unit_vectors

BOX, DISC, MOSAIC = NETWORK
SVG = "{http://www.w3.org/2000/svg}"


def rendered(search: PlannedSearch, suffix: str) -> bytes:
    return format_of(f"plan{suffix}").render(search)


class Page(HTMLParser):
    """Tags, addresses and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action")]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.slow
def test_the_picture_is_a_png_of_a_size_to_read() -> None:
    data = rendered(a_search(), ".png")
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.width == 1650 and image.height > 900
        assert np.asarray(image.convert("RGB")).std() > 10


@pytest.mark.slow
def test_the_picture_shows_the_colour_of_each_telescope_that_works() -> None:
    search = a_search()
    with Image.open(io.BytesIO(rendered(search, ".png"))) as image:
        shown = {tuple(pixel) for pixel in np.asarray(image.convert("RGB")).reshape(-1, 3)}
    for name, pen in pens(search).items():
        colour = tuple(int(pen.colour[i : i + 2], 16) for i in (1, 3, 5))
        assert (colour in shown) is (name != "idle"), name


@pytest.mark.slow
def test_the_svg_is_xml_without_addresses_to_fetch() -> None:
    root = ElementTree.fromstring(rendered(a_search(), ".svg"))
    assert root.tag == f"{SVG}svg"
    targets = [value for one in root.iter() for key, value in one.attrib.items() if key.endswith("href")]
    assert targets and all(t.startswith(("#", "data:image/png")) for t in targets)


def test_a_small_region_is_shown_alone_and_a_large_one_on_the_whole_sky() -> None:
    assert isinstance(view_of(a_search()), ZoomedSky)
    assert isinstance(view_of(a_search((), a_sky(sigma_deg=60.0))), WholeSky)


def test_a_field_far_from_the_region_does_not_shrink_it() -> None:
    near, far = a_pointing(BOX, 13.0, -25.0), a_pointing(DISC, 190.0, 60.0)
    assert view_of(a_search((near, far))).shape == view_of(a_search((near,))).shape
    assert b"</svg>" in rendered(a_search((near, far)), ".svg")


@pytest.mark.slow
@pytest.mark.parametrize("place", [(0.0, 0.0), (180.0, 30.0), (40.0, 89.5), (200.0, -89.9), (359.9, -70.0)])
def test_on_the_whole_sky_a_field_keeps_its_area_whatever_it_crosses(place: tuple[float, float]) -> None:
    """The projection is of equal area: the pieces inside the ellipse add up to the field."""
    wide = a_telescope("wide", Rectangle(8.0, 6.0))
    pointing = a_pointing(wide, *place, position_angle_deg=20.0)
    ((_, (corners,)),) = fields_of(a_search((pointing,), network=(wide,)))
    view = WholeSky(180.0)
    known = np.isfinite(view.raster()[0])
    rows, columns = view.shape
    x, y = ((np.arange(n) + 0.5) / n * 2 - 1 for n in (columns, rows))
    points = np.stack(np.meshgrid(HALF_X * x, HALF_Y * y), axis=-1)[known]
    inside = np.zeros(len(points), bool)
    for piece in view.outlines(corners):
        inside |= Outline(piece).contains_points(points)
    assert inside.mean() == pytest.approx(pointing.ranges.area_deg2 / 41252.96, rel=0.05)


def test_the_whole_sky_puts_the_seam_where_little_is() -> None:
    ra = np.linspace(0, 360, 720, endpoint=False)
    near_180 = np.exp(-0.5 * ((ra - 180.0) / 20.0) ** 2)
    near_0 = np.exp(-0.5 * (((ra + 180.0) % 360.0 - 180.0) / 20.0) ** 2)
    assert WholeSky.about(ra, near_180 / near_180.sum()).ra_deg == 180
    assert abs((WholeSky.about(ra, near_0 / near_0.sum()).ra_deg + 180) % 360 - 180) <= 120
    assert WholeSky.about(ra, np.full(ra.size, 1 / ra.size)).ra_deg == 180


def test_the_raster_of_a_view_is_where_its_outlines_are() -> None:
    for view in (WholeSky(30.0), ZoomedSky(10.0, 85.0, 8.0, 6.0)):
        ra, dec = view.raster()
        row, column = view.shape[0] // 3, view.shape[1] // 3
        x, y = view.pixels(ra[row, column], dec[row, column])
        left, right, bottom, top = view.extent
        assert x[0] == pytest.approx(left + (column + 0.5) * (right - left) / view.shape[1], abs=(right - left) / 1e5)
        assert y[0] == pytest.approx(bottom + (row + 0.5) * (top - bottom) / view.shape[0], abs=(top - bottom) / 1e5)


def test_the_zoom_holds_what_it_was_made_around() -> None:
    vectors = unit_vectors(np.array([355.0, 5.0, 0.0]), np.array([10.0, 12.0, -3.0]))
    view = ZoomedSky.around(vectors)
    x, y = view.pixels(np.array([355.0, 5.0, 0.0]), np.array([10.0, 12.0, -3.0]))
    left, right, bottom, top = view.extent
    assert (x > left).all() and (x < right).all() and (y > bottom).all() and (y < top).all()
    assert x[0] > x[1], "east is to the left"


def test_many_telescopes_are_told_apart_by_the_line_when_colours_run_out() -> None:
    many = tuple(a_telescope(f"t{i:02d}", Rectangle(1.0, 1.0)) for i in range(45))
    found = pens(a_search((a_pointing(many[3], 13.0, -25.0),), network=many))
    assert len(set(found.values())) == 45
    assert found["t03"] == pens(a_search((a_pointing(many[3], 13.0, -25.0),), network=many[3:5]))["t03"]


def test_the_headline_says_what_is_covered() -> None:
    first, second = headline(a_search()).splitlines()
    assert re.match(r"lvk:S1: 4 pointings of 3 telescopes cover [\d.]+ % of the probability", first)
    assert second == "2019-08-14 21:10 to 2019-08-15 21:10 UTC, objective probability, 267 Mpc"
    assert headline(a_search(())).startswith("lvk:S1: no pointings")


def test_the_report_needs_nothing_else_and_gives_every_telescopes_reason() -> None:
    text = rendered(a_search(), ".html").decode()
    page = Page(text)
    assert page.addresses and all(address.startswith("data:image/svg+xml;base64,") for address in page.addresses)
    assert "http:" not in text and "https:" not in text and "script" not in page.tags and "link" not in page.tags
    assert "region never above 30 deg while dark: at most 12 deg, at <04:10> & later" in page.words
    for word in ("box telescope", "p-mosaic-250", "unknown", "sha256 " + "a" * 64, "267 ± 52 Mpc", "not computed"):
        assert word in page.words, word


@pytest.mark.slow
def test_an_empty_plan_has_a_picture_and_a_report_that_say_why() -> None:
    search = a_search(())
    assert rendered(search, ".png")[:4] == b"\x89PNG"
    assert "no pointings: box: region never above" in Page(rendered(search, ".html").decode()).words


def test_sheets_hold_the_pointings_of_their_telescope_in_order_and_aligned() -> None:
    found = {name: data.decode("ascii") for name, data in sheets(a_search()).items()}
    assert sorted(found) == ["box.txt", "disc.txt", "idle.txt", "mosaic.txt"]
    lines = found["box.txt"].splitlines()
    head = next(line for line in lines if line.startswith("n  start UTC"))
    rows = [line for line in lines if re.match(r"\d+  ", line)]
    assert [row.split()[0] for row in rows] == ["1", "2"] and rows[0].split()[1:3] == ["2019-08-15", "01:10:39"]
    for row in rows:
        assert row[head.index("why") - 1] == " " and row[head.index("why") :].startswith("2 % of the probability")
        assert row[head.index("RA h:m:s") - 1] == " " and re.match(
            r"\d\d:\d\d:\d\d\.\d\d", row[head.index("RA h:m:s") :]
        )
    assert "none: region never above 30 deg" in found["idle.txt"]
    assert "# trigger (T0)  2019-08-14T21:10:39.000Z" in found["box.txt"]
    assert " ? " in found["mosaic.txt"].split("why")[-1], "an unknown limit is not a number"


def test_airmass_and_moon_of_a_sheet_agree_with_astropy() -> None:
    search = a_search((a_pointing(BOX, 13.0, -25.0, 600.0),))
    text = sheets(search)["box.txt"].decode()
    head = next(line for line in text.splitlines() if line.startswith("n  start UTC")).replace("start UTC", "date time")
    names = head.replace("end UTC", "end").replace("RA h:m:s", "hms").replace("Dec d:m:s", "dms")
    names = names.replace("RA deg", "ra").replace("Dec deg", "dec").replace("X start", "x0").replace("X mid", "x1")
    row = next(line for line in text.splitlines() if line.startswith("1  "))
    cells = dict(zip(names.replace("new %", "new").split(), row.split(), strict=False))
    here = EarthLocation.from_geodetic(CHILE.longitude_deg, CHILE.latitude_deg, CHILE.elevation_m)
    start = Time(search.pointings[0].start)
    field = SkyCoord(13.0 * u.deg, -25.0 * u.deg).transform_to(AltAz(obstime=start, location=here))
    moon = get_body("moon", start, here).transform_to(AltAz(obstime=start, location=here))
    assert float(cells["x0"]) == pytest.approx(float(field.secz), abs=0.01)
    assert moon.alt.deg > 0 and float(cells["Moon"]) == pytest.approx(field.separation(moon).deg, abs=0.6)


def test_a_night_runs_from_local_noon_to_noon() -> None:
    noon_in_chile = datetime(2019, 8, 15, 16, 43, tzinfo=UTC)
    west = a_telescope("west", Rectangle(1.0, 1.0), CHILE)
    assert f"{night_of(west, noon_in_chile - timedelta(minutes=5)):%m-%d}" == "08-14"
    assert f"{night_of(west, noon_in_chile + timedelta(minutes=5)):%m-%d}" == "08-15"
    nights = (a_pointing(west, 13.0, -25.0, 300.0), a_pointing(west, 13.0, -25.0, 1700.0))
    text = sheets(a_search(nights, network=(west, IDLE)))
    assert text["west.txt"].decode().count("# night of 2019-08-") == 2


@pytest.mark.parametrize("ra", [0.0, 197.45, 359.99999, 14.999999999])
@pytest.mark.parametrize("dec", [-90.0, -0.0001, 0.0, 23.456789, 89.99999])
def test_sexagesimal_angles_read_back(ra: float, dec: float) -> None:
    turned = (Angle(ra_hms(ra), u.hourangle).deg - ra + 180.0) % 360.0 - 180.0
    assert abs(turned) < 0.08 / 3600
    assert abs(Angle(dec_dms(dec), u.deg).deg - dec) < 0.051 / 3600
    assert ":60" not in ra_hms(ra) + dec_dms(dec)
