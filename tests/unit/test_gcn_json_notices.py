"""GCN notices in JSON: the core, each mission's own, and what must never happen."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from coordinator.alerts.alert import Alert, Link, Phase, Purpose
from coordinator.alerts.message import Alerts, Ignored, Rejected, Understood
from coordinator.alerts.registry import understand

BASE = "https://gcn.nasa.gov/schema/main/gcn/notices/"


def cards(*pairs: str) -> bytes:
    block = "".join(card.ljust(80) for card in (*pairs, "END")).encode()
    return block.ljust(-(-len(block) // 2880) * 2880)


A_MAP = cards("SIMPLE  =                    T", "BITPIX  = 8", "NAXIS   = 0") + cards(
    "XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 0", "NAXIS2  = 0", "ORDERING= 'NUNIQ'"
)


def a_notice(schema: str | None = "einstein_probe/wxt/alert", **changes: Any) -> dict[str, Any]:
    notice: dict[str, Any] = {
        "trigger_time": "2026-11-22T19:40:05.5Z",
        "id": ["01709299901"],
        "ra": 201.3,
        "dec": -43.0,
        "ra_dec_error": 0.05,
    }
    if schema is not None:
        notice["$schema"] = f"{BASE}{schema}.schema.json"
    return {key: value for key, value in (notice | changes).items() if value is not ...}


def meaning(notice: Any, **transport: Any) -> Understood:
    raw = notice if isinstance(notice, bytes) else json.dumps(notice).encode()
    return understand(raw, name="notice.json", **transport)


def alert_of(notice: Any, **transport: Any) -> Alert:
    found = meaning(notice, **transport)
    assert isinstance(found, Alerts), found
    return found.alerts[0]


def test_a_notice_says_event_time_and_place() -> None:
    alert = alert_of(a_notice(instrument="WXT", alert_datetime="2026-11-22T19:44:00", record_number=3, far=1e-8))
    assert (alert.stream, alert.event_key, alert.messenger) == ("einstein_probe", "einstein_probe:01709299901", "EM")
    assert alert.t0 == datetime(2026, 11, 22, 19, 40, 5, 500000, UTC)
    assert alert.t_issued == datetime(2026, 11, 22, 19, 44, tzinfo=UTC)
    assert (alert.revision_number, alert.far_hz, alert.instruments) == (3, 1e-8, ("WXT",))
    where = alert.localization
    assert (where.kind, where.ra_deg, where.dec_deg, where.radius_deg) == ("cone", 201.3, -43.0, 0.05)
    assert (where.containment, where.systematic_included) == (0.9, False)
    assert alert.purpose is Purpose.OBSERVATION and alert.phase is None


@pytest.mark.parametrize(
    ("schema", "id_", "key"),
    [
        ("burstcube/alert", "240601000", "burstcube:240601000"),
        ("chime/frb", "427325191", "chime:427325191"),
        ("dsa110/frb", ["frb1"], "dsa110:frb1"),
        ("fermi/gbm/trigger", ["bn240812094", "745121685"], "fermi.gbm:745121685"),
        ("fermi/lat/flare", "x", "fermi.lat:x"),
        ("glowbug/Alert", ["BUG260101.500", 17], "glowbug:BUG260101.500"),
        ("icecube/single_neutrino_alerts", ["137840_0057034692"], "icecube:137840_57034692"),
        ("km3net/alert", "KM1", "km3net:KM1"),
        ("maxi/gsc.unknown", "0858800020", "maxi:0858800020"),
        ("superk/sn_alert", "SN.095001.000001", "superk:SN.095001.000001"),
        ("svom/trigger", ["sb24022203"], "svom:sb24022203"),
        ("swift/bat/Guano", ["694215995"], "swift.guano:694215995"),
        ("swift/new/thing", 7, "swift:7"),
        ("einstein_probe/wxt/alert", 9007199254740993, "einstein_probe:9007199254740993"),
    ],
)
def test_the_schema_says_whose_id_it_is(schema: str, id_: Any, key: str) -> None:
    assert alert_of(a_notice(schema, id=id_)).event_key == key
    versioned = a_notice(schema, id=id_) | {
        "$schema": f"https://gcn.nasa.gov/docs/schema/v4.1.0/gcn/notices/{schema}.schema.json"
    }
    assert alert_of(versioned).event_key == key


@pytest.mark.parametrize(
    ("changes", "stream", "key"),
    [
        ({"mission": "Fermi", "instrument": "GBM"}, "fermi.gbm", "fermi.gbm:01709299901"),
        ({"mission": "Fermi"}, "fermi", "fermi:01709299901"),
        ({"mission": "IceCube"}, "icecube", "icecube:01709299901"),
        ({"mission": "Swift", "instrument": "BAT"}, "swift", "swift:01709299901"),
        ({"instrument": "WXT"}, "einstein_probe", "einstein_probe:01709299901"),
        ({"mission": "CALET", "instrument": "GBM"}, "gcn:CALET", "calet:01709299901"),
        ({"mission": "LVK"}, "gcn:LVK", "gcn.lvk:01709299901"),
        ({}, "gcn:unknown", "gcn:01709299901"),
    ],
)
def test_without_a_schema_the_fields_say_whose_it_is(changes: dict[str, Any], stream: str, key: str) -> None:
    alert = alert_of(a_notice(None, **changes))
    assert (alert.stream, alert.event_key) == (stream, key)


def test_a_mission_that_nobody_knows_is_read_by_the_core() -> None:
    alert = alert_of(a_notice("lighthouse/beam/alert", mission="Lighthouse", id="L1", mood="bright"))
    assert (alert.stream, alert.event_key, alert.localization.kind) == ("gcn:Lighthouse", "lighthouse:L1", "cone")


@pytest.mark.parametrize("claimed", ["fermi", "lvk", "Swift.Guano", "einstein_probe"])
def test_an_unknown_mission_never_claims_the_events_of_another(claimed: str) -> None:
    key = alert_of(a_notice("lighthouse/beam/alert", mission=claimed, id="S190814bv")).event_key
    assert key.split(":")[0] not in ("lvk", "fermi", "fermi.gbm", "swift.guano", "einstein_probe")


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("fermi/gbm/trigger", {"instrument": "WXT"}),
        ("fermi/gbm/trigger", {"mission": "Fermi", "instrument": "LAT"}),
        ("maxi/gsc.known", {"mission": "Swift"}),
    ],
)
def test_a_notice_that_contradicts_its_schema_is_rejected(schema: str, said: dict[str, Any]) -> None:
    found = meaning(a_notice(schema, **said))
    assert isinstance(found, Rejected) and found.reason.startswith("GCN notice contradicts itself")


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("swift/bat/Guano", {"mission": "Swift", "instrument": "BAT-GUANO"}),
        ("chime/frb", {"mission": "CHIME/FRB"}),
        ("boom/alert", {"mission": "ZTF"}),
        ("heasarc/archive_alert", {"mission": "Swift"}),
        ("icecube/lvk_nu_track_search", {"mission": "IceCube", "instrument": "IC86"}),
    ],
)
def test_a_strange_spelling_is_no_contradiction(schema: str, said: dict[str, Any]) -> None:
    assert isinstance(meaning(a_notice(schema, **said)), Alerts)


@pytest.mark.parametrize(
    ("kind", "phase"),
    [
        ("initial", Phase.INITIAL),
        ("Subsequent", Phase.UPDATE),
        ("update", Phase.UPDATE),
        ("retraction", Phase.RETRACTION),
        ("correction", None),
        (None, None),
        (17, None),
    ],
)
def test_kinds_are_phases_and_unknown_ones_are_kept(kind: Any, phase: Phase | None) -> None:
    assert alert_of(a_notice(alert_type=kind)).phase is phase


@pytest.mark.parametrize(
    ("changes", "purpose"),
    [
        ({"alert_tense": "current"}, Purpose.OBSERVATION),
        ({"alert_tense": "archival"}, Purpose.OBSERVATION),
        ({"alert_tense": "test"}, Purpose.TEST),
        ({"alert_tense": "injection"}, Purpose.INJECTION),
        ({"alert_tense": "hypothetical"}, None),
        ({"alert_tense": ["current"]}, None),
        ({"$schema": f"{BASE}burstcube/test.schema.json"}, Purpose.TEST),
        ({"$schema": f"{BASE}km3net/test/medal.schema.json"}, Purpose.TEST),
        ({"ref_ID": "MS261122qx"}, Purpose.MOCK),
        ({"reference": {"gcn.notices.LVK.alert": "TS261122qx-1-Preliminary"}}, Purpose.TEST),
        ({"ref_ID": "S261122qx"}, Purpose.OBSERVATION),
        ({"is_test": "True"}, Purpose.TEST),
    ],
)
def test_the_strictest_marker_is_the_purpose(changes: dict[str, Any], purpose: Purpose | None) -> None:
    assert alert_of(a_notice(**changes)).purpose is purpose


def test_topic_and_headers_are_markers() -> None:
    assert alert_of(a_notice(), topic="gcn.notices.einstein_probe.wxt.test").purpose is Purpose.TEST
    assert alert_of(a_notice(), headers={"_test": "true"}).purpose is Purpose.TEST


def test_a_marker_that_stands_twice_counts_both_times() -> None:
    raw = json.dumps(a_notice(alert_tense="test")).encode()
    real_last = raw.replace(b'"alert_tense": "test"', b'"alert_tense": "test", "alert_tense": "current"')
    assert alert_of(real_last).purpose is Purpose.TEST
    twice = raw.replace(b'"ra": 201.3', b'"ra": 1.0, "ra": 201.3')
    assert meaning(twice) == Rejected("GCN notice says 'ra' twice, differently")


@pytest.mark.parametrize(
    ("changes", "kind", "refused"),
    [
        ({"ra_dec_error": [0.2, 0.1, 30]}, "ellipse", None),
        ({"ra_dec_error": [0.2, 0.1]}, "ellipse", None),
        ({"ra_dec_error": [0.2]}, "cone", None),
        ({"ra_dec_error": [0.2, 0.2, 9]}, "cone", None),
        ({"ra_dec_error": ...}, "point", None),
        ({"ra_dec_error": 0}, "point", None),
        ({"ra_dec_error": "wide"}, "point", None),
        ({"ra_dec_error": 360}, "allsky", None),
        ({"ra_dec_error": -1}, "none", "position: an error radius of -1"),
        ({"ra": 412.5}, "none", "position: right ascension 412.5 is beyond 0 to 360"),
        ({"dec": -97.1}, "none", "position: declination -97.1 is beyond -90 to 90"),
        ({"dec": ...}, "none", "position: no declination"),
        ({"ra": ..., "dec": ..., "ra_dec_error": ...}, "none", None),
    ],
)
def test_a_place_is_what_is_said_and_never_wrapped_round(
    changes: dict[str, Any], kind: str, refused: str | None
) -> None:
    where = alert_of(a_notice(**changes)).localization
    assert (where.kind, where.refused) == (kind, refused)


def test_an_ellipse_keeps_its_axes_and_angle() -> None:
    where = alert_of(a_notice(ra_dec_error=[0.1, 0.2, 30], containment_probability=0.68)).localization
    assert (where.half_axes_deg, where.position_angle_deg, where.containment) == ((0.1, 0.2), 30.0, 0.68)


def test_four_corners_are_a_polygon() -> None:
    corners = [[345.7, 19.5], [345.4, 19.2], [347.3, 17.6], [347.5, 17.8]]
    where = alert_of(a_notice("maxi/gsc.unknown", ra_dec_error=..., rectangular_error_corners=corners)).localization
    assert (where.kind, where.ra_deg, where.containment) == ("polygon", 201.3, 0.9)
    assert where.corners_deg == tuple((ra, dec) for ra, dec in corners)


@pytest.mark.parametrize("stated", [90, 0, -1, "all", None])
def test_a_containment_that_is_none_is_that_of_the_schema(stated: Any) -> None:
    assert alert_of(a_notice(containment_probability=stated)).localization.containment == 0.9


def test_an_embedded_map_is_the_place() -> None:
    encoded = base64.b64encode(A_MAP).decode()
    found = meaning(a_notice(healpix_file=encoded, healpix_url="https://maps.example/a.fits"))
    assert isinstance(found, Alerts)
    where = found.alerts[0].localization
    assert (where.kind, where.skymap_sha256) == ("multiorder", hashlib.sha256(A_MAP).hexdigest())
    assert (where.url, where.ra_deg) == ("https://maps.example/a.fits", 201.3)
    assert found.maps == {where.skymap_sha256: A_MAP}


def test_a_map_that_cannot_be_used_leaves_the_cone_and_says_why() -> None:
    where = alert_of(a_notice(healpix_file="stuff...")).localization
    assert (where.kind, where.refused, where.warnings) == ("cone", None, ("sky map: not base64",))
    alone = alert_of(a_notice(healpix_file="stuff...", ra=..., dec=..., ra_dec_error=...)).localization
    assert (alone.kind, alone.refused) == ("none", "sky map: not base64")


def test_a_link_is_kept_beside_a_cone_and_alone() -> None:
    link = "https://maps.example/a.fits"
    assert alert_of(a_notice(healpix_url=link)).localization.url == link
    alone = alert_of(a_notice(healpix_url=link, ra=..., dec=..., ra_dec_error=...)).localization
    assert (alone.kind, alone.url) == ("link", link)
    assert alert_of(a_notice(healpix_url="file:///etc/passwd")).localization.url is None


def test_gbm_has_the_stages_of_its_other_formats() -> None:
    gbm = a_notice("fermi/gbm/trigger", id=["745121685"], subtype="FLIGHT_POSITION")
    assert alert_of(gbm).stage == "GBM FLT_POS"
    assert alert_of(gbm | {"subtype": "FINAL_POSITION"}).stage == "GBM FIN_POS"
    assert alert_of(gbm | {"subtype": "BETTER_POSITION"}).stage == "BETTER_POSITION"
    below = alert_of(gbm | {"subtype": None, "reliability": "LOW"})
    assert (below.stage, below.event_key) == ("GBM SUBTHRESH", "fermi.gbm.subthresh:2026-11-22T19:40:05.50Z")


@pytest.mark.parametrize(
    ("classes", "no_event"),
    [
        ({"GRB": 0.85, "GENERIC_SGR": 0.14}, None),
        ({"UNRELIABLE_LOCATION": 1}, None),
        ({"BELOW_HORIZON": 1}, "most likely BELOW_HORIZON, says the notice"),
        ({"SOLAR_FLARE": 0.6, "GRB": 0.4}, "most likely SOLAR_FLARE, says the notice"),
        ({}, None),
        (None, None),
        (["GRB"], None),
    ],
)
def test_a_gbm_trigger_may_be_no_burst(classes: Any, no_event: str | None) -> None:
    assert alert_of(a_notice("fermi/gbm/trigger", classification=classes)).no_event == no_event
    assert alert_of(a_notice(classification=classes)).no_event is None


def test_a_neutrino_search_round_a_gravitational_wave_is_an_event_of_its_own() -> None:
    search = a_notice(
        "icecube/lvk_nu_track_search",
        id=..., ra=..., dec=..., ra_dec_error=...,
        ref_ID="S261122qx",
        reference={"gcn.notices.LVK.alert": "S261122qx-2-Preliminary"},
        n_events_coincident=1,
        pval_generic=0.01,
        pval_bayesian=None,
        most_probable_direction={"ra": 10.0, "dec": 5.0},
        coincident_events=[{"event_dt": -12.0, "ra": 10.1, "dec": 5.1, "ra_dec_error": 0.6}],
    )  # fmt: skip
    alert = alert_of(search)
    assert (alert.event_key, alert.messenger) == ("icecube.lvk_nu:S261122qx", "NU")
    assert alert.links == (Link("coincident", "lvk:S261122qx"),)
    assert (alert.localization.kind, alert.localization.ra_deg) == ("point", 10.0)
    assert alert.external_coincidence == "IceCube, n_events_coincident=1, pval_generic=0.01"
    old = "https://gcn.nasa.gov/docs/schema/stable/gcn/notices/icecube/LvkNuTrackSearch.schema.json"
    assert alert_of(search | {"$schema": old}).event_key == alert.event_key
    del search["$schema"]
    assert alert_of(search).event_key == alert.event_key
    single = search | {"most_probable_direction": None}
    assert alert_of(single).localization.radius_deg == 0.6


def test_each_object_of_boom_is_an_alert() -> None:
    crossed = [{"ref_type": "GW", "ref_instrument": "LVK", "ref_ID": "S261122qx"}]
    notice = {
        "$schema": f"{BASE}boom/alert.schema.json",
        "mission": "BOOM",
        "alert_datetime": "2026-11-23T08:00:00Z",
        "data": {
            "targets": [
                {"event_name": "ZTF26aaaaaaa", "ra": 10.0, "dec": 5.0, "gcn_crossmatch": crossed},
                {"event_name": ["ZTF26aaaaaab"], "ra": 11.0, "dec": 6.0, "ra_dec_error": 1e-4},
            ],
            "photometry": [
                {"event_name": "ZTF26aaaaaaa", "observation_start": "2026-11-23T05:00:00Z", "mag": 20.1},
                {"event_name": "ZTF26aaaaaaa", "observation_start": "2026-11-23T04:00:00Z", "mag": 20.3},
                {"event_name": "ZTF26aaaaaaa", "observation_start": "2026-11-22T04:00:00Z", "limiting_mag": 21.0},
            ],
        },
    }
    found = meaning(notice)
    assert isinstance(found, Alerts)
    first, second = found.alerts
    assert (first.event_key, second.event_key) == ("boom:ZTF26aaaaaaa", "boom:ZTF26aaaaaab")
    assert first.t0 == datetime(2026, 11, 23, 4, tzinfo=UTC) and second.t0 is None
    assert (first.localization.kind, second.localization.kind) == ("point", "cone")
    assert first.links == (Link("coincident", "lvk:S261122qx"),)


def test_what_has_neither_id_nor_time_is_rejected() -> None:
    assert meaning({"$schema": f"{BASE}maxi/gsc.known.schema.json"}) == Rejected("GCN notice without id, name and time")
    by_time = alert_of(a_notice("glowbug/Alert", id=...))
    assert by_time.event_key == "glowbug:2026-11-22T19:40:05.50Z"
    by_name = alert_of(a_notice("km3net/alert", id=..., event_name=["KM3-261122A"]))
    assert (by_name.event_key, by_name.name) == ("km3net:KM3-261122A", "KM3-261122A")


def test_a_part_of_the_core_schema_is_no_alert() -> None:
    assert isinstance(meaning({"$schema": f"{BASE}core/Reporter.schema.json", "mission": "Hubble"}), Ignored)


def test_copies_over_two_transports_are_one_notice() -> None:
    one = alert_of(a_notice(healpix_file=base64.b64encode(A_MAP).decode()))
    wrapped = a_notice(healpix_file=base64.encodebytes(A_MAP).decode(), far=None, ra_dec_error=0.050)
    other = alert_of(json.dumps(wrapped, indent=2, sort_keys=True).encode(), source="hop")
    assert one.notice_id == other.notice_id and one.raw_sha256 != other.raw_sha256
    other_version = a_notice() | {
        "$schema": "https://gcn.nasa.gov/schema/v9.9.9/gcn/notices/einstein_probe/wxt/alert.schema.json"
    }
    assert alert_of(other_version).notice_id == alert_of(a_notice()).notice_id


@pytest.mark.parametrize(
    "changes", [{"ra": 201.4}, {"record_number": 2}, {"alert_type": "update"}, {"id": ["2"]}, {"id": [2**53 + 1]}]
)
def test_notices_that_say_something_else_are_two(changes: dict[str, Any]) -> None:
    assert (
        alert_of(a_notice(**changes)).notice_id
        != alert_of(a_notice(id=[2**53] if "id" in changes else ["01709299901"])).notice_id
    )


def targets(*listed: Any) -> dict[str, Any]:
    return a_notice("boom/alert", id=..., ra=..., dec=..., trigger_time=..., data={"targets": list(listed)})


def test_no_object_of_a_list_is_dropped_in_silence() -> None:
    known = {"event_name": "ZTF26aaaaaab", "ra": 1.0, "dec": 2.0}
    assert isinstance(meaning(targets(known, {"ra": 1.0, "dec": 2.0})), Rejected)
    many = [{"event_name": f"ZTF26aaaaa{n:03d}", "ra": 1.0, "dec": 2.0} for n in range(257)]
    assert isinstance(meaning(targets(*many)), Rejected)
    assert isinstance(meaning(targets(*many[:200]) | {"pad": "x" * 2_000_000}), Rejected)
    found = meaning(targets(*many[:256]))
    assert isinstance(found, Alerts) and len(found.alerts) == 256


def test_an_object_of_a_list_is_what_its_own_tense_says() -> None:
    found = meaning(targets({"event_name": "A"}, {"event_name": "B", "alert_tense": "injection"}))
    assert isinstance(found, Alerts)
    assert [alert.purpose for alert in found.alerts] == [Purpose.OBSERVATION, Purpose.INJECTION]


@pytest.mark.parametrize(
    ("error", "kind", "radius_deg"),
    [([1.0, None, 30.0], "cone", 1.0), ([None, 2.0], "point", None), ([1.0, "x"], "cone", 1.0)],
)
def test_an_unknown_axis_is_not_replaced_by_the_number_behind_it(error: Any, kind: str, radius_deg: Any) -> None:
    where = alert_of(a_notice(ra_dec_error=error)).localization
    assert (where.kind, where.radius_deg) == (kind, radius_deg)


@pytest.mark.parametrize(("stated", "held"), [(0.5, 0.5), (68, 0.68), (90.0, 0.9), (1, 1.0), (0, 0.9), (400, 0.9)])
def test_a_containment_in_per_cent_is_understood(stated: float, held: float) -> None:
    assert alert_of(a_notice(containment_probability=stated)).localization.containment == pytest.approx(held)


@pytest.mark.parametrize("stated", ["2026-11-22 19:40:05.5 UTC", "2026-11-22T19:40:05.5UT", "2026-11-22T19:40:05.5 Z"])
def test_a_time_that_names_its_scale_is_read(stated: str) -> None:
    assert alert_of(a_notice(trigger_time=stated)).t0 == datetime(2026, 11, 22, 19, 40, 5, 500000, UTC)


@pytest.mark.parametrize(
    "changes",
    [{"follow_up_event": "LVC MS261122qx"}, {"event_name": ["MS261122qx"]}, {"ref_ID": "MS261122qx-2-Preliminary"}],
)
def test_what_names_a_mock_is_one_wherever_the_name_stands(changes: dict[str, Any]) -> None:
    assert alert_of(a_notice("swift/bat/Guano", **changes)).purpose is Purpose.MOCK
    real = {key: json.loads(json.dumps(value).replace("MS", "S")) for key, value in changes.items()}
    assert alert_of(a_notice("swift/bat/Guano", **real)).purpose is Purpose.OBSERVATION
