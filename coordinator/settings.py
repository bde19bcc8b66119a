"""What can be set about a running observatory, and what its environment holds; `config_file` reads the rest."""

import os
import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from coordinator import events
from coordinator.events.rule_table import laid_over, rules_of
from coordinator.events.rules import Rule
from coordinator.planning.recipe import AUTO
from coordinator.planning.request import Objective
from coordinator.security.openid_settings import OpenIdSettings
from coordinator.security.rate_settings import RateSettings
from coordinator.services.link_rules import MAP_HOSTS
from coordinator.services.notify_settings import NotifyRule, OutletSettings
from coordinator.services.remote_settings import RemoteSettings
from coordinator.services.streams import StreamSettings
from coordinator.services.vetting_settings import VettingSettings
from telescopes.description.errors import Refused
from telescopes.description.host_port import HostPort
from telescopes.description.site_file import default_sites_folder

LOOPBACK = ("127.0.0.1", "localhost", "::1")
STATE_ENVIRONMENT = "ARMILLARY_STATE"
DEFAULT_RULES = Path(events.__file__).with_name("default_rules.toml")


def default_state_dir() -> Path:
    """Where a running observatory keeps its journal when nobody says otherwise."""
    named = os.environ.get(STATE_ENVIRONMENT)
    if named:
        return Path(named).expanduser().absolute()
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "armillary"


def from_folder(here: Path, path: Path | None) -> Path | None:
    """Let a path count from a folder; None stays None."""
    return None if path is None else here / path.expanduser()


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """What the network agreed to; hours are sky time.

    `objective`: what searches make most of (auto: detection where an event's map knows a distance, else probability);
    `visits`: the passes over the sky of an event, in order, by name (auto: one look by every telescope where the error
    region fits in one field, else the search 1, 2, 3); `bands`: those in which telescopes look at such a region, none:
    their own; `source`: what exposures are to reach, None: they are the sites' own; `rules`: what is done with an
    event, in order, before the rules that come with Armillary (`default_rules` False: instead of them).
    """

    objective: Objective = "auto"
    visits: tuple[str, ...] = (AUTO,)
    bands: tuple[str, ...] = ()
    source: str | float | None = None
    own_share: float = 0.55
    plan_hours: float = 24.0
    expire_low_significance_h: float = 24.0
    oldest_event_h: float = 24.0
    rules: tuple[Rule, ...] = ()
    default_rules: bool = True

    def all_rules(self) -> tuple[Rule, ...]:
        """Return every rule in its order."""
        return laid_over(self.rules, default_rules() if self.default_rules else ())


@dataclass(frozen=True, slots=True)
class PlanningSettings:
    """What plans are made with: a folder of galaxies, a map of the Galaxy's dust, a file of forecasts; None: none."""

    catalogue: Path | None = None
    dust: Path | None = None
    forecast: Path | None = None

    def seen_from(self, here: Path) -> "PlanningSettings":
        """Let the paths count from a folder."""
        paths = (
            None if path is None else here / path.expanduser() for path in (self.catalogue, self.dust, self.forecast)
        )
        return PlanningSettings(*paths)


@dataclass(frozen=True, slots=True)
class CatalogueSettings:
    """What candidates are compared with.

    `folders`: catalogues of any form, made by `armillary catalogues build`; `minor_planets`: a folder of known bodies,
    made by `armillary minor-planets build`, None: none.
    """

    folders: tuple[Path, ...] = ()
    minor_planets: Path | None = None

    def seen_from(self, here: Path) -> "CatalogueSettings":
        """Let the paths count from a folder."""
        folders = tuple(here / folder.expanduser() for folder in self.folders)
        return CatalogueSettings(folders, from_folder(here, self.minor_planets))


@dataclass(frozen=True, slots=True)
class DashboardSettings:
    """Where the dashboard is served, and who may look.

    `names`: host names under which it may be asked, besides `host` and this machine's own; `enabled` False: it is not
    served at all; `reading`: who has not signed in may look ("open"), may not ("closed"), or may where it is served to
    this machine alone ("local"); `simulations`: the folder of simulated campaigns that are shown, None: that in the
    state folder.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    names: tuple[str, ...] = ()
    enabled: bool = True
    reading: Literal["local", "open", "closed"] = "local"
    simulations: Path | None = None

    @property
    def address(self) -> str:
        """The page's address, without a slash at its end; by its first name over TLS that stands for one host."""
        whole = next((name for name in self.names if "*" not in name), None)
        return f"http://{HostPort(self.host, self.port)}" if whole is None else f"https://{whole}"

    @property
    def open_reading(self) -> bool:
        """Whether who has not signed in may look."""
        alone = self.host in LOOPBACK and not self.names  # With a name there is a proxy, which is on this machine.
        return self.reading == "open" or (self.reading == "local" and alone)


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Patience on the link, in link seconds; None: as each site file says."""

    heartbeat_s: float = 10.0
    lease_s: float | None = None
    acceptance_s: float | None = None


@dataclass(frozen=True, slots=True)
class SecuritySettings:
    """Who may speak with the gateway.

    `names`: host names and addresses by which telescopes know it, besides this machine's own; `authority`: the folder
    of its certificate authority, None: `<state>/ca`; `enrolment_port`: where who has no certificate yet asks for one,
    None: the gateway's port and one; `insecure`: plain text, whatever there is and whoever can reach it.
    """

    names: tuple[str, ...] = ()
    authority: Path | None = None
    enrolment_port: int | None = None
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class LinksSettings:
    """From where the maps may be fetched to which alerts link; no hosts: from nowhere.

    A host is trusted by its name (https, at a public address), or as an origin with scheme and port, such as
    `http://127.0.0.1:8123`: then exactly that, wherever it is. `total_s` is link time for one file.
    """

    hosts: tuple[str, ...] = MAP_HOSTS
    max_mib: float = 256.0
    total_s: float = 120.0


@dataclass(frozen=True, slots=True)
class FollowUpSettings:
    """How candidates are looked at again.

    `policy`: what would tell most a minute is asked for at once, waits for a person's yes, or never is; `threshold`,
    `decided`: the probabilities between which a candidate is worth a look; `most_per_event`, `most_looks`: looks at all
    candidates of an event, and at one.
    """

    policy: Literal["at_once", "ask", "never"] = "at_once"
    threshold: float = 0.05
    decided: float = 0.98
    most_per_event: int = 40
    most_looks: int = 8


@dataclass(frozen=True, slots=True)
class SkySettings:
    """The sky clock of a demonstration with simulated telescopes; no `start`: sky time is the machine's UTC."""

    start: datetime | None = None
    rate: float = 1.0
    may_jump: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; every path is absolute.

    `remote`: who is asked about candidates; none: nobody. `notify`: who is told of what, in which `outlets`.
    """

    state: Path = field(default_factory=default_state_dir)
    host: str = "127.0.0.1"
    port: int = 50051
    sites: Path = field(default_factory=default_sites_folder)
    streams: tuple[StreamSettings, ...] = (StreamSettings(),)
    policy: PolicySettings = field(default_factory=PolicySettings)
    planning: PlanningSettings = field(default_factory=PlanningSettings)
    catalogues: CatalogueSettings = field(default_factory=CatalogueSettings)
    dashboard: DashboardSettings = field(default_factory=DashboardSettings)
    link: LinkSettings = field(default_factory=LinkSettings)
    sky: SkySettings = field(default_factory=SkySettings)
    links: LinksSettings = field(default_factory=LinksSettings)
    vetting: VettingSettings = field(default_factory=VettingSettings)
    follow_up: FollowUpSettings = field(default_factory=FollowUpSettings)
    remote: tuple[RemoteSettings, ...] = ()
    outlets: tuple[OutletSettings, ...] = ()
    notify: tuple[NotifyRule, ...] = ()
    sign_in: OpenIdSettings = field(default_factory=OpenIdSettings)
    security: SecuritySettings = field(default_factory=SecuritySettings)
    rates: RateSettings = field(default_factory=RateSettings)

    @property
    def journal_file(self) -> Path:
        """The journal's file."""
        return self.state / "journal.sqlite"

    @property
    def read_models_file(self) -> Path:
        """The file of documents that can be made again from the journal."""
        return self.state / "read_models.sqlite"

    @property
    def blob_folder(self) -> Path:
        """The folder of sky maps, alerts and plans."""
        return self.state / "blobs"

    @property
    def run_file(self) -> Path:
        """What a running observatory says of itself, for `ingest`, `status` and `down`."""
        return self.state / "run.json"

    @property
    def people_file(self) -> Path:
        """The file of people's accounts and sessions."""
        return self.state / "people.sqlite"

    @property
    def campaigns_folder(self) -> Path:
        """The folder of simulated campaigns, each a folder in there."""
        return self.dashboard.simulations or self.state / "simulations"

    @property
    def authority_folder(self) -> Path:
        """The folder of the certificate authority."""
        return self.security.authority or self.state / "ca"

    @property
    def enrolment_port(self) -> int:
        """Where who has no certificate yet asks for one."""
        named = self.security.enrolment_port
        return self.port + 1 if named is None else named

    @property
    def gateway(self) -> str:
        """Address of the gateway."""
        return str(HostPort(self.host, self.port))


def default_rules() -> tuple[Rule, ...]:
    """Read the rules that come with Armillary."""
    return rules_of(tomllib.loads(DEFAULT_RULES.read_text(encoding="utf-8"))["policy"]["rules"])


def secret(name: str) -> str:
    """Return what an environment variable holds.

    Raises
    ------
    Refused
        It is not set, or empty.
    """
    held = os.environ.get(name, "")
    if not held:
        raise Refused("is not set", where=f"environment variable {name}", mend="set it where `armillary up` starts")
    return held
