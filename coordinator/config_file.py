"""The config file: a TOML file with what can be set; every mistake is named in one go."""

import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from coordinator.events.rule_table import rule_problems, rules_of
from coordinator.planning.recipe import gap_s
from coordinator.security.openid_settings import OpenIdSettings, openid_problems
from coordinator.security.rate_settings import RateSettings
from coordinator.services.config_checks import Found, meant_wrongly, value_at, wrong_visits
from coordinator.services.notify_settings import NotifyRule, OutletSettings
from coordinator.services.remote_settings import RemoteSettings
from coordinator.services.streams import StreamSettings
from coordinator.services.vetting_settings import VettingSettings
from coordinator.settings import (
    CatalogueSettings,
    DashboardSettings,
    FollowUpSettings,
    LinkSettings,
    PlanningSettings,
    PolicySettings,
    SecuritySettings,
    Settings,
    SkySettings,
    from_folder,
)
from telescopes.description.errors import Refused
from telescopes.description.problems import Problem
from telescopes.description.site_file import load_toml

LISTS: dict[str, type] = {
    "streams": StreamSettings,
    "remote": RemoteSettings,
    "outlets": OutletSettings,
    "notify": NotifyRule,
}


def read_settings(config: Path | None, **overrides: Any) -> Settings:
    """Read a config file and lay what the command line says over it.

    Raises
    ------
    Refused
        Every mistake of the file in one go.
    """
    settings = Settings() if config is None else _from_file(config)
    said = {name: value for name, value in overrides.items() if value is not None}
    settings = replace(settings, **said)
    return replace(
        settings,
        state=settings.state.expanduser().resolve(),
        sites=settings.sites.expanduser().resolve(),
        streams=tuple(
            replace(s, folder=(s.folder or settings.state / "inbox").expanduser().resolve())
            if s.kind == "folder"
            else s
            for s in settings.streams
        ),
    )


def config_problems(path: Path) -> list[Problem]:
    """Name every mistake of a config file."""
    problems: list[Problem] = []
    document = load_toml(path, problems)
    return problems if document is None else _problems(path, document)


def _from_file(path: Path) -> Settings:
    problems = config_problems(path)
    if problems:
        raise Refused(
            "; ".join(f"{p.key}: {p.what}" for p in problems),
            where=str(path),
            mend="correct the file; `armillary check` names every mistake with its mend",
        )
    from pydantic import TypeAdapter

    document = tomllib.loads(path.read_text())
    rules = rules_of(_rules_out_of(document))
    settings = TypeAdapter(Settings).validate_python(document)
    here = path.resolve().parent  # paths in a config file count from the file's own folder
    return replace(
        settings,
        policy=replace(settings.policy, rules=rules),
        state=here / settings.state.expanduser(),
        sites=here / settings.sites.expanduser(),
        planning=settings.planning.seen_from(here),
        catalogues=settings.catalogues.seen_from(here),
        dashboard=replace(settings.dashboard, simulations=from_folder(here, settings.dashboard.simulations)),
        security=replace(settings.security, authority=from_folder(here, settings.security.authority)),
        streams=tuple(
            replace(s, folder=from_folder(here, s.folder), recording=from_folder(here, s.recording))
            for s in settings.streams
        ),
    )


def _problems(path: Path, document: dict[str, Any]) -> list[Problem]:
    from pydantic import TypeAdapter, ValidationError

    found = _catalogue_problems(path, document)
    found += [
        Problem(str(path), key, "unknown key", "remove it, or see docs/quickstart.md") for key in _unknown(document)
    ]
    sign_in = document.get("sign_in")
    for key, what, mend in openid_problems(sign_in) if isinstance(sign_in, dict) else ():
        found.append(Problem(str(path), f"sign_in.{key}", what, mend))
    rules = _rules_out_of(document)
    found += [Problem(str(path), key, what, mend) for key, what, mend in _rule_problems(rules)]
    try:
        TypeAdapter(Settings).validate_python(document)
    except ValidationError as error:
        for one in error.errors():
            key, said = ".".join(str(part) for part in one["loc"]), one["msg"]
            found.append(Problem(str(path), key, f"{one['input']!r} cannot be used", f"{said[0].lower()}{said[1:]}"))
    named = {p.key for p in found}
    return found + [
        Problem(str(path), key, what, mend) for key, what, mend in meant_wrongly(document) if key not in named
    ]


def _catalogue_problems(path: Path, document: dict[str, Any]) -> list[Problem]:
    """Name what is no folder of a catalogue."""
    catalogues, bodies = "armillary catalogues build TABLE...", "armillary minor-planets build ELEMENTS..."
    folders = value_at(document, "catalogues.folders")
    named = [
        ("planning.catalogue", "catalogue of galaxies", catalogues, value_at(document, "planning.catalogue")),
        ("catalogues.minor_planets", "folder of bodies", bodies, value_at(document, "catalogues.minor_planets")),
    ]
    named += [
        (f"catalogues.folders.{number}", "catalogue", catalogues, folder)
        for number, folder in enumerate(folders if isinstance(folders, list) else ())
    ]
    return [
        Problem(
            str(path),
            key,
            f"{folder!r} is no {what}",
            f"make one by: {command} -o FOLDER; the path counts from the config file's folder",
        )
        for key, what, command, folder in named
        if isinstance(folder, str) and not (path.parent / Path(folder).expanduser() / "manifest.json").is_file()
    ]


def _rules_out_of(document: dict[str, Any]) -> Any:
    """Take the rules out of a document: they are read apart, for their mistakes have mends of their own."""
    policy = document.get("policy")
    return policy.pop("rules", []) if isinstance(policy, dict) else []


def _rule_problems(rules: Any) -> Found:
    wrong = list(rule_problems(rules))
    for key, what, mend in wrong:
        yield f"policy.rules.{key}".rstrip("."), what, mend
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        key = f"{number}.visits"
        if isinstance(rule, dict) and rule.get("visits") and key not in [k for k, _, _ in wrong]:
            yield from wrong_visits(rule["visits"], f"policy.rules.{key}")
            if gap_s(rule["visits"][0]) > 0.0:
                what = f"begin with {rule['visits'][0]!r}, which comes after a first look"
                yield f"policy.rules.{key}", what, 'put "1" before it'


def _unknown(document: dict[str, Any]) -> list[str]:
    kinds = {
        "policy": PolicySettings,
        "planning": PlanningSettings,
        "catalogues": CatalogueSettings,
        "dashboard": DashboardSettings,
        "link": LinkSettings,
        "sky": SkySettings,
        "security": SecuritySettings,
        "rates": RateSettings,
        "follow_up": FollowUpSettings,
        "vetting": VettingSettings,
        "sign_in": OpenIdSettings,
    }
    found = [key for key in document if key not in {f.name for f in fields(Settings)}]
    for name, kind in kinds.items():
        table = document.get(name)
        if isinstance(table, dict):
            found += [f"{name}.{key}" for key in table if key not in {f.name for f in fields(kind)}]
    for name, kind in LISTS.items():
        tables, known = document.get(name), {f.name for f in fields(kind)}
        for number, one in enumerate(tables if isinstance(tables, list) else ()):
            found += [f"{name}.{number}.{key}" for key in (one if isinstance(one, dict) else ()) if key not in known]
    return found
