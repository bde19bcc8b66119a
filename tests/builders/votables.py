"""VOTables as services write them."""

import io
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

TYPES = {"double": "", "long": "", "float": "", "char": ' arraysize="*"'}


def a_votable(
    columns: Mapping[str, str],
    rows: Sequence[Sequence[object]],
    status: str = "OK",
    nrows: str | None = None,
    ucds: Mapping[str, str] | None = None,
    prefix: str = "",
) -> bytes:
    """Write a table in TABLEDATA, with columns by their datatypes; `prefix` as in `vot:`."""
    p, meant = prefix, ucds or {}
    fields = "".join(
        f'<{p}FIELD name={quoteattr(name)} datatype="{of}"{TYPES[of]}'
        f"{f' ucd={quoteattr(meant[name])}' if name in meant else ''}/>"
        for name, of in columns.items()
    )
    cells = "".join(f"<{p}TR>{''.join(f'<{p}TD>{escape(str(cell))}</{p}TD>' for cell in row)}</{p}TR>" for row in rows)
    space = f' xmlns:{p[:-1]}="http://www.ivoa.net/xml/VOTable/v1.3"' if p else ""
    many = "" if nrows is None else f' nrows="{nrows}"'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{p}VOTABLE version="1.3"{space}><{p}RESOURCE type="results">'
        f'<{p}INFO name="QUERY_STATUS" value="OK"/><{p}TABLE{many}>{fields}'
        f"<{p}DATA><{p}TABLEDATA>{cells}</{p}TABLEDATA></{p}DATA></{p}TABLE>"
        f"{f'<{p}INFO name=%s value=%s/>' % (quoteattr('QUERY_STATUS'), quoteattr(status)) if status != 'OK' else ''}"
        f"</{p}RESOURCE></{p}VOTABLE>"
    ).encode()


def in_another_form(votable: bytes, form: str) -> bytes:
    """Write the same table in another serialization: `binary` or `binary2`."""
    from astropy.io.votable import parse

    document = parse(io.BytesIO(votable), verify="ignore")
    document.get_first_table().format = form
    page = io.BytesIO()
    document.to_xml(page)
    return page.getvalue()


STAR = {"name": "long", "ra": "double", "dec": "double", "mag": "float"}
"""Columns of a table of stars."""
