"""A config file: where its paths count from, and what it may not say."""

from pathlib import Path

import pytest

from coordinator import factory
from coordinator.config_file import config_problems, read_settings
from coordinator.security.buckets import Rate
from coordinator.security.meters import BYTES, RATES, REPORTS
from coordinator.security.rate_settings import RateSettings
from coordinator.settings import STATE_ENVIRONMENT, FollowUpSettings, Settings
from coordinator.vetting.follow_up import FollowUpRule
from coordinator.vetting.rule import OddsRule
from telescopes.description.errors import Refused

BROKEN = """
port = 70000
[policy]
plan_hours = -3
own_share = 0.2
[dashboard]
port = 0
[link]
heartbeat_s = -1
lease_s = 0
[sky]
start = 2017-08-17T12:41:04
rate = 0.0
[[streams]]
[[streams]]
folder = "elsewhere"
"""


def a_config(folder: Path, text: str) -> Path:
    path = folder / "armillary.toml"
    path.write_text(text)
    return path


def test_paths_count_from_the_file_s_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'state = "kept"\nsites = "sites"\n[[streams]]\nfolder = "inbox"\n'
    monkeypatch.chdir("/")
    settings = read_settings(a_config(tmp_path, text))
    assert settings.state == tmp_path / "kept"
    assert settings.sites == tmp_path / "sites"
    assert [stream.folder for stream in settings.streams] == [tmp_path / "inbox"]


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    text = 'state = "~/obs"\nsites = "~/sites"\n[[streams]]\nfolder = "~/inbox"\n'
    settings = read_settings(a_config(tmp_path, text))
    assert (settings.state, settings.sites) == (home / "obs", home / "sites")
    assert settings.streams[0].folder == home / "inbox"


def test_a_state_folder_of_the_environment_counts_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(STATE_ENVIRONMENT, "obs")
    (tmp_path / "etc").mkdir()
    settings = read_settings(a_config(tmp_path / "etc", "port = 50051\n"))
    assert settings.state == tmp_path / "obs"
    assert settings.streams[0].folder == tmp_path / "obs" / "inbox"


def test_a_stream_without_a_folder_watches_that_of_the_state_that_was_asked_for(tmp_path: Path) -> None:
    config = a_config(tmp_path, 'state = "a"\n[[streams]]\nid = "gcn"\n')
    assert read_settings(config, state=tmp_path / "b").streams[0].folder == tmp_path / "b" / "inbox"


def test_every_value_out_of_bounds_is_named_in_one_go(tmp_path: Path) -> None:
    keys = [problem.key for problem in config_problems(a_config(tmp_path, BROKEN))]
    assert sorted(keys) == [
        "dashboard.port",
        "link.heartbeat_s",
        "link.lease_s",
        "policy.own_share",
        "policy.plan_hours",
        "port",
        "sky.rate",
        "sky.start",
        "streams.1.id",
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("streams = []", "streams"),
        ('port = "70000"', "port"),
        ("[sky]\nrate = nan", "sky.rate"),
        ('[dashboard]\nnames = ["*.example.org", "*"]', "dashboard.names"),
        ("[sky]\nstart = 2017-08-17", "sky.start"),
        ('[[streams]]\nid = "a"\n[[streams]]\nid = "b"', "streams.1.folder"),
        ("[policy]\nexpire_low_significance_h = 0", "policy.expire_low_significance_h"),
        ('[policy]\nobjective = "area"', "policy.objective"),
        ("[policy]\nvisits = []", "policy.visits"),
        ('[policy]\nvisits = ["1", "1"]', "policy.visits"),
        ('[policy]\nvisits = ["1", "follow-up:c"]', "policy.visits"),
        ('[policy]\nvisits = ["char:r"]', "policy.visits"),
        ('[policy]\nvisits = "1"', "policy.visits"),
        ("[policy]\nvisits = [1]", "policy.visits.0"),
        ('[policy]\nsource = "supernova"', "policy.source"),
        ("[policy]\nsource = 99", "policy.source"),
        ("[policy]\nsource = true", "policy.source"),
        ("[policy]\nbands = [1]", "policy.bands.0"),
        ('sky = "fast"', "sky"),
        ('[follow_up]\npolicy = "soon"', "follow_up.policy"),
        ("[follow_up]\nthreshold = 0.9", "follow_up.threshold"),
        ("[vetting]\nq = 1.5", "vetting.q"),
        ("[vetting]\npromising = 0.2\npossible = 0.3", "vetting.possible"),
        ("[vetting]\ndensity_deg2 = 0", "vetting.density_deg2"),
        ('[vetting]\npromising = "soon"', "vetting.promising"),
        ("[vetting.shares]\ncomet = 0.1", "vetting.shares.comet"),
        ("[vetting.shares]\nagn = -0.1", "vetting.shares.agn"),
        ("[vetting.shares]\nagn = nan", "vetting.shares.agn"),
        ("[vetting.caps]\nlight = [-1, 1]", "vetting.caps.light"),
        ("[vetting.caps]\nphotometry = [1, 8]", "vetting.caps.photometry"),
        ("[vetting.caps]\nphotometry = 8", "vetting.caps.photometry"),
        ("[vetting]\nlikely = 0.5", "vetting.likely"),
        ('[[remote]]\nid = "gaia"', "remote.0.what"),
        ('[[remote]]\nid = "sky"\nkind = "skybot"\ncoffee = 1', "remote.0.coffee"),
        ('[[remote]]\nid = "a"\nkind = "skybot"\n[[remote]]\nid = "a"\nkind = "skybot"', "remote.1.id"),
    ],
)
def test_what_cannot_be_used_is_named_once(tmp_path: Path, text: str, key: str) -> None:
    assert [problem.key for problem in config_problems(a_config(tmp_path, text + "\n"))] == [key]


def test_simulations_are_shown_from_the_state_folder_or_where_the_file_says_from_its_own_folder(tmp_path: Path) -> None:
    assert read_settings(a_config(tmp_path, 'state = "a"\n')).campaigns_folder == tmp_path / "a" / "simulations"
    text = '[dashboard]\nsimulations = "played"\n'
    assert read_settings(a_config(tmp_path, text)).campaigns_folder == tmp_path / "played"


def test_links_take_the_first_name_that_stands_for_one_host(tmp_path: Path) -> None:
    text = '[dashboard]\nnames = ["*.example.org", "armillary.example.org", "b.example.org"]\n'
    assert read_settings(a_config(tmp_path, text)).dashboard.address == "https://armillary.example.org"


def test_what_stands_at_a_bound_is_good(tmp_path: Path) -> None:
    text = "port = 65535\n[policy]\nown_share = 0.5\n[sky]\nstart = 2017-08-17T12:41:04Z\nrate = 200\n"
    assert config_problems(a_config(tmp_path, text)) == []


def test_what_searches_make_most_of_and_their_visits_can_be_set(tmp_path: Path) -> None:
    plain = read_settings(a_config(tmp_path, "port = 50051\n")).policy
    assert (plain.objective, plain.visits) == ("auto", ("auto",))
    text = '[policy]\nobjective = "probability"\nvisits = ["1", "2", "colours"]\n'
    assert config_problems(a_config(tmp_path, text)) == []
    asked = read_settings(a_config(tmp_path, text)).policy
    assert (asked.objective, asked.visits) == ("probability", ("1", "2", "colours"))


@pytest.mark.parametrize("source", ['"kilonova"', '"afterglow"', "20.5", '"20.5"'])
def test_what_exposures_are_to_reach_can_be_set(tmp_path: Path, source: str) -> None:
    text = f'[policy]\nsource = {source}\nbands = ["g", "r"]\n'
    assert config_problems(a_config(tmp_path, text)) == []
    assert str(read_settings(a_config(tmp_path, text)).policy.source) == source.strip('"')


@pytest.mark.parametrize("visits", ['["char"]', '["auto", "again"]', '["char:r:1", "char:r:2"]'])
def test_visits_that_depend_on_the_event_are_good(tmp_path: Path, visits: str) -> None:
    assert config_problems(a_config(tmp_path, f"[policy]\nvisits = {visits}\n")) == []


def test_a_catalogue_counts_from_the_file_s_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = a_config(tmp_path, '[planning]\ncatalogue = "glade"\n')
    assert [problem.key for problem in config_problems(config)] == ["planning.catalogue"]
    (tmp_path / "glade").mkdir()
    (tmp_path / "glade" / "manifest.json").write_text("{}")
    monkeypatch.chdir("/")
    assert config_problems(config) == []
    assert read_settings(config).planning.catalogue == tmp_path / "glade"


def test_catalogues_count_from_the_file_s_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = a_config(tmp_path, '[catalogues]\nfolders = ["gaia", "vsx"]\n')
    assert [problem.key for problem in config_problems(config)] == ["catalogues.folders.0", "catalogues.folders.1"]
    for name in ("gaia", "vsx"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    monkeypatch.chdir("/")
    assert config_problems(config) == []
    assert read_settings(config).catalogues.folders == (tmp_path / "gaia", tmp_path / "vsx")
    unknown = a_config(tmp_path, '[catalogues]\nfolder = "gaia"\n')
    assert [(p.key, p.what) for p in config_problems(unknown)] == [("catalogues.folder", "unknown key")]


def test_the_host_that_the_gateway_listens_on_must_be_one(tmp_path: Path) -> None:
    (problem,) = config_problems(a_config(tmp_path, 'host = "münchen.example"\n'))
    assert (problem.key, problem.what) == ("host", "'münchen.example' is no host")
    assert config_problems(a_config(tmp_path, 'host = "::"\n')) == []


def test_rates_are_set_and_each_mistake_in_them_is_named(tmp_path: Path) -> None:
    said = read_settings(a_config(tmp_path, "[rates]\nreports_per_s = 2\nmib_at_once = 8\n")).rates.rates()
    assert (said[REPORTS], said[BYTES]) == (Rate(2.0, 200.0), Rate(float(4 << 20), float(8 << 20)))
    wrong = "[rates]\ncalls_per_s = 0\ncutouts_mib_per_day = -1\nreports = 5\nmib_per_s = 'many'\n"
    named = {(p.key, p.what) for p in config_problems(a_config(tmp_path, wrong))}
    assert named == {
        ("rates.calls_per_s", "0 cannot be used"),
        ("rates.cutouts_mib_per_day", "-1 cannot be used"),
        ("rates.reports", "unknown key"),
        ("rates.mib_per_s", "'many' cannot be used"),
    }


def test_without_a_word_about_rates_they_are_the_gateways_own() -> None:
    assert RateSettings().rates() == RATES


def test_hosts_of_the_gateway_must_be_hosts(tmp_path: Path) -> None:
    names = '["gateway.example.org", "10.0.0.1", "2001:db8::1", "https://x", "a b", "naïve.example"]'
    problems = config_problems(a_config(tmp_path, f"[security]\nnames = {names}\nenrolment_port = 0\nkeys = 1\n"))
    said = [(problem.key, problem.what) for problem in problems]
    assert said == [
        ("security.keys", "unknown key"),
        ("security.enrolment_port", "0 cannot be used"),
        ("security.names", "'https://x' is no host"),
        ("security.names", "'a b' is no host"),
        ("security.names", "'naïve.example' is no host"),
    ]


def test_follow_up_is_as_the_rule_has_it_where_nobody_says_otherwise() -> None:
    rule, said = FollowUpRule(), FollowUpSettings()
    assert (said.policy, said.threshold, said.decided) == (rule.policy, rule.threshold, rule.decided)
    assert (said.most_per_event, said.most_looks) == (rule.most_per_event, rule.most_looks)


def test_no_source_elsewhere_is_asked_unless_somebody_names_it(tmp_path: Path) -> None:
    assert read_settings(a_config(tmp_path, "")).remote == ()
    assert factory.enrichment(Settings(state=tmp_path)) is None


def test_what_is_set_of_vetting_makes_its_rule_and_the_rest_stays(tmp_path: Path) -> None:
    text = "[vetting]\npossible = 0.1\n[vetting.shares]\nagn = 0.2\n[vetting.caps]\nphotometry = [-4, 5]\n"
    rule, usual = read_settings(a_config(tmp_path, text)).vetting.rule(), Settings().vetting.rule()
    assert (rule.possible, rule.promising, rule.q) == (0.1, usual.promising, usual.q)
    assert dict(rule.shares) == {**usual.shares, "agn": 0.2}
    assert dict(rule.caps) == {**usual.caps, "photometry": (-4.0, 5.0)}
    assert usual == OddsRule()


def test_the_table_of_vetting_in_the_reference_is_what_stands_where_nothing_is_said(tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "reference" / "configuration.md"
    shown = page.read_text(encoding="utf-8").split("```toml\n[vetting]")[1].split("```")[0]
    assert read_settings(a_config(tmp_path, f"[vetting]{shown}")).vetting.rule() == OddsRule()


def test_a_folder_of_bodies_that_is_none_is_named_with_its_mend(tmp_path: Path) -> None:
    config = a_config(tmp_path, '[catalogues]\nminor_planets = "bodies"\nfolders = ["stars"]\n')
    found = {p.key: p for p in config_problems(config)}
    assert set(found) == {"catalogues.minor_planets", "catalogues.folders.0"}
    assert "is no folder of bodies" in found["catalogues.minor_planets"].what
    assert "armillary minor-planets build" in found["catalogues.minor_planets"].mend
    assert "armillary catalogues build" in found["catalogues.folders.0"].mend


def test_the_folder_of_bodies_counts_from_the_file_s_own_folder(tmp_path: Path) -> None:
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / "manifest.json").write_text("{}")
    settings = read_settings(a_config(tmp_path, '[catalogues]\nminor_planets = "bodies"\n'))
    assert settings.catalogues.minor_planets == tmp_path / "bodies"
    with pytest.raises(Refused, match=r"manifest\.json: is no manifest of minor planets"):
        factory.bodies(settings)
