"""What each mission's VOEvents mean: event, stage, place, and what is no event."""

from typing import Any

import pytest
from builders.voevents import a_voevent, an_lvk_voevent

from coordinator.alerts.alert import Alert, Phase, Purpose
from coordinator.alerts.message import Alerts
from coordinator.alerts.registry import understand

GCN = "ivo://nasa.gsfc.gcn"


def understood(raw: bytes) -> Alert:
    meaning = understand(raw, name="x.xml")
    assert isinstance(meaning, Alerts), meaning
    return meaning.alerts[0]


def gbm(number: int, **more: Any) -> Alert:
    params = {"Packet_Type": number, "TrigID": 797587480} | more.pop("params", {})
    return understood(a_voevent(f"{GCN}/Fermi#GBM_1", params, **more))


def lat(number: int, **more: Any) -> Alert:
    params = {"Packet_Type": number, "TrigID": 793795104, "Record_Num": 2}
    return understood(a_voevent(f"{GCN}/Fermi#LAT_1", params, **more))


def swift(number: int, **more: Any) -> Alert:
    params = {"Packet_Type": number, "TrigID": 1400001} | more.pop("params", {})
    return understood(a_voevent(f"{GCN}/SWIFT#X_1", params, **more))


def svom(number: int, word: str = "grm-trigger", **more: Any) -> Alert:
    params = {"Packet_Type": number, "Pkt_Ser_Num": 1, "Burst_Id": "sb26112201", "Instrument": "GRM"}
    return understood(a_voevent(f"ivo://org.svom/fsc#sb26112201_{word}", params, **more))


def amon(number: int, **more: Any) -> Alert:
    params = {"Packet_Type": number, "run_id": 134191, "event_id": "017593623", "Rev": 0, "AMON_ID": 13419117593623}
    return understood(a_voevent(f"{GCN}/AMON#ICECUBE_1", params | more.pop("params", {}), **more))


@pytest.mark.parametrize(
    ("kind", "number", "phase"),
    [
        ("EarlyWarning", 163, Phase.EARLY_WARNING),
        ("Preliminary", 150, Phase.PRELIMINARY),
        ("Initial", 151, Phase.INITIAL),
        ("Update", 152, Phase.UPDATE),
        ("Retraction", 164, Phase.RETRACTION),
        ("Something", 152, Phase.UPDATE),
        ("Update", 9999, Phase.UPDATE),
        ("Retraction", 152, Phase.RETRACTION),
        ("Update", 164, Phase.RETRACTION),
        ("Something", 9999, None),
    ],
)
def test_a_gravitational_wave_notice_is_what_type_and_word_say(kind: str, number: int, phase: Phase | None) -> None:
    alert = understood(an_lvk_voevent(kind=kind, number=number))
    assert (alert.phase, alert.stage, alert.event_key) == (phase, kind, "lvk:S261122qx")
    assert alert.localization.kind == ("none" if phase is Phase.RETRACTION else "link")


def test_a_gravitational_wave_notice_says_rate_classes_and_map() -> None:
    alert = understood(an_lvk_voevent(FAR="3.2e-10", Significant=1, Instruments="H1,L1"))
    assert (alert.far_hz, alert.significant, alert.instruments) == (3.2e-10, True, ("H1", "L1"))
    assert alert.classification == {"BNS": 0.9, "Terrestrial": 0.1} and alert.properties == {"HasNS": 1.0}
    assert alert.localization.url == "https://gracedb.example/b.fits,0"
    assert (alert.revision_number, alert.messenger) == (1, "GW")
    assert understood(an_lvk_voevent(Significant=0)).significant is False
    assert understood(an_lvk_voevent()).significant is None


def test_the_layout_of_2017_is_read() -> None:
    params = {
        "GraceID": "G298048",
        "Packet_Type": 151,
        "AlertType": "Initial",
        "ProbHasNS": 1.0,
        "Search": "O2VirgoTest",
    }
    maps = {"x": {"skymap_fits_shib": "https://a.example/m", "skymap_fits_x509": "https://b.example/m"}}
    alert = understood(a_voevent("ivo://gwnet/gcn_sender#G298048-1-Initial", params, groups=maps, place=None))
    assert (alert.event_key, alert.purpose) == ("lvk:G298048", Purpose.OBSERVATION)
    assert alert.properties == {"HasNS": 1.0} and alert.localization.url == "https://a.example/m"


def test_what_a_gravitational_wave_coincides_with_stands_in_one_line() -> None:
    alert = understood(an_lvk_voevent(External_Observatory="Fermi", External_Search="GRB", Time_Difference=2.02))
    assert alert.external_coincidence == "Fermi GRB, time_difference=2.02"


@pytest.mark.parametrize(
    ("superevent", "more", "purpose"),
    [
        ("S261122qx", {}, Purpose.OBSERVATION),
        ("G298048", {}, Purpose.OBSERVATION),
        ("MS261122qx", {}, Purpose.MOCK),
        ("MS261122qx", {"role": "test"}, Purpose.MOCK),
        ("M298048", {}, Purpose.MOCK),
        ("TS261122qx", {}, Purpose.TEST),
        ("S261122qx", {"role": "test"}, Purpose.TEST),
        ("S261122qx", {"Search": "MDC"}, Purpose.MOCK),
        ("S261122qx", {"Search": "O2VirgoTest"}, Purpose.OBSERVATION),
        ("S261122qx", {"Group": "Test"}, Purpose.TEST),
        ("S261122qx", {"HardwareInj": 1}, Purpose.INJECTION),
        ("S261122qx", {"HardwareInj": 0}, Purpose.OBSERVATION),
        ("S261122qx", {"number": 153, "kind": "Test"}, Purpose.TEST),
    ],
)
def test_no_rehearsal_of_gravitational_waves_is_an_observation(
    superevent: str, more: dict[str, Any], purpose: Purpose
) -> None:
    assert understood(an_lvk_voevent(superevent, **more)).purpose is purpose


def test_a_reported_counterpart_is_not_the_sky_of_the_gravitational_wave() -> None:
    params = {"GraceID": "S261122qx", "Packet_Type": 154, "AlertType": "Counterpart"}
    alert = understood(a_voevent("ivo://gwnet/LVC#S261122qx-4-Counterpart", params))
    assert alert.event_key == "lvk.counterpart:S261122qx-4-Counterpart"
    assert (alert.phase, alert.external_coincidence) == (Phase.DETECTION, "lvk:S261122qx")


@pytest.mark.parametrize(
    ("number", "stage"),
    [(111, "GBM FLT_POS"), (112, "GBM GND_POS"), (115, "GBM FIN_POS")],
)
def test_a_gbm_radius_holds_68_percent_and_no_systematics(number: int, stage: str) -> None:
    alert = gbm(number, radius=7.6)
    assert (alert.event_key, alert.stage, alert.phase) == ("fermi.gbm:797587480", stage, None)
    assert (alert.localization.containment, alert.localization.systematic_included) == (0.68, False)


def test_a_gbm_alert_has_no_place() -> None:
    alert = gbm(110, place=(0, 0), radius=0)
    assert (alert.stage, alert.localization.kind, alert.name) == ("GBM ALERT", "none", "bn261122835")


def test_a_gbm_map_is_linked_but_its_picture_is_none() -> None:
    assert gbm(112, params={"LocationMap_URL": "http://a.example/m.fits"}).localization.url == "http://a.example/m.fits"
    assert gbm(115, params={"LocationMap_URL": "http://a.example/m.png"}).localization.url is None


@pytest.mark.parametrize(
    ("more", "says_none"),
    [
        ({"Most_Likely_Index": 4}, False),
        ({"Most_Likely_Index": 0}, False),
        ({"Most_Likely_Index": 1}, False),
        ({"Most_Likely_Index": 15}, False),
        ({"Most_Likely_Index": 99}, False),
        ({"Most_Likely_Index": 2}, True),
        ({"Most_Likely_Index": 3}, True),
        ({"Most_Likely_Index": 8}, True),
        ({"Most_Likely_Index": 19}, True),
        ({"Def_NOT_a_GRB": "true"}, True),
        ({"Def_NOT_a_GRB": "false"}, False),
    ],
)
def test_a_trigger_that_is_no_burst_is_no_event(more: dict[str, Any], says_none: bool) -> None:
    assert bool(gbm(111, params=more).no_event) == says_none


def test_sub_threshold_transients_are_known_by_their_time_and_not_significant() -> None:
    alert = understood(a_voevent(f"{GCN}/Fermi#GBM_SubThresh_1", {"Packet_Type": 131, "Trans_Num": 546126856}))
    assert alert.event_key == "fermi.gbm.subthresh:2026-11-22T20:02:11.00Z"
    assert (alert.stage, alert.significant) == ("GBM SUBTHRESH", False)


@pytest.mark.parametrize(
    ("number", "stage", "radius", "kind"),
    [
        (120, "LAT POS_INI", 0.5, "cone"),
        (121, "LAT POS_UPD", 0.5, "cone"),
        (122, "LAT POS_DIAG", 0.5, "cone"),
        (125, "LAT MONITOR", 0, "point"),
        (127, "LAT GND", 0.5, "cone"),
        (128, "LAT OFFLINE", 0.5, "cone"),
    ],
)
def test_lat_notices_are_events_of_their_own(number: int, stage: str, radius: float, kind: str) -> None:
    alert = lat(number, radius=radius)
    assert (alert.event_key, alert.stage, alert.revision_number) == ("fermi.lat:793795104", stage, 2)
    assert alert.localization.kind == kind


@pytest.mark.parametrize(
    ("number", "stage", "radius", "kind"),
    [
        (97, "BAT_QUICKLOOK", 0.05, "cone"),
        (61, "BAT_POS", 0.05, "cone"),
        (67, "XRT_POS", 0.001, "cone"),
        (81, "UVOT_POS", 0.0001, "cone"),
        (98, "BAT_SUBTHRESHOLD", 0.05, "cone"),
        (69, "XRT_IMAGE", 0.002, "cone"),
        (69, "XRT_IMAGE", 0, "none"),
        (72, "UVOT_IMAGE", 0, "none"),
        (63, "BAT_LIGHTCURVE", 0, "none"),
        (65, "FOM_OBS", 0, "none"),
        (65, "FOM_OBS", 0.05, "none"),
        (66, "SC_SLEW", 0.05, "none"),
        (62, "BAT_NACK", 0.05, "none"),
        (71, "XRT_NACK", 0.2, "none"),
        (89, "UVOT_NACK", 0.0001, "none"),
    ],
)
def test_only_swift_notices_with_a_place_of_their_own_have_one(
    number: int, stage: str, radius: float, kind: str
) -> None:
    alert = swift(number, radius=radius)
    assert (alert.event_key, alert.stage, alert.localization.kind) == ("swift:1400001", stage, kind)


def test_swift_says_itself_when_a_trigger_is_no_burst() -> None:
    catalogue = {"GRB_Identified": "false", "Target_in_Gnd_Catalog": "true"}
    assert swift(61).no_event is None
    assert swift(62).no_event == "BAT found no source, says the notice"
    assert swift(71).no_event is None
    assert swift(61, params={"Def_NOT_a_GRB": "true"}).no_event
    assert (
        swift(61, params=catalogue, name="HD 8537").no_event == "a source of the catalogue (HD 8537), says the notice"
    )
    assert swift(61, params=catalogue | {"GRB_Identified": "true"}).no_event is None


def test_a_lost_star_tracker_is_a_warning() -> None:
    assert swift(61).localization.warnings == ()
    assert "star tracker" in swift(61, params={"StarTrack_Lost_Lock": "true"}).localization.warnings[0]


def test_tests_of_swift_are_no_revisions_of_one_burst() -> None:
    one = swift(82, params={"TrigID": 99999}, time="2026-02-07T16:57:32.00")
    other = swift(82, params={"TrigID": 99999}, time="2026-02-07T20:30:03.00")
    assert one.event_key == "swift.test:2026-02-07T16:57:32.00Z"
    assert one.event_key != other.event_key and one.purpose is Purpose.TEST


@pytest.mark.parametrize(
    ("number", "key", "revision"),
    [
        (10042, "integral:10042", 0),
        (10042 + 65536, "integral:10042", 1),
        (0, "integral:2026-11-22T20:02:11.00Z", 0),
        (65536, "integral:2026-11-22T20:02:11.00Z", 1),
        (-1, "integral:2026-11-22T20:02:11.00Z", None),
        ("x", "integral:2026-11-22T20:02:11.00Z", None),
    ],
)
def test_an_integral_number_holds_trigger_and_revision(number: object, key: str, revision: int | None) -> None:
    alert = understood(a_voevent(f"{GCN}/INTEGRAL#Wakeup_1", {"Packet_Type": 53, "TrigID": number}))
    assert (alert.event_key, alert.revision_number, alert.stage) == (key, revision, "WAKEUP")


def test_the_anticoincidence_shield_of_integral_has_no_place() -> None:
    raw = a_voevent(f"{GCN}/INTEGRAL#SPIACS_1", {"Packet_Type": 52, "TrigID": 7}, radius=0)
    assert (understood(raw).stage, understood(raw).localization.kind) == ("SPIACS", "none")


@pytest.mark.parametrize(
    ("number", "stage"), [(173, "GOLD"), (174, "BRONZE"), (176, "CASCADE"), (158, "HESE"), (169, "EHE")]
)
def test_a_neutrino_is_known_by_run_and_event(number: int, stage: str) -> None:
    alert = amon(number)
    assert (alert.event_key, alert.stage, alert.messenger) == ("icecube:134191_17593623", stage, "NU")
    assert (alert.phase, alert.revision_number) == (Phase.INITIAL, 0)


def test_a_refined_neutrino_is_an_update_and_a_withdrawn_one_a_retraction() -> None:
    assert amon(173, params={"Rev": 1}).phase is Phase.UPDATE
    assert amon(173, params={"Retraction": "true"}).phase is Phase.RETRACTION
    assert amon(173, params={"Retraction": "false"}).phase is Phase.INITIAL


def test_a_neutrino_radius_holds_what_the_equal_parameter_says() -> None:
    radii = {"src_error_90": 1.2199, "src_error_50": 0.7199}
    assert amon(173, params=radii, radius=1.2199).localization.containment == 0.9
    assert amon(173, params=radii, radius=0.7199).localization.containment == 0.5
    assert amon(173, params=radii, radius=1.0).localization.containment is None


def test_a_neutrino_rate_is_given_a_year() -> None:
    raw = a_voevent(f"{GCN}/AMON#ICECUBE_GOLD_1", {"Packet_Type": 173, "run_id": 1, "event_id": 2})
    rate = raw.replace(b"</What>", b'<Param name="FAR" value="1" unit="yr^-1"/></What>')
    assert understood(rate).far_hz == pytest.approx(3.169e-8, rel=1e-3)
    assert understood(raw.replace(b"</What>", b'<Param name="FAR" value="1"/></What>')).far_hz is None


def test_a_saturated_number_names_no_neutrino() -> None:
    raw = a_voevent(f"{GCN}/AMON#ICECUBE_HESE_1", {"Packet_Type": 158, "TrigID": 2147483647})
    assert understood(raw).event_key == "icecube:2026-11-22T20:02:11.00Z"


def test_other_streams_of_the_network_are_not_icecube() -> None:
    assert amon(171).event_key == "hawc:134191_17593623"
    assert amon(172).stream == "amon.nu_em"
    raw = a_voevent(f"{GCN}/AMON#NU_EM_Event_1", {"AMON_ID": 77, "Rev": 0})
    assert understood(raw).event_key == "amon.nu_em:77"


@pytest.mark.parametrize(
    ("number", "word", "stage"),
    [
        (201, "grm-trigger", "GRM trigger"),
        (202, "eclairs-wakeup", "ECLAIRs wake-up"),
        (204, "slewing", "slewing"),
        (205, "not-slewing", "not slewing"),
        (209, "mxt-initial_qf2", "MXT initial"),
        (210, "mxt-update_qf3", "MXT update"),
        (211, "vt-candidate", "VT"),
        (218, "something-new", "something-new"),
    ],
)
def test_svom_notices_of_one_burst_are_one_event(number: int, word: str, stage: str) -> None:
    alert = svom(number, word)
    assert (alert.event_key, alert.stage, alert.phase) == ("svom:sb26112201", stage, None)
    assert alert.localization.containment == 0.9


def test_svom_retracts_and_knows_its_catalogue() -> None:
    cites = [("retraction", "ivo://org.svom/fsc#sb26112201_grm-trigger")]
    assert svom(219, "retraction", cites=cites).phase is Phase.RETRACTION
    assert svom(220, "withdrawn", cites=cites).phase is Phase.RETRACTION
    assert svom(203, "eclairs-catalog").no_event
    assert svom(201, radius=-1).localization.kind == "none"


def test_a_supernova_test_is_kept_from_the_real_event_of_the_same_number() -> None:
    ivorn, params = f"{GCN}/SNEWS#Event_1000194-580", {"Packet_Type": 149, "TrigID": 1000194}
    real = understood(a_voevent(ivorn, params, place=(0, 0), radius=360))
    test = understood(a_voevent(ivorn, params, place=(0, 0), radius=360, role="test"))
    assert (real.event_key, test.event_key) == ("snews.gcn:1000194", "snews.gcn:1000194.test")
    assert real.notice_id != test.notice_id
    assert (real.localization.kind, real.messenger) == ("allsky", "NU")


def chime(word: str, **params: Any) -> Alert:
    return understood(a_voevent(f"ivo://ca.chimenet.frb/FRB-{word}-#2026-11-22-20:02:11UTC_1", params))


def test_chime_bursts_are_ellipses_under_their_event_number() -> None:
    errors = {"pos_error_semiminor_deg_95": 0.5, "pos_error_semimajor_deg_95": 0.4}
    alert = chime("DETECTION", event_no=9386707, dm=715.8, **errors)
    assert (alert.event_key, alert.phase, alert.stage) == ("chime:9386707", Phase.INITIAL, "detection")
    assert alert.localization.half_axes_deg == (0.5, 0.4)
    assert (alert.localization.position_angle_deg, alert.localization.containment) == (90.0, 0.95)
    assert chime("RETRACTION", event_no=9386707).phase is Phase.RETRACTION


def test_a_chime_retraction_without_a_number_falls_on_what_it_cites() -> None:
    first = "ivo://ca.chimenet.frb/FRB-DETECTION-#1"
    raw = a_voevent("ivo://ca.chimenet.frb/FRB-RETRACTION-#2", cites=[("retraction", first)])
    assert (understood(raw).event_key, understood(raw).phase) == (f"ivorn:{first}", Phase.RETRACTION)


@pytest.mark.parametrize(
    ("place", "params", "key", "messenger"),
    [
        ("AGILE#A_Alert_1", {"Packet_Type": 105, "TrigID": 0}, "agile:2026-11-22T20:02:11.00Z", "EM"),
        ("MAXI#Unknown_source_Pos_1", {"Packet_Type": 134, "TrigID": 8346898070}, "maxi:8346898070", "EM"),
        ("KONUS#Lightcurve_1", {"Packet_Type": 59, "TrigID": 1721301681}, "konus:2026-11-22T20:02:11.00Z", "EM"),
        ("CALET#GBM_Flt_Lc_1", {"Packet_Type": 160, "TrigID": 1452424000}, "calet:1452424000", "EM"),
        ("GECAM#FLT_1", {"TrigID": 12}, "gecam:12", "EM"),
        ("MOA#Lensing_Event_1", {"Packet_Type": 139, "TrigID": 201500354}, "moa:201500354", "EM"),
        ("Antares_Alert#1438351269", {"TrigID": 1438351269}, "antares:1438351269", "NU"),
    ],
)
def test_other_missions_are_known_by_trigger_or_time(
    place: str, params: dict[str, Any], key: str, messenger: str
) -> None:
    alert = understood(a_voevent(f"{GCN}/{place}", params))
    assert (alert.event_key, alert.messenger) == (key, messenger)


def test_an_event_without_number_and_time_is_known_by_its_ivorn() -> None:
    raw = a_voevent(f"{GCN}/AGILE#A_Alert_1", {"Packet_Type": 105, "TrigID": 0}, time=None)
    assert understood(raw).event_key == f"ivorn:{GCN}/AGILE#A_Alert_1"


def test_surveys_are_known_by_their_ivorn() -> None:
    gaia = understood(a_voevent("ivo://gaia.cam.uk/alerts#Gaia26abc"))
    assert (gaia.stream, gaia.name) == ("gaia", "Gaia26abc")
    asassn = understood(a_voevent("ivo://voevent.4pisky.org/ASASSN#1", {"id_assasn": "ASASSN-26ab"}))
    assert (asassn.stream, asassn.name) == ("asassn", "ASASSN-26ab")
