"""Options of `armillary plan` that say what its visits are, and what they are to see."""

from pathlib import Path
from typing import Annotated

import typer

Visits = Annotated[
    str,
    typer.Option(
        metavar="NAME,...",
        help="Passes over the sky, in order: 1, 2, 3; char: a look by every telescope in each band; auto: char "
        "where the error region fits in one field, else 1,2,3.",
    ),
]
Bands = Annotated[
    str | None,
    typer.Option(metavar="BAND,...", help="Bands of --visits char; default: the telescopes' own.", show_default=False),
]
SourceToSee = Annotated[
    str | None,
    typer.Option(
        metavar="kilonova|afterglow|MAG",
        help="Expose long enough to see this source where and when each telescope looks.",
        show_default=False,
    ),
]
Depth = Annotated[
    float | None,
    typer.Option(metavar="MAG", help="Expose long enough for this AB limit at the field.", show_default=False),
]
DustFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Dust of the Galaxy: HEALPix FITS of E(B-V).", show_default=False)
]
ForecastFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="How likely each telescope's sky is clear, and when: a list in JSON.", show_default=False
    ),
]
CatalogueFolder = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Galaxies for telescopes too narrow to tile: an index made by `armillary catalogues build`.",
        show_default=False,
    ),
]
