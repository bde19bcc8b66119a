"""The one place that builds things: services out of settings and the doors to other services."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from coordinator.planning.recipe import Wish, source_of
from coordinator.security.transport import Transport, transport_for
from coordinator.services.intake import Intake
from coordinator.services.journal import Journal, JournalInfo, Writer
from coordinator.services.ports import PlannerPort, SchedulerPort, VetterPort
from coordinator.services.prompt import MOST_S, PromptFetch
from coordinator.services.remote_settings import RemoteSettings
from coordinator.services.scheduler import Scheduler
from coordinator.services.session_state import read_session, write_session
from coordinator.services.settings import FastSky, SchedulerSettings, SessionSettings
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.snapshot import SnapshotKeeper, newest_sound
from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import read_state, write_state
from coordinator.services.telescope_session import TelescopeSession
from coordinator.settings import PolicySettings, Settings, secret
from coordinator.store.blobs import FolderBlobs
from coordinator.store.snapshots import FolderSnapshots
from coordinator.store.state_files import StateFiles, state_files
from coordinator.stream_factory import registry_of
from telescopes.description.clocks import MonotonicClock, SkyClock
from telescopes.description.errors import Refused
from telescopes.description.site_file import read_sites
from telescopes.description.telescope import Telescope

if TYPE_CHECKING:
    from coordinator.catalogues.remote.source import RemoteSource
    from coordinator.gateway.door import Door
    from coordinator.planning.catalogue import Catalogue
    from coordinator.security.openid import OpenId
    from coordinator.security.people import People
    from coordinator.services.bodies import BodyWatch
    from coordinator.services.enrichment import Enrichment
    from coordinator.services.map_fetch import MapFetch
    from coordinator.services.notifier import Notifier, Outlet
    from coordinator.services.notify_settings import OutletSettings
    from coordinator.services.surroundings import Around
    from coordinator.services.vetter import Vetter
    from coordinator.services.web_request import AskWeb
    from coordinator.sky.dust_map import DustMap
    from coordinator.sky.skymap import SkyMap
    from coordinator.sources.forecast_file import Forecasts
    from coordinator.sources.http_fetch import HttpFetch
    from coordinator.sources.schema_registry import Registry, Schemas
    from coordinator.store.projection import Projection
    from coordinator.vetting.follow_up import FollowUpRule

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def utc_now() -> datetime:
    """The machine's UTC."""
    return datetime.now(UTC)


def telescopes(settings: Settings) -> dict[str, Telescope]:
    """Read the network's site files; the settings' patience lies over theirs."""
    found = {}
    for one in read_sites(settings.sites):
        link = one.link
        if settings.link.acceptance_s is not None:
            link = replace(link, acceptance_s=settings.link.acceptance_s)
        if settings.link.lease_s is not None:
            link = replace(link, lease_s=settings.link.lease_s)
        found[one.id] = replace(one, link=link)
    return found


def transport(settings: Settings) -> Transport:
    """Decide whether the gateway speaks TLS; Refused where it must and cannot."""
    folder = settings.authority_folder
    try:
        found = (folder / "authority.pem").exists()
    except PermissionError as error:
        mend = "let the user who runs this own the folder"
        raise Refused("cannot be looked into", where=str(folder), mend=mend) from error
    return transport_for(settings.host, has_certificate=found, insecure=settings.security.insecure)


def door(settings: Settings) -> "Door | None":
    """Build the gateway's door; None: it stands open."""
    if not transport(settings).tls:
        return None
    from coordinator.gateway.door_building import build_door

    link_clock = MonotonicClock()
    return build_door(
        settings.authority_folder,
        gateway_names(settings),
        settings.enrolment_port,
        link_now=link_clock.now,
        utc_now=utc_now,
        rates=settings.rates.rates(),
    )


def gateway_names(settings: Settings) -> tuple[str, ...]:
    """Name the hosts as which the gateway can show itself."""
    own = () if settings.host in ("0.0.0.0", "::") else (settings.host,)
    return tuple(dict.fromkeys((*THIS_MACHINE, socket.gethostname(), *own, *settings.security.names)))


def people(settings: Settings) -> "People":
    """Open the accounts of the people who use the dashboard."""
    from coordinator.security.people import People

    return People(settings.people_file)


def openid(settings: Settings) -> "OpenId | None":
    """Build what signs people in by their accounts elsewhere; None: nobody does."""
    if not settings.sign_in.issuer:
        return None
    from coordinator.security.openid import OpenId
    from coordinator.sources.openid_line import ask_provider

    its = settings.sign_in
    held = None if its.secret_env is None else secret(its.secret_env)
    back = f"{settings.dashboard.address}/sign-in/openid/back"
    return OpenId(its, held, back, ask_provider, utc_now, MonotonicClock().now)


def blobs(settings: Settings) -> FolderBlobs:
    """Open the blob folder."""
    return FolderBlobs(settings.blob_folder)


def galaxies(settings: Settings) -> "Callable[[SkyMap], Catalogue] | None":
    """Open the catalogue of galaxies; None: there is none."""
    folder = settings.planning.catalogue
    if folder is None:
        return None
    from coordinator.catalogues.index import GalaxyIndex
    from coordinator.catalogues.region import catalogue_for

    return partial(catalogue_for, GalaxyIndex.open(folder))


def catalogued(settings: Settings) -> "Around | None":
    """Open the catalogues that candidates are compared with; None: there are none."""
    if not settings.catalogues.folders:
        return None
    from coordinator.catalogues.opened import surroundings_in

    return surroundings_in(settings.catalogues.folders)


def surroundings(settings: Settings) -> "Around | None":
    """Open what is known of places: catalogues, and the map of dust; None: there is neither."""
    known, dust_file = catalogued(settings), settings.planning.dust
    if dust_file is None:
        return known
    from coordinator.catalogues.dust_around import dust_read_meanwhile
    from coordinator.catalogues.dust_file import read_dust
    from coordinator.vetting.neighbours import joined

    dusty = dust_read_meanwhile(partial(read_dust, dust_file))
    return dusty if known is None else lambda candidates: joined([known(candidates), dusty(candidates)])


def bodies(settings: Settings) -> "BodyWatch | None":
    """Open the folder of minor planets, as seen from each telescope's site; None: there is none."""
    folder = settings.catalogues.minor_planets
    if folder is None:
        return None
    from coordinator.catalogues.minor_planets.followed import FollowedBodies
    from coordinator.services.bodies import BodyWatch

    sites = {name: one.site for name, one in telescopes(settings).items()}
    return BodyWatch(FollowedBodies.open(folder, sites))


def dust(settings: Settings) -> "DustMap | None":
    """Read the map of the Galaxy's dust; None: there is none."""
    if settings.planning.dust is None:
        return None
    from coordinator.catalogues.dust_file import read_dust

    return read_dust(settings.planning.dust)


def forecasts(settings: Settings) -> "Callable[[], Forecasts] | None":
    """Follow the file of forecasts; None: nobody forecasts."""
    if settings.planning.forecast is None:
        return None
    from coordinator.sources.forecast_file import ForecastFile

    return ForecastFile(settings.planning.forecast, [t.id for t in read_sites(settings.sites)]).now


def sky_clock() -> JournaledSkyClock:
    """A sky clock that shows the machine's UTC until the journal sets it."""
    return JournaledSkyClock(utc_now)


def _wish(policy: PolicySettings) -> Wish:
    return Wish(source=None if policy.source is None else source_of(policy.source), bands=policy.bands)


def scheduler(settings: Settings, journal: Journal, planner: PlannerPort) -> Scheduler:
    """Build the scheduler."""
    return Scheduler(
        journal=journal,
        blobs=blobs(settings),
        planner=planner,
        telescopes=telescopes(settings),
        clock=sky_clock(),
        link=MonotonicClock(),
        settings=SchedulerSettings(
            own_share=settings.policy.own_share,
            objective=settings.policy.objective,
            visits=settings.policy.visits,
            wish=_wish(settings.policy),
            rules=settings.policy.all_rules(),
            plan_hours=settings.policy.plan_hours,
            expire_after=timedelta(hours=settings.policy.expire_low_significance_h),
            oldest=timedelta(hours=settings.policy.oldest_event_h),
            fast_sky=None
            if settings.sky.start is None
            else FastSky(settings.sky.start, settings.sky.rate, settings.sky.may_jump),
        ),
        snapshots=SnapshotKeeper(snapshots(settings, "scheduler"), write_state, read_state),
    )


def session(
    settings: Settings, telescope: Telescope, journal: Journal, scheduler_port: SchedulerPort, vetter: VetterPort
) -> TelescopeSession:
    """Build the coordinator's side of one telescope."""
    return TelescopeSession(
        telescope=telescope,
        journal=journal,
        scheduler=scheduler_port,
        vetter=vetter,
        clock=sky_clock(),
        link=MonotonicClock(),
        utc=utc_now,
        token=lambda: secrets.token_hex(8),
        settings=SessionSettings(heartbeat_s=settings.link.heartbeat_s, lease_s=settings.link.lease_s),
        snapshots=SnapshotKeeper(snapshots(settings, f"telescope/{telescope.id}"), write_session, read_session),
    )


async def intake(settings: Settings, journal: Journal, clock: SkyClock, role: str) -> Intake:
    """Build the intake of one alert source; Avro schemas that messages name by id lie in `<state>/schemas`."""
    from coordinator.sources.map_thread import make_map_in_thread, read_map_in_thread

    known = schemas(settings)
    return Intake(
        writer=await Writer.elected(journal, role),
        blobs=blobs(settings),
        sky_clock=clock,
        read_map=read_map_in_thread,
        source_id=role.partition("/")[2],
        schemas=known,
        learn_schema=known.learn,
        fetch=PromptFetch(_link_fetch(settings, most_s=MOST_S).get, MonotonicClock()).get,
        fetch_patiently=_link_fetch(settings).get,
        make_map=make_map_in_thread,
    )


def schemas(settings: Settings) -> "Schemas":
    """Open the Avro schemas that messages may name by id: those in `<state>/schemas`, and of the registry."""
    from coordinator.sources.schema_folder import schemas_in
    from coordinator.sources.schema_registry import Schemas

    folder = settings.state / "schemas"
    known = schemas_in(folder) if folder.is_dir() else {}
    return Schemas(folder, known, MonotonicClock(), _registry(settings))


def _registry(settings: Settings) -> "Registry | None":
    with contextlib.suppress(Refused):  # the stream that names it will say so, and the others run
        for stream in settings.streams:
            if stream.schema_registry:
                return registry_of(stream)
    return None


def _link_fetch(settings: Settings, most_s: float = float("inf")) -> "HttpFetch":
    """Build what fetches files by link, as the settings allow it."""
    from coordinator.services.link_rules import FetchRules
    from coordinator.sources.http_fetch import HttpFetch

    links = settings.links
    total_s = min(links.total_s, most_s)
    return HttpFetch(FetchRules(hosts=links.hosts, max_bytes=int(links.max_mib * 2**20), total_s=total_s))


def _follow_up_rule(settings: Settings) -> "FollowUpRule":
    from coordinator.vetting.follow_up import FollowUpRule

    its = settings.follow_up
    return FollowUpRule(
        its.policy, its.threshold, its.decided, most_per_event=its.most_per_event, most_looks=its.most_looks
    )


def enrichment(settings: Settings) -> "Enrichment | None":
    """Build what asks others about candidates; None: nobody is asked, which is the default."""
    if not settings.remote:
        return None
    from coordinator.services.enrichment import Enrichment

    return Enrichment([_remote(settings, one) for one in settings.remote], MonotonicClock())


def _remote(settings: Settings, one: RemoteSettings) -> "RemoteSource":
    """Build one source: it may be fetched from its own host alone."""
    from coordinator.catalogues.remote.cache import FolderCache
    from coordinator.catalogues.remote.secrets import Secretive, named
    from coordinator.catalogues.remote.source import RemoteSource
    from coordinator.services.link_rules import FetchRules
    from coordinator.sources.http_fetch import HttpFetch

    rules = FetchRules((one.host,), int(one.max_kib * 2**10), one.connect_s, one.total_s)
    open_ = {} if one.user_agent is None else {"User-Agent": one.user_agent}
    cache = FolderCache(settings.state / "remote" / one.id, timedelta(days=one.good_days), utc_now)

    def sender(held: Mapping[str, str]) -> "AskWeb":
        hidden = {name: held[variable] for name, variable in one.secret_headers.items()}
        form = {} if one.secret_env is None else {"api_key": held[one.secret_env]}
        return HttpFetch(rules, open_ | hidden, form).ask

    return RemoteSource(one, Secretive(named(one), secret, sender).ask, cache, MonotonicClock())


async def map_fetch(settings: Settings, journal: Journal, clock: SkyClock) -> "MapFetch":
    """Build what fetches the maps to which alerts link."""
    from coordinator.services.map_fetch import ROLE, MapFetch
    from coordinator.sources.map_thread import read_map_in_thread

    writer = await Writer.elected(journal, ROLE)
    return MapFetch(journal, writer, blobs(settings), _link_fetch(settings), read_map_in_thread, clock)


async def vetter(settings: Settings, journal: Journal, clock: SkyClock) -> "Vetter":
    """Build the vetter and let it fold the journal."""
    from coordinator.services.follow_ups import FollowUps
    from coordinator.services.vetter import Vetter, VetterSettings
    from coordinator.services.vetter_snapshot import read_vetter, write_vetter
    from coordinator.vetting.possible_looks import possible_looks

    kept = blobs(settings)

    async def load_map(sha256: str) -> "SkyMap":
        # A vetter that was killed serves before it has read a map, so it doesn't wait for what reads one.
        from coordinator.sky.read import read_skymap

        data = await kept.get(sha256)
        return await asyncio.to_thread(read_skymap, data)

    keeper = SnapshotKeeper(snapshots(settings, "vetter"), write_vetter, read_vetter)
    made = Vetter(
        journal,
        kept,
        clock,
        load_map,
        VetterSettings(odds=settings.vetting.rule(), follow_up=_follow_up_rule(settings)),
        snapshots=keeper,
        around=surroundings(settings),
        bodies=bodies(settings),
        schemas=schemas(settings),
        enrichment=enrichment(settings),
        follow_ups=FollowUps(possible_looks(telescopes(settings).values())),
    )
    await made.start()
    return made


async def notifier(settings: Settings, journal: Journal, clock: SkyClock) -> "Notifier":
    """Build what tells people who do not watch the page."""
    from coordinator.services.notifier import ROLE, Notifier

    writer = await Writer.elected(journal, ROLE)
    outlets = {one.id: _outlet(one) for one in settings.outlets}
    return Notifier(journal, writer, settings.notify, outlets, settings.dashboard.address, utc_now, clock)


def _outlet(one: "OutletSettings") -> "Outlet":
    from coordinator.senders.email_outlet import EmailOutlet
    from coordinator.senders.webhook import WebhookOutlet

    if one.kind == "webhook":
        return WebhookOutlet(one.url or "", secret(one.secret_env or ""), utc_now)
    user, password = (None if name is None else secret(name) for name in (one.user_env, one.password_env))
    return EmailOutlet(one.host, one.port, one.tls, one.sender, one.to, user, password)


def projection(settings: Settings, journal: Journal) -> "Projection":
    """Build the follower that keeps the read models."""
    from coordinator.services.documents import document
    from coordinator.store.projection import Projection
    from coordinator.store.read_models import ReadModels

    state = ObservatoryState()
    return Projection(journal, state, partial(document, state), ReadModels(settings.read_models_file))


def snapshots(settings: Settings, role: str) -> FolderSnapshots:
    """Open the folder for the snapshots of one role."""
    return FolderSnapshots(settings.state / "snapshots" / role)


def files(settings: Settings) -> StateFiles:
    """Look at what lies in the state folder of the journal and its fold."""
    return state_files(settings.journal_file, snapshots(settings, "scheduler"))


def newest_state(settings: Settings, info: JournalInfo) -> ObservatoryState | None:
    """Read the scheduler's newest snapshot that is sound; None: there is none of this journal."""
    return newest_sound(snapshots(settings, "scheduler"), read_state, info)
