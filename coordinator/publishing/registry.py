"""The formats in which a plan goes out, by the ending of the file's name.

Adding one is one file in this room and one line here. Modules are imported when they are used: a region file
needs no plot library, and a command that writes nothing needs neither.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from coordinator.publishing.planned_search import PlannedSearch
from telescopes.description.errors import Refused


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: `where` is module and function of this room, (PlannedSearch) -> bytes."""

    suffix: str
    says: str
    where: str

    def render(self, search: PlannedSearch) -> bytes:
        """Write a plan in this format."""
        module, _, function = self.where.partition(":")
        made: Callable[[PlannedSearch], bytes] = getattr(import_module(f"coordinator.publishing.{module}"), function)
        return made(search)


FORMATS = (
    Format(".json", "the plan, armillary.plan/1", "plan_json:as_json"),
    Format(".ecsv", "table with units and the plan's figures", "plan_ecsv:as_ecsv"),
    Format(".moc.fits", "coverage map (MOC), FITS", "plan_moc:as_fits"),
    Format(".moc.json", "coverage map (MOC), JSON", "plan_moc:as_json"),
    Format(".reg", "fields as DS9 regions", "plan_regions:as_regions"),
    Format(".obsplan.ecsv", "IVOA ObsPlan rows, ECSV", "plan_obsplan:as_ecsv"),
    Format(".obsplan.xml", "IVOA ObsPlan rows, VOTable", "plan_obsplan:as_votable"),
    Format(".obsplan.json", "IVOA ObsPlan rows, JSON", "plan_obsplan:as_json"),
    Format(".png", "picture of sky and night", "plan_picture:as_png"),
    Format(".svg", "picture of sky and night", "plan_picture:as_svg"),
    Format(".html", "report that needs nothing else", "plan_report:as_html"),
)


def format_of(name: str) -> Format:
    """Choose the format with the longest ending that fits.

    Raises
    ------
    Refused
        No format has this ending.
    """
    fitting = [f for f in FORMATS if name.lower().endswith(f.suffix)]
    if not fitting:
        endings = " ".join(f.suffix for f in FORMATS)
        raise Refused(
            "no format has this ending", where=name, mend=f"give {endings}, or a folder (name/) for observers"
        )
    return max(fitting, key=lambda f: len(f.suffix))
