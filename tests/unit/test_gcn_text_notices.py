"""GCN notices as classic text: the same keys and stages as the VOEvents of the same notices."""

from datetime import UTC, datetime

import pytest

from coordinator.alerts.alert import Alert, Phase, Purpose
from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Alerts, Ignored, Rejected
from coordinator.alerts.registry import understand


def a_text(title: str, kind: str, **fields: str) -> str:
    head = {"TITLE": f"GCN/{title} NOTICE", "NOTICE_DATE": "Sun 22 Nov 26 19:41:00 UT", "NOTICE_TYPE": kind}
    return "".join(f"{key + ':':<17}{value}\n" for key, value in (head | fields).items() if value)


BURST = {
    "TRIGGER_NUM": "812345678",
    "GRB_RA": "214.517d {+14h 18m 04s} (J2000),\n                 214.856d {+14h 19m 25s} (current)",
    "GRB_DEC": "-11.300d {-11d 18' 00\"} (J2000),\n                 -11.437d {-11d 26' 13\"} (current)",
    "GRB_ERROR": "1.75 [deg radius, statistical only]",
    "GRB_DATE": "21366 TJD;   326 DOY;   26/11/22",
    "GRB_TIME": "70805.50 SOD {19:40:05.50} UT",
}


def alerts_of(text: str | bytes) -> tuple[Alert, ...]:
    found = understand(text if isinstance(text, bytes) else text.encode(), name="notice.txt")
    assert isinstance(found, Alerts), found
    return found.alerts


def alert_of(text: str | bytes) -> Alert:
    (alert,) = alerts_of(text)
    return alert


def test_a_notice_says_event_time_and_place() -> None:
    alert = alert_of(a_text("FERMI", "Fermi-GBM Final Position", RECORD_NUM="52", **BURST))
    assert (alert.stream, alert.event_key, alert.stage) == ("fermi.gbm", "fermi.gbm:812345678", "GBM FIN_POS")
    assert alert.t0 == datetime(2026, 11, 22, 19, 40, 5, 500000, UTC)
    assert alert.t_issued == datetime(2026, 11, 22, 19, 41, tzinfo=UTC)
    assert (alert.revision_number, alert.purpose, alert.phase) == (52, Purpose.OBSERVATION, None)
    where = alert.localization
    assert (where.kind, where.ra_deg, where.dec_deg, where.radius_deg) == ("cone", 214.517, -11.3, 1.75)
    assert (where.containment, where.systematic_included) == (0.68, False)


@pytest.mark.parametrize(
    ("title", "kind", "key", "stage", "place"),
    [
        ("FERMI", "Fermi-GBM Alert", "fermi.gbm:812345678", "GBM ALERT", "none"),
        ("FERMI", "Fermi-GBM Flight Position", "fermi.gbm:812345678", "GBM FLT_POS", "cone"),
        ("FERMI", "Fermi-GBM Ground Position", "fermi.gbm:812345678", "GBM GND_POS", "cone"),
        ("FERMI", "Fermi-GBM SubThreshold", "fermi.gbm.subthresh:2026-11-22T19:40:05.50Z", "GBM SUBTHRESH", "cone"),
        ("FERMI", "Fermi-LAT GRB Position INITIAL", "fermi.lat:812345678", "LAT POS_INI", "cone"),
        ("FERMI", "Fermi-LAT GRB Position UPDATE", "fermi.lat:812345678", "LAT POS_UPD", "cone"),
        ("SWIFT", "Swift-BAT GRB Position", "swift:812345678", "BAT_POS", "cone"),
        ("SWIFT", "Swift-BAT QuickLook Position", "swift:812345678", "BAT_QUICKLOOK", "cone"),
        ("SWIFT", "Swift-BAT GRB Lightcurve", "swift:812345678", "BAT_LIGHTCURVE", "none"),
        ("SWIFT", "Swift-XRT Position", "swift:812345678", "XRT_POS", "cone"),
        ("SWIFT", "Swift-UVOT Position", "swift:812345678", "UVOT_POS", "cone"),
        ("SWIFT", "Swift-XRT Nack-Position", "swift:812345678", "XRT_NACK", "none"),
        ("SWIFT", "Swift-FOM Will Observe", "swift:812345678", "FOM_OBS", "none"),
        ("MAXI", "MAXI Unknown Source", "maxi:812345678", "UNKNOWN", "cone"),
        ("MAXI", "MAXI Known Source", "maxi:812345678", "KNOWN", "cone"),
        ("INTEGRAL", "INTEGRAL Wakeup", f"integral:{812345678 % 65536}", "WAKEUP", "cone"),
        ("CALET", "CALET GBM Flight Lightcurve", "calet:812345678", "FLT_LIGHTCURVE", "none"),
        ("AGILE", "AGILE GRB Refined", "agile:812345678", "REFINED", "cone"),
        ("GECAM", "GECAM-B Flight Position", "gecam:812345678", None, "cone"),
        ("LIGHTHOUSE", "Beam", "gcn.lighthouse:812345678", "Beam", "cone"),
    ],
)
def test_types_have_the_stages_of_their_other_formats(
    title: str, kind: str, key: str, stage: str | None, place: str
) -> None:
    alert = alert_of(a_text(title, kind, **BURST))
    assert (alert.event_key, alert.stage, alert.localization.kind) == (key, stage, place)


@pytest.mark.parametrize(
    ("error", "radius_deg", "containment", "systematic"),
    [
        ("3.00 [arcmin radius, statistical only]", 0.05, 0.9, False),
        ("4.7 [arcsec radius, statistical plus systematic, 90% containment]", 4.7 / 3600, 0.9, True),
        ("5.80 [deg radius, statistical plus systematic, 68% containment]", 5.8, 0.68, True),
    ],
)
def test_radii_have_units(error: str, radius_deg: float, containment: float | None, systematic: bool) -> None:
    where = alert_of(a_text("SWIFT", "Swift-XRT Position", **BURST | {"GRB_ERROR": error})).localization
    assert where.radius_deg == pytest.approx(radius_deg)
    assert (where.containment, where.systematic_included) == (containment, systematic)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"GRB_ERROR": "0.00 [deg radius]"}, "point"),
        ({"GRB_ERROR": "7.0 [parsec]"}, "point"),
        ({"GRB_RA": "undefined", "GRB_DEC": "undefined", "GRB_ERROR": "360 [deg radius]"}, "allsky"),
        ({"GRB_RA": "undefined", "GRB_DEC": "undefined", "GRB_ERROR": "undefined"}, "none"),
        ({"GRB_RA": "412.5d (J2000)"}, "none"),
    ],
)
def test_a_place_is_never_made_up(fields: dict[str, str], kind: str) -> None:
    assert alert_of(a_text("SWIFT", "Swift-BAT GRB Position", **BURST | fields)).localization.kind == kind


def neutrino(revision: int) -> str:
    return a_text(
        "AMON",
        "ICECUBE Astrotrack Bronze",
        RUN_NUM="139279",
        EVENT_NUM="010803235",
        SRC_RA="103.7861d {+06h 55m 09s} (J2000)",
        SRC_DEC="+5.8716d {+05d 52\\' 18\"} (J2000)",
        SRC_ERROR="69.22 [arcmin radius, stat-only, 90% containment]",
        SRC_ERROR50="26.96 [arcmin radius, stat-only, 50% containment]",
        DISCOVERY_DATE="20412 TJD;   103 DOY;   24/04/12 (yy/mm/dd)",
        DISCOVERY_TIME="20026 SOD {05:33:46.89} UT",
        REVISION=str(revision),
        SIGNALNESS="3.0910e-01 [dn]",
        FAR="3.4096 [yr^-1]",
    )


def test_a_neutrino_has_run_and_event_and_its_revision() -> None:
    first, second = alert_of(neutrino(0)), alert_of(neutrino(1))
    assert first.event_key == second.event_key == "icecube:139279_10803235"
    assert (first.phase, second.phase, second.revision_number) == (Phase.INITIAL, Phase.UPDATE, 1)
    assert first.t0 == datetime(2024, 4, 12, 5, 33, 46, 890000, UTC)
    assert first.far_hz == pytest.approx(3.4096 / (365.25 * 86400)) and first.properties == {"p_astro": 0.3091}
    where = first.localization
    assert (where.radius_deg, where.containment) == (pytest.approx(69.22 / 60), 0.9)


def gravitational_wave(kind: str, event: str = "S200316bj", **more: str) -> str:
    return a_text(
        "LVC",
        kind,
        TRIGGER_NUM=event,
        TRIGGER_DATE="18924 TJD;    76 DOY;   2020/03/16 (yyyy/mm/dd)",
        TRIGGER_TIME="79076.157221 SOD {21:57:56.157221} UT",
        SEQUENCE_NUM="1",
        FAR="7.099e-11 [Hz]  (one per 163037.0 days)  (one per 446.68 years)",
        PROB_BNS="0.20 [range is 0.0-1.0]",
        PROB_TERRES="0.80 [range is 0.0-1.0]",
        PROB_NS="0.5 [range is 0.0-1.0]",
        SKYMAP_FITS_URL="https://gracedb.example/bayestar.fits",
        **more,
    )


def test_a_gravitational_wave_has_its_phase_and_link() -> None:
    alert = alert_of(gravitational_wave("LVC Preliminary"))
    assert (alert.event_key, alert.phase, alert.far_hz) == ("lvk:S200316bj", Phase.PRELIMINARY, 7.099e-11)
    assert (alert.localization.kind, alert.localization.url) == ("link", "https://gracedb.example/bayestar.fits")
    assert alert.classification == {"BNS": 0.2, "Terrestrial": 0.8} and alert.properties == {"HasNS": 0.5}
    assert alert.t0 == datetime(2020, 3, 16, 21, 57, 56, 157221, UTC)
    gone = alert_of(gravitational_wave("LVC Retraction"))
    assert (gone.phase, gone.localization.kind) == (Phase.RETRACTION, "none")


@pytest.mark.parametrize(
    ("more", "purpose"),
    [
        ({"event": "MS200316bj"}, Purpose.MOCK),
        ({"SEARCH_TYPE": "4 = MDC"}, Purpose.MOCK),
        ({"GROUP_TYPE": "3 = Test"}, Purpose.TEST),
        ({"SEARCH_TYPE": "1 = O2VirgoTest", "GROUP_TYPE": "1 = CBC"}, Purpose.OBSERVATION),
    ],
)
def test_each_field_of_a_gravitational_wave_may_mark_a_rehearsal(more: dict[str, str], purpose: Purpose) -> None:
    assert alert_of(gravitational_wave("LVC Initial", **more)).purpose is purpose


def test_integral_counts_revisions_in_the_upper_bits() -> None:
    one = alert_of(a_text("INTEGRAL", "INTEGRAL Wakeup", **BURST | {"TRIGGER_NUM": "10042,  Sub_Num: 0"}))
    other = alert_of(a_text("INTEGRAL", "INTEGRAL Refined", **BURST | {"TRIGGER_NUM": "75578"}))
    assert one.event_key == other.event_key == "integral:10042"
    nameless = alert_of(a_text("INTEGRAL", "INTEGRAL Wakeup", **BURST | {"TRIGGER_NUM": "0"}))
    assert nameless.event_key == "integral:2026-11-22T19:40:05.50Z"


def supernova(kind: str) -> str:
    return a_text(
        "SNEWS",
        kind,
        TRIGGER_NUM="1000194",
        EVENT_RA="(undefined)",
        EVENT_DEC="(undefined)",
        EVENT_ERROR="360.0 [deg, radius]",
        EVENT_DATE="18379 TJD;   261 DOY;   18/09/18",
        EVENT_TIME="57601.00 SOD {16:00:01.00} UT",
    )


def test_a_supernova_of_snews_is_anywhere_and_its_test_another_event() -> None:
    real, test = alert_of(supernova("SNEWS COINC REAL")), alert_of(supernova("SNEWS COINC TEST"))
    assert (real.event_key, real.localization.kind, real.messenger) == ("snews.gcn:1000194", "allsky", "NU")
    assert (test.event_key, test.purpose) == ("snews.gcn:1000194.test", Purpose.TEST)


def test_maxi_is_read() -> None:
    text = a_text(
        "MAXI",
        "MAXI Unknown Source",
        EVENT_ID_NUM="3468898070",
        SRC_RA="310.463d {+20h 41m 51s} (J2000)",
        SRC_DEC="-32.435d {-32d 26' 05\"} (J2000)",
        SRC_ERROR="0.5 [deg radius, statistical plus systematic]",
        EVENT_DATE="18346 TJD;   228 DOY;   18/08/16",
        EVENT_TIME="69756.00 SOD {19:22:36.00} UT",
    )
    alert = alert_of(text)
    assert (alert.event_key, alert.localization.radius_deg) == ("maxi:3468898070", 0.5)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("Fermi-GBM Test Position", {"TRIGGER_NUM": "99999"}),
        ("Swift-BAT GRB Position Test", {"TRIGGER_NUM": "99999"}),
        ("Fermi-GBM Flight Position", {"TRIGGER_NUM": "99999"}),
        ("Fermi-GBM Flight Position", {"COMMENTS": "This is a TEST notice."}),
    ],
)
def test_tests_are_tests(kind: str, fields: dict[str, str]) -> None:
    alert = alert_of(a_text(kind.split("-")[0].upper(), kind, **BURST | fields))
    assert alert.purpose is Purpose.TEST
    assert "99999" not in alert.event_key


@pytest.mark.parametrize(
    ("fields", "no_event"),
    [
        ({"MOST_LIKELY": "97%  GRB"}, None),
        ({"MOST_LIKELY": "63%  Below horizon"}, "most likely Below horizon, says the flight software"),
        ({"COMMENTS": "This is not a GRB."}, "This is not a GRB."),
        ({"COMMENTS": "This is a GRB."}, None),
    ],
)
def test_a_notice_may_say_that_it_is_no_burst(fields: dict[str, str], no_event: str | None) -> None:
    assert alert_of(a_text("FERMI", "Fermi-GBM Flight Position", **BURST | fields)).no_event == no_event


def test_several_notices_in_one_text_are_several_alerts() -> None:
    both = a_text("SWIFT", "Swift-BAT GRB Position", **BURST) + a_text("SWIFT", "Swift-XRT Position", **BURST)
    assert [alert.stage for alert in alerts_of(both)] == ["BAT_POS", "XRT_POS"]
    assert len({alert.notice_id for alert in alerts_of(both)}) == 2


def test_pointings_are_no_alerts() -> None:
    text = a_text("SWIFT", "SWIFT Pointing Direction", NEXT_POINT_RA="48.356d (J2000)")
    assert understand(text.encode(), name="x") == Ignored("a utility notice: no alert")


def test_a_counterpart_is_a_lead() -> None:
    text = a_text(
        "LVC COUNTERPART",
        "Other",
        CNTRPART_RA="299.8851d {+19h 59m 32.4s} (J2000)",
        CNTRPART_DEC="+40.7310d {+40d 43' 51.6\"} (J2000)",
        CNTRPART_ERROR="7.6 [arcsec, radius]",
        EVENT_TRIG_NUM="S190426c",
        TELESCOPE="Swift-XRT",
    )
    found = understand(text.encode(), name="x")
    assert isinstance(found, Leads)
    assert (found.event_key, found.positions[0].ra_deg) == ("lvk:S190426c", 299.8851)


def test_a_notice_without_trigger_and_time_is_rejected() -> None:
    found = understand(a_text("SWIFT", "Swift-BAT GRB Position").encode(), name="x")
    assert found == Rejected("GCN text notice without a trigger and a time")


@pytest.mark.parametrize(
    "fields",
    [
        {"GRB_DATE": "26/13/45"},
        {"GRB_TIME": "99:99:99"},
        {"GRB_RA": "d"},
        {"GRB_ERROR": "1e999 [deg radius]"},
        {"NOTICE_DATE": "Sun 99 Nov 26 19:41:00 UT"},
        {"FAR": "-1 [Hz]"},
    ],
)
def test_damaged_fields_cost_only_themselves(fields: dict[str, str]) -> None:
    assert alert_of(a_text("SWIFT", "Swift-BAT GRB Position", **BURST | fields)).event_key == "swift:812345678"


def test_bytes_that_are_no_utf_8_are_read() -> None:
    text = a_text("SWIFT", "Swift-BAT GRB Position", **BURST).encode() + b"COMMENTS:  caf\xe9\n"
    assert alert_of(text).event_key == "swift:812345678"


def test_no_notice_of_a_long_text_is_dropped_in_silence() -> None:
    one = a_text("SWIFT", "Swift-BAT GRB Position", **BURST)
    assert len(alerts_of(one * 16)) == 16
    for text in (one * 17, one + "COMMENTS: x\n" * 30_000):
        assert isinstance(understand(text.encode(), name="x"), Rejected)
