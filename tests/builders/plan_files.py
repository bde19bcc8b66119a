"""Files that `armillary plan` is given: sites in Chile with one camera, and multi-order maps."""

from pathlib import Path

from astropy.io import fits

from builders.plans import a_round_sky

SITE = """
id = "{id}"
name = "{id}"
[site]
latitude_deg = -29.26
longitude_deg = -70.73
[[instruments]]
id = "main"
filters = ["{filter}"]
[instruments.footprint]
shape = "rectangle"
width_deg = {size}
height_deg = {size}
{depth}
[observing]
strategy = "tiles"
exposure_s = {exposure}
filters = ["{filter}"]
"""
DEPTH = """
[[instruments.depth]]
exposure_s = 60.0
limit_mag_ab = 18.0
"""


def a_site_file(
    folder: Path, name: str, size_deg: float = 2.0, filter_name: str = "r", exposure_s: float = 60.0, depth: bool = True
) -> Path:
    """Write a site file and return it."""
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.toml"
    told = {"id": name, "filter": filter_name, "size": size_deg, "exposure": exposure_s}
    file.write_text(SITE.format(**told, depth=DEPTH if depth else ""))
    return file


def a_map_file(
    file: Path, name: str, t0: str | None, sigma_deg: float, order: int, centre: tuple[float, float] = (13.0, -25.0)
) -> Path:
    """Write a round localization without distance and return the file."""
    made = a_round_sky(centre, sigma_deg=sigma_deg, order=order)
    columns = [
        fits.Column("UNIQ", "K", array=made.ipix + 4 * 4**made.order),
        fits.Column("PROBDENSITY", "D", unit="sr-1", array=made.density_per_sr),
    ]
    table = fits.BinTableHDU.from_columns(columns)
    table.header.update(ORDERING="NUNIQ", COORDSYS="C", INDXSCHM="EXPLICIT", MOCORDER=order, PIXTYPE="HEALPIX")
    table.header["OBJECT"] = name
    if t0 is not None:
        table.header["DATE-OBS"] = t0
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(file)
    return file


def a_cone_file(file: Path) -> Path:
    """Write an error circle of some arcminutes."""
    return a_map_file(file, "GRB1", "2019-08-30T23:00:00", sigma_deg=0.1, order=9)
