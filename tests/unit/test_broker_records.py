"""What brokers and the name server tell of objects: a lead each, under the key of the survey's own alerts."""

import json
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from builders.avro import container

from coordinator.alerts.leads import Leads, ReportedMagnitude
from coordinator.alerts.message import Ignored, Rejected, Reports, Understood
from coordinator.alerts.packed import MAX_UNPACKED_BYTES
from coordinator.alerts.registry import understand
from coordinator.alerts.reports.brokers import MOST
from coordinator.services.intake import Intake
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer

HEAD = (
    '"objid","name_prefix","name","ra","declination","redshift","typeid","type","reporting_groupid","reporting_group",'
    '"source_groupid","source_group","discoverydate","discoverymag","discmagfilter","filter","reporters",'
    '"time_received","internal_names","Discovery_ADS_bibcode","Class_ADS_bibcodes","creationdate","lastmodified"'
)


def a_row(number: int, **changes: Any) -> str:
    row = {"objid": number, "prefix": "AT", "name": f"2026a{number}", "ra": 10.5, "dec": -20.25, "z": "", "mag": 19.1}
    said = row | changes
    cells = [
        *(said["objid"], said["prefix"], said["name"], said["ra"], said["dec"], said["z"], "", "", 74, "ALeRCE"),
        *(48, "ZTF", "2026-11-21 08:28:24", said["mag"], 111, "r", "someone, else", "2026-11-22 01:00:00"),
        *(f"ZTF26a{number}, PS26x", "", "", "2026-11-22 01:00:05", "2026-11-22 03:00:00"),
    ]
    return ",".join(f'"{cell}"' for cell in cells)


def a_table(*rows: str, first: str = '"2026-11-22 00:00:00 - 23:59:59"') -> bytes:
    return "\n".join([first, HEAD, *rows, ""]).encode()


def zipped(*files: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", method) as out:
        for at, data in enumerate(files):
            out.writestr(f"{at}.csv", data)
    return made.getvalue()


def meaning(what: Any, **transport: Any) -> Understood:
    raw = what if isinstance(what, bytes) else json.dumps(what).encode()
    return understand(raw, name="x", **transport)


def lead_of(what: Any) -> Leads:
    found = meaning(what)
    assert isinstance(found, Leads), found
    return found


ANTARES = {
    "locus_id": "ANT2019b5sdo",
    "ra": 358.9,
    "dec": 2.08,
    "properties": {"survey": {"lsst": {"dia_object_id": ["170595943059554358"]}}},
    "alerts": [
        {"lsst_diaSource_psfFlux": 3631.0, "lsst_diaSource_band": "i", "lsst_diaSource_midpointMjdTai": 61219.5}
    ],
}
FINK = {"i:objectId": "ZTF19aaosfcb", "i:ra": 284.6, "i:dec": 29.1, "i:jd": 2460826.9, "i:magpsf": 14.9, "i:fid": 1}


@pytest.mark.parametrize(
    ("record", "broker", "key"),
    [
        (
            {"oid": "ZTF18abcgqmz", "meanra": 279.9, "meandec": -4.87, "lastmjd": 58347.2},
            "alerce",
            "ztf.object:ZTF18abcgqmz",
        ),
        ({"oid": 170595943059554358, "meanra": 1.0, "meandec": 2.0}, "alerce", "rubin.dia_object:170595943059554358"),
        (ANTARES, "antares", "rubin.dia_object:170595943059554358"),
        (ANTARES | {"properties": {"ztf_object_id": "ZTF18abcgqmz"}}, "antares", "ztf.object:ZTF18abcgqmz"),
        (ANTARES | {"properties": None, "alerts": None}, "antares", "antares.locus:ANT2019b5sdo"),
        ([FINK, FINK | {"i:jd": 2460820.9}], "fink", "ztf.object:ZTF19aaosfcb"),
        (
            [{"r:diaObjectId": 313637921267122191, "r:ra": 9.0, "r:dec": -44.1}],
            "fink",
            "rubin.dia_object:313637921267122191",
        ),
        (
            {"diaObjectId": 313637921267122191, "ra": 9.0, "decl": -44.1},
            "lasair",
            "rubin.dia_object:313637921267122191",
        ),
        (
            {"objectId": "ZTF18abcgqmz", "ramean": 1.0, "decmean": 2.0, "UTC": "2026-11-22 01:00:00"},
            "lasair",
            "ztf.object:ZTF18abcgqmz",
        ),
        (
            [{"diaObject": {"diaObjectId": 7, "ra": 1.0, "decl": 2.0}, "diaSourcesList": []}],
            "lasair",
            "rubin.dia_object:7",
        ),
    ],
)
def test_a_broker_s_record_is_a_lead_under_the_key_of_the_survey(record: Any, broker: str, key: str) -> None:
    lead = lead_of(record)
    assert (lead.stream, lead.event_key, lead.retraction) == (broker, key, False)
    assert len(lead.positions) == 1 and lead.reason.endswith("leads only, never facts")


def test_a_flux_in_nanojansky_is_an_ab_magnitude() -> None:
    (mag,) = lead_of(ANTARES).magnitudes
    assert mag == ReportedMagnitude(22.5, band="i", system="AB")
    assert lead_of([FINK]).magnitudes == (ReportedMagnitude(14.9, band="g"),)


def test_a_list_of_objects_is_a_lead_each() -> None:
    items = [{"oid": f"ZTF26aaaaaa{sign}", "meanra": 1.0, "meandec": 2.0} for sign in "abc"]
    found = meaning({"total": 3, "items": items})
    assert isinstance(found, Reports) and [one.name for one in found.leads] == [one["oid"] for one in items]
    many = [{"oid": n + 1, "meanra": 1.0, "meandec": 2.0} for n in range(MOST + 1)]
    assert isinstance(meaning(many), Rejected)


@pytest.mark.parametrize("wrong", [{"meandec": 95.0}, {"oid": None}, {"meanra": None}])
def test_a_record_without_an_object_or_its_place_is_kept_with_the_reason(wrong: dict[str, Any]) -> None:
    found = meaning({"oid": "ZTF1", "meanra": 1.0, "meandec": 2.0} | wrong)
    assert isinstance(found, Rejected) and "alerce" in found.reason


def test_a_report_of_ampel_is_a_lead_with_brightness_and_the_redshift_of_its_host() -> None:
    place = [{"name": name, "type": kind} for name, kind in (("id", "long"), ("ra", "double"), ("dec", "double"))]
    point = [
        {"name": name, "type": kind} for name, kind in (("time", "double"), ("flux", "double"), ("band", "string"))
    ]
    host = [{"name": "redshift", "type": "double"}]
    schema = {
        "type": "record",
        "name": "x.LSSTReport",
        "fields": [
            {"name": "object", "type": {"type": "record", "name": "x.Object", "fields": place}},
            {
                "name": "photometry",
                "type": {"type": "array", "items": {"type": "record", "name": "x.P", "fields": point}},
            },
            {"name": "host", "type": {"type": "array", "items": {"type": "record", "name": "x.H", "fields": host}}},
        ],
    }
    points = [{"time": 2461191.5, "flux": 3631.0, "band": "lsstg"}, {"time": 2461190.5, "flux": 1.0, "band": "lssti"}]
    record = {
        "object": {"id": 170472689154654242, "ra": 149.9, "dec": 0.5},
        "photometry": points,
        "host": [{"redshift": 0.45}],
    }
    lead = lead_of(container(schema, record))
    assert (lead.stream, lead.event_key, lead.redshift) == ("ampel", "rubin.dia_object:170472689154654242", 0.45)
    assert lead.magnitudes == (ReportedMagnitude(22.5, band="g", system="AB"),)


@pytest.mark.parametrize("pack", [zipped, bytes])
def test_a_day_of_the_name_server_is_a_lead_for_each_object(pack: Any) -> None:
    found = meaning(pack(a_table(a_row(1), a_row(2, prefix="SN", z=0.03, mag=""))))
    assert isinstance(found, Reports), found
    first, second = found.leads
    assert (first.event_key, first.name, first.native_ids) == ("tns:2026a1", "AT 2026a1", ("tns.objid:1",))
    assert (first.positions[0].ra_deg, first.positions[0].dec_deg) == (10.5, -20.25)
    assert first.magnitudes == (ReportedMagnitude(19.1, band="r"),) and first.names == ("ZTF26a1", "PS26x")
    assert (second.name, second.redshift, second.magnitudes) == ("SN 2026a2", 0.03, ())
    assert first.t_issued is not None and first.t_issued.isoformat() == "2026-11-22T03:00:00+00:00"


def test_a_table_may_begin_with_its_headings() -> None:
    assert isinstance(meaning("\n".join([HEAD, a_row(1)]).encode()), Reports)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (a_table(), "without objects"),
        (a_table(a_row(1, name="")), "object 1 has no name"),
        (a_table('"x' + "y" * 200_000 + '"'), "field larger"),
        (a_table(*[a_row(1)] * 4001), "more than 4000"),
        (zipped(b"a", b"b"), "a zip of 2 files"),
        (zipped(*[b"a"] * 100), "a zip of many files"),
        (zipped(a_table(a_row(1)))[:60], "zip that cannot be unpacked"),
        (zipped(b"0" * (MAX_UNPACKED_BYTES + 1)), "more than 16 MiB"),
        (zipped(a_table(a_row(1)), method=zipfile.ZIP_LZMA), "packed by method 14"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_table_that_cannot_be_read_is_kept_with_the_reason(raw: bytes, reason: str) -> None:
    found = meaning(raw)
    assert isinstance(found, Rejected) and reason in found.reason


def test_a_table_may_end_with_a_quote_and_have_plain_headings() -> None:
    plain = "\n".join([HEAD.replace('"', ""), a_row(1)]).encode()
    assert isinstance(meaning(plain), Reports | Leads)


def test_the_answer_of_a_search_is_a_lead_for_each_name() -> None:
    reply = [{"objname": "2026abc", "prefix": "SN", "objid": 5}, {"objname": "2026abd", "prefix": "AT", "objid": 6}]
    found = meaning({"id_code": 200, "id_message": "OK", "data": {"reply": reply}})
    assert isinstance(found, Reports) and [one.name for one in found.leads] == ["SN 2026abc", "AT 2026abd"]


@pytest.mark.parametrize("wrong", [{"objid": 6}, None, "2026abd"])
def test_the_answer_of_a_search_is_kept_whole_where_one_entry_has_no_name(wrong: Any) -> None:
    reply = [{"objname": "2026abc", "prefix": "SN", "objid": 5}, wrong]
    found = meaning({"id_code": 200, "id_message": "OK", "data": {"reply": reply}})
    assert isinstance(found, Rejected) and "without a name" in found.reason


async def test_each_lead_is_journalled_once_however_often_a_table_comes() -> None:
    journal = InMemoryJournal()

    async def read_map(data: bytes) -> Any:
        raise AssertionError("there is no map")

    class Clock:
        rate = 1.0

        def now(self) -> datetime:
            return datetime(2026, 11, 23, tzinfo=UTC)

    intake = Intake(await Writer.elected(journal, "source/tns"), InMemoryBlobs(), Clock(), read_map, "tns")
    first = await intake.receive(zipped(a_table(a_row(1), a_row(2))), name="tns")
    again = await intake.receive(a_table(a_row(1), a_row(2), a_row(3)), name="tns")
    assert (first.outcome, first.reason) == ("ignored", "2 objects: leads only, never facts")
    assert again.reason == "3 objects: leads only, never facts"
    kinds = [stored.entry.kind for stored in journal.stored]
    assert kinds[1:] == ["circular_received"] * 3


def test_on_a_stream_what_may_be_an_alert_in_an_unknown_form_is_kept_and_prose_that_names_nothing_is_not() -> None:
    other = container({"type": "record", "name": "x.Y", "fields": [{"name": "a", "type": "int"}]}, {"a": 1})
    assert isinstance(meaning(other), Ignored)
    assert isinstance(meaning(other, topic="gcn.notices.new"), Rejected)
    prose = b"We thank everybody who took part in the meeting of last week."
    assert isinstance(meaning(prose, topic="sys.talk"), Ignored)
    named = b"The event S230518h will be discussed at the meeting of next week."
    assert isinstance(meaning(named), Ignored)
    kept = meaning(named, topic="sys.talk")
    assert isinstance(kept, Rejected) and "S230518h" in kept.reason
    assert isinstance(meaning(b"\xfe\xfd\xfc", headers={"_format": "blob"}, topic="x"), Rejected)
