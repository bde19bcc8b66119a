"""A dashboard on a free port of this machine, over a journal in memory that tells a small story."""

import io
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import numpy as np
import pytest
from astropy.io import fits
from builders.dispatch import an_alert
from builders.served import app_served

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.dashboard.app import build_app
from coordinator.dashboard.board import DashboardPort
from coordinator.dashboard.desk import Desk
from coordinator.dashboard.machine.known import UNKNOWN, Machine
from coordinator.dispatch.facts import PlanMade, PointingMoved, PointingOffered, SessionOpened, TelescopeStatusChanged
from coordinator.dispatch.site_weather import SiteWeather
from coordinator.events.event import Event
from coordinator.services.facts import entry_of
from coordinator.services.journal import Entry, InMemoryBlobs, InMemoryJournal, JournalInfo, Writer
from coordinator.services.state import ObservatoryState
from coordinator.sky.ranges import Ranges
from coordinator.vetting.facts import CandidatesScored, CheckResult, ScoredCandidate
from telescopes.description.footprint import Rectangle
from telescopes.description.messages import Exposure, Pointing
from telescopes.description.states import PointingState, Reason
from telescopes.description.telescope import Instrument, Observing, Site, Telescope

T0 = datetime(2017, 8, 17, 12, 41, 4, tzinfo=UTC)
EVENT = "lvk:G298048"
CENTRE = (197.4, -23.4)


def a_map(ra_deg: float = CENTRE[0], dec_deg: float = CENTRE[1], width_deg: float = 3.0) -> bytes:
    """A multi-order sky map (all cells of order 6): a round patch."""
    import healpy

    ipix = np.arange(12 * 4**6)
    there = healpy.ang2vec(ra_deg, dec_deg, lonlat=True)
    away = np.degrees(np.arccos(np.clip(np.array(healpy.pix2vec(64, ipix, nest=True)).T @ there, -1, 1)))
    density = np.exp(-((away / width_deg) ** 2) / 2)
    density /= density.sum() * 4 * np.pi / ipix.size
    columns = [fits.Column("UNIQ", "K", array=ipix + 4 * 4**6), fits.Column("PROBDENSITY", "D", "sr-1", array=density)]
    table = fits.BinTableHDU.from_columns(columns)
    table.header.update(PIXTYPE="HEALPIX", ORDERING="NUNIQ", COORDSYS="C", MOCORDER=6, INDXSCHM="EXPLICIT")
    out = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(out)
    return out.getvalue()


def a_telescope(id: str) -> Telescope:
    camera = Instrument("main", ("clear",), Rectangle(1.9, 1.9))
    return Telescope(id, id.upper(), Site(43.75, 6.92), (camera,), Observing(60.0))


def around(ra_deg: float, dec_deg: float) -> Ranges:
    """The order-8 pixel there."""
    import healpy

    return Ranges.of_pixels(8, np.array([healpy.ang2pix(256, ra_deg, dec_deg, nest=True, lonlat=True)]))


@dataclass
class Story:
    """A journal, and words to go on telling."""

    journal: InMemoryJournal = field(default_factory=InMemoryJournal)
    blobs: InMemoryBlobs = field(default_factory=InMemoryBlobs)
    telescopes: dict[str, Telescope] = field(default_factory=lambda: {t: a_telescope(t) for t in ("tca", "tch")})
    now: datetime = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
    offers: int = 0
    skies: dict[str, str | None] = field(default_factory=dict)
    snapshot_at: int = 0

    def snapshot(self, _journal: JournalInfo) -> ObservatoryState | None:
        """The fold of the first entries; 0: there is no snapshot."""
        state = ObservatoryState()
        for stored in self.journal.stored[: self.snapshot_at]:
            state.apply(stored)
        return state if self.snapshot_at else None

    async def tell(self, kind: str, fact: object, role: str = "scheduler", **where: str) -> int:
        """Append one fact; return its number."""
        entry = entry_of(kind, fact, sky_time=T0 + timedelta(minutes=len(self.journal.stored)), **where)  # type: ignore[arg-type]
        return await self.write(entry, role)

    async def write(self, entry: Entry, role: str = "scheduler") -> int:
        if role not in self.journal.epochs:
            await Writer.elected(self.journal, role)
        (stored,) = await Writer(self.journal, role, self.journal.epochs[role]).append([entry])
        return stored.seq

    async def event(
        self,
        name: str = "G298048",
        *,
        revision: int = 1,
        retracted: bool = False,
        sky: bytes = b"",
        t0: datetime | None = T0,
    ) -> int:
        """An alert that was understood; no sky: the event has none."""
        where = Localization("none")
        if sky:
            sha256 = await self.blobs.put(sky)
            where = Localization(
                "multiorder",
                skymap_sha256=sha256,
                skymap_bytes=len(sky),
                area50_deg2=15.7,
                area90_deg2=65.4,
                distance_mpc=40.0,
                distance_std_mpc=8.0,
            )
        key = f"lvk:{name}" if name.isalnum() else EVENT
        self.skies[key] = where.skymap_sha256
        fact = Event(
            key, name, revision, retracted, "gw", Phase.INITIAL, "INITIAL", Purpose.OBSERVATION, t0, T0, where,
            classification={"BNS": 0.98},
        )  # fmt: skip
        return await self.tell("event_retracted" if retracted else "event_revised", fact, event=key, subject=key)

    async def alert(self, number: int = 1, raw: bytes = b"{}", *, stream: str = "gcn", key: str = EVENT) -> int:
        """A notice came in by a stream, and its bytes are kept."""
        fact = replace(an_alert(number, key=key, sky=None), raw_sha256=await self.blobs.put(raw), source=stream)
        return await self.tell("alert_received", fact, f"source/{stream}", event=key, subject=fact.notice_id)

    async def plan(self, *fields: tuple[str, float, float], first: int = 0) -> int:
        """A plan with fields (telescope, ra, dec), numbered from `first`, that nobody was offered yet."""
        rows = [
            {
                "id": f"plan-{n}", "event": EVENT, "event_revision": 1, "telescope": telescope, "instrument": "main",
                "visit": "1", "ra_deg": ra, "dec_deg": dec, "position_angle_deg": 0.0, "start": "2030-01-01T00:00:00Z",
                "end": "2030-01-01T00:05:00Z", "filter": "clear", "exposure_s": 60.0, "count": 3, "limit_mag_ab": 18.0,
                "probability": 0.02, "new_probability": 0.02, "why": "dark there",
            }
            for n, (telescope, ra, dec) in enumerate(fields, first)
        ]  # fmt: skip
        skies = [{"key": key, "skymap_sha256": sky} for key, sky in self.skies.items()]
        sha256 = await self.blobs.put(msgspec.json.encode({"events": skies, "pointings": rows}))
        return await self.tell("plan_made", PlanMade("p", sha256, "new sky", (EVENT,), {EVENT: 0.81}))

    async def offer(
        self, telescope: str = "tca", ra_deg: float = CENTRE[0], dec_deg: float = CENTRE[1], id: str | None = None
    ) -> str:
        """Offer a pointing; return its id."""
        self.offers += 1
        pointing_id = id or f"pointing-{self.offers:03d}"
        start = T0 + timedelta(hours=self.offers)
        asked = Pointing(
            pointing_id, 1, "p", EVENT, 1, telescope, "main", "1", ra_deg, dec_deg, 0.0, start,
            start + timedelta(minutes=10), start, (Exposure("clear", 60.0, 3),), 30.0, limit_mag_ab=18.0,
        )  # fmt: skip
        fact = PointingOffered(
            asked, self.offers, start + timedelta(minutes=5), around(ra_deg, dec_deg).encode(), 0.05, 0.04, 0.05, 0.04,
            why="highest probability first",
        )  # fmt: skip
        await self.tell("pointing_offered", fact, event=EVENT, telescope=telescope, subject=pointing_id)
        return pointing_id

    async def move(self, pointing_id: str, to: PointingState, telescope: str = "tca") -> int:
        """A telescope's word about a pointing."""
        kind = "pointing_progressed" if to in (PointingState.SLEWING, PointingState.EXPOSING) else f"pointing_{to}"
        fact = PointingMoved(pointing_id, to, Reason.WEATHER if to is PointingState.FAILED else None)
        return await self.tell(kind, fact, event=EVENT, telescope=telescope, subject=pointing_id)

    async def session(self, telescope: str, config_sha256: str = "0" * 64) -> int:
        """An agent came."""
        fact = SessionOpened("s", 1, "b", "0.1", config_sha256, ("simulated",))
        return await self.tell("session_opened", fact, f"telescope/{telescope}", telescope=telescope)

    async def clouds(self, telescope: str, cloud_cover_pct: float | None = 95.0) -> int:
        """A site closed."""
        fact = TelescopeStatusChanged("up", False, (Reason.WEATHER,), cloud_cover_pct=cloud_cover_pct)
        return await self.tell("telescope_status_changed", fact, f"telescope/{telescope}", telescope=telescope)

    async def weather(self, telescope: str, **sensors: float) -> int:
        """A site told of its weather."""
        return await self.tell(
            "site_weather_told", SiteWeather(**sensors), f"telescope/{telescope}", telescope=telescope
        )

    async def candidates(
        self, *ids: str, in_journal: int | None = None, event: str = EVENT, rejected: tuple[str, ...] = ()
    ) -> int:
        """Candidates were weighed; a number: only so many stand in the journal, all in a table.

        Those that people `rejected` are called so in the journal; a table does not know.
        """
        check = CheckResult("sky_probability", 3.2, True, "level .12", "map", "well inside the 50 % region")
        scored = tuple(
            ScoredCandidate(
                id,
                CENTRE[0] + n,
                CENTRE[1],
                0.12,
                0.9 / (n + 1),
                4.0 - n,
                "promising" if n == 0 else "possible",
                2,
                (check,),
                17.3,
                "clear",
            )
            for n, id in enumerate(ids)
        )
        table = None if in_journal is None else await self.blobs.put(zlib.compress(msgspec.json.encode(scored)))
        in_words = tuple(
            replace(one, verdict="rejected", marked="rejected", machine_verdict=one.verdict)
            if one.id in rejected
            else one
            for one in scored[:in_journal]
        )
        fact = CandidatesScored(event, 1, 0.1, in_words, table, best=ids[0], weighed=len(scored))
        return await self.tell("candidates_scored", fact, "vetter")

    async def whole(self) -> None:
        """Everything that a page can show."""
        await self.event(sky=a_map())
        await self.plan(("tca", 196.0, -21.0), ("tch", 199.0, -25.0))
        await self.session("tca")
        await self.session("tch")
        done, running, failed = [await self.offer(ra_deg=CENTRE[0] + 2.0 * n) for n in range(3)]
        await self.offer("tch", dec_deg=CENTRE[1] + 2.0)
        for state in (PointingState.ACCEPTED, PointingState.EXPOSING, PointingState.COMPLETED):
            await self.move(done, state)
        for state in (PointingState.ACCEPTED, PointingState.EXPOSING):
            await self.move(running, state)
        for state in (PointingState.ACCEPTED, PointingState.FAILED):
            await self.move(failed, state)
        await self.clouds("tch")
        await self.candidates("cand-1", "cand-2")


@asynccontextmanager
async def serving(
    story: Story,
    on: int = 0,
    desk: Desk | None = None,
    campaigns: Path | None = None,
    machine: Machine = UNKNOWN,
) -> AsyncIterator[str]:
    """Serve the story's dashboard; give its address."""
    port = DashboardPort(
        story.journal,
        story.blobs,
        story.telescopes,
        lambda: story.now,
        story.snapshot,
        campaigns=campaigns,
        machine=machine,
    )
    async with app_served(build_app(port, desk=desk), on) as address:
        yield address


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
async def site(story: Story) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a dashboard that follows the story."""
    async with serving(story) as address, httpx.AsyncClient(base_url=address, timeout=60.0) as client:
        yield client


@pytest.fixture
def some_map() -> Callable[..., bytes]:
    return a_map


@pytest.fixture
def serve_story() -> Callable[[Story], object]:
    return serving
