"""Small VOEvents, as the streams send them."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "http://www.ivoa.net/xml/VOEvent/v{version}"

Params = Mapping[str, object]


def a_voevent(
    ivorn: str = "ivo://nasa.gsfc.gcn/SWIFT#BAT_GRB_Pos_1400001-001",
    params: Params | None = None,
    *,
    role: str | None = "observation",
    groups: Mapping[str, Params] | None = None,
    time: str | None = "2026-11-22T20:02:11.00",
    date: str | None = "2026-11-22T20:02:29",
    place: tuple[object, object] | None = (133.2511, -12.0422),
    radius: object = 0.05,
    unit: str = "deg",
    system: str = "UTC-FK5-GEO",
    cites: Sequence[tuple[str, str]] = (),
    name: str | None = None,
    version: str = "2.0",
    prefix: str = "voe:",
) -> bytes:
    """Write one packet; with no prefix it has no namespace."""
    space = f' xmlns:voe="{NAMESPACE.format(version=version)}"' if prefix else ""
    stated = "" if role is None else f" role={quoteattr(role)}"
    body = "".join(
        (
            _who(date),
            f"<What>{_params(params or {})}{_groups(groups or {})}</What>",
            _where_when(time, place, radius, unit, system),
            f"<Why><Inference><Name>{escape(name)}</Name></Inference></Why>" if name else "",
            _citations(cites),
        )
    )
    head = f"<{prefix}VOEvent{space} ivorn={quoteattr(ivorn)}{stated} version={quoteattr(version)}>"
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{head}{body}</{prefix}VOEvent>".encode()


def an_lvk_voevent(
    superevent: str = "S261122qx", kind: str = "Preliminary", number: int = 150, **more: object
) -> bytes:
    """Write one gravitational-wave notice; `more` are parameters."""
    params = {"Packet_Type": number, "Pkt_Ser_Num": 1, "GraceID": superevent, "AlertType": kind} | more
    map_ = {} if kind == "Retraction" else {"GW_SKYMAP": {"skymap_fits": "https://gracedb.example/b.fits,0"}}
    role = str(params.pop("role", "observation"))
    groups = {**map_, "Classification": {"BNS": 0.9, "Terrestrial": 0.1}, "Properties": {"HasNS": 1.0}}
    return a_voevent(
        f"ivo://gwnet/LVC#{superevent}-1-{kind}", params, role=role, groups=groups, place=None, radius=None
    )


def _who(date: str | None) -> str:
    stated = "" if date is None else f"<Date>{escape(date)}</Date>"
    return f"<Who><AuthorIVORN>ivo://example/author</AuthorIVORN>{stated}</Who>"


def _params(params: Params) -> str:
    return "".join(f"<Param name={quoteattr(key)} value={quoteattr(str(value))}/>" for key, value in params.items())


def _groups(groups: Mapping[str, Params]) -> str:
    return "".join(f"<Group name={quoteattr(key)}>{_params(params)}</Group>" for key, params in groups.items())


def _where_when(time: str | None, place: tuple[object, object] | None, radius: object, unit: str, system: str) -> str:
    stated = "" if time is None else f"<Time><TimeInstant><ISOTime>{escape(time)}</ISOTime></TimeInstant></Time>"
    error = "" if radius is None else f"<Error2Radius>{radius}</Error2Radius>"
    position = "" if place is None else f"<Value2><C1>{place[0]}</C1><C2>{place[1]}</C2></Value2>{error}"
    where = (
        "" if place is None else f'<Position2D unit="{unit}"><Name1>RA</Name1><Name2>Dec</Name2>{position}</Position2D>'
    )
    observatory = (
        '<ObservatoryLocation id="X"><AstroCoords coord_system_id="UTC-GEOD-TOPO"><Position3D><Value3>'
        "<C1>1.5</C1><C2>2.5</C2><C3>3.5</C3></Value3></Position3D></AstroCoords></ObservatoryLocation>"
    )
    coordinates = f"<AstroCoords coord_system_id={quoteattr(system)}>{stated}{where}</AstroCoords>"
    seen = f"<ObservationLocation><AstroCoordSystem id={quoteattr(system)}/>{coordinates}</ObservationLocation>"
    return f"<WhereWhen><ObsDataLocation>{observatory}{seen}</ObsDataLocation></WhereWhen>"


def _citations(cites: Sequence[tuple[str, str]]) -> str:
    listed = "".join(f"<EventIVORN cite={quoteattr(rel)}>{escape(to)}</EventIVORN>" for rel, to in cites)
    return f"<Citations>{listed}</Citations>" if cites else ""
