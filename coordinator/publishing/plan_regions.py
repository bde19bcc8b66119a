"""The fields as a DS9 region file: true footprints in ICRS, coloured by telescope."""

from collections.abc import Iterator

from coordinator.planning.plan import PlannedPointing
from coordinator.publishing.palette import pens
from coordinator.publishing.planned_search import PlannedSearch
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.geometry import outline

HEAD = "# Region file format: DS9 version 4.1"
GLOBAL = 'global width=1 font="helvetica 9 normal roman" select=1 edit=0 move=0 delete=1'


def as_regions(search: PlannedSearch) -> bytes:
    """Write a region for every field, and for every detector of a mosaic; the text is telescope and start."""
    return ("\n".join(_lines(search)) + "\n").encode()


def _lines(search: PlannedSearch) -> Iterator[str]:
    yield HEAD
    event = search.event
    yield f"# {search.title}: {len(search.pointings)} pointings, objective {event.objective}"
    yield f"# sky map sha256 {event.skymap_sha256}"
    if (why := search.why_empty()) is not None:
        yield f"# {_one_line(why)}"
    yield GLOBAL
    yield "icrs"
    colour = pens(search)
    for pointing in search.pointings:
        shapes = shapes_of(search.footprint(pointing), pointing)
        for number, shape in enumerate(shapes):
            yield f"{shape} # color={colour[pointing.telescope].colour} {_words(pointing, first=number == 0)}"


def shapes_of(footprint: Footprint, pointing: PlannedPointing) -> list[str]:
    """Return the DS9 shapes of a field, ICRS degrees.

    Notes
    -----
    DS9 turns a box from west through north, that is anticlockwise on the sky: its angle is the position angle.
    """
    ra, dec, angle = pointing.ra_deg, pointing.dec_deg, pointing.position_angle_deg
    match footprint:
        case Rectangle():
            size = f"{footprint.width_deg:.6f}d,{footprint.height_deg:.6f}d"
            return [f"box({ra:.6f},{dec:+.6f},{size},{angle:.4f})"]
        case Circle():
            return [f"circle({ra:.6f},{dec:+.6f},{footprint.radius_deg:.6f}d)"]
        case Polygons():
            corners = outline(footprint, ra, dec, angle)
            return [f"polygon({','.join(f'{a:.6f},{d:+.6f}' for a, d in polygon)})" for polygon in corners]


def _words(pointing: PlannedPointing, *, first: bool) -> str:
    """Text on the first region of a pointing, tags on all: DS9 groups by tag."""
    tags = " ".join(f"tag={{{_plain(w)}}}" for w in (pointing.telescope, f"visit {pointing.visit}", pointing.id))
    text = f"text={{{_plain(pointing.telescope)} {pointing.start:%Y-%m-%d %H:%M:%S}}} " if first else ""
    return text + tags


def _plain(words: str) -> str:
    """Without the braces and line ends that would close the text early."""
    return _one_line(words).replace("{", "(").replace("}", ")")


def _one_line(words: str) -> str:
    return " ".join(words.split())
