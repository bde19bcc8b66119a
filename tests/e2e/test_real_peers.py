"""A night on real peers: one telescope of each driver, in one running system, from the alert to the FITS file."""

import hashlib
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import TETE, SkyCoord
from astropy.io import fits
from astropy.time import Time
from astropy.utils import iers
from astropy.wcs import WCS
from astropy.wcs.utils import proj_plane_pixel_scales
from builders.night_record import Told, apart_arcsec, told_by
from builders.notices import a_notice
from builders.real_peers import RealPeers, real_peers
from builders.real_sites import RealSite
from builders.running import poll
from builders.whole_pointings import now

from coordinator.simulation.built_in_map import Strip, strip_map
from telescopes.description.messages import ExposureResult
from telescopes.description.states import LIVE, PointingState, Reason

S = PointingState
pytestmark = [pytest.mark.e2e, pytest.mark.ray, pytest.mark.peer, pytest.mark.long]
WITHIN_ARCSEC = 60.0
JNOW_IS_ARCSEC = 300.0
"""Less than what precession has made of every place since 2000, near the equator."""
GENEROUS_S = 200.0
OURS = ("alpaca", "indi", "simulated")
"""Drivers that write their images themselves; of the others the site does."""


@pytest.fixture
def peers(tmp_path: Path) -> Iterator[RealPeers]:
    with real_peers(tmp_path) as made:
        yield made


@pytest.mark.timeout(900)
def test_every_kind_of_telescope_observes_stops_and_observes_again(peers: RealPeers) -> None:
    first, second = Superevent.called("aa"), Superevent.called("ab")
    hand_in(peers, first, "PRELIMINARY")
    poll("every telescope exposes", lambda: all_expose(peers, first), GENEROUS_S)
    mounts_speak_jnow(peers, first)
    hand_in(peers, first, "RETRACTION")
    poll("every pointing of the first event has ended", lambda: not live(peers, first))
    poll("every shutter is closed", lambda: not open_shutters(peers))
    every_telescope_was_stopped(peers, first)

    again = now()
    hand_in(peers, second, "PRELIMINARY")
    poll("every telescope has completed one", lambda: all_completed(peers, second), GENEROUS_S)
    hand_in(peers, second, "RETRACTION")
    poll("every pointing of the second event has ended", lambda: not live(peers, second))
    peers.end_agents()

    told = told_by(peers.read())
    write_table(told)
    assert peers.broken_laws() == []
    nothing_is_told_that_was_given_up(told, again, second)
    for site in peers.sites:
        of_site = [one for one in told.values() if one.pointing.telescope_id == site.id]
        exposures_follow_each_other(of_site)
        for one in of_site:
            looked_where_it_was_asked(one)
        if site.images is not None:
            every_image_is_told_once(site, of_site)
            for one in of_site:
                headers_are_right(site, one)


# -- events


@dataclass(frozen=True)
class Superevent:
    """An event of some minutes ago, so that its notices are neither old nor of the future."""

    name: str
    t0: datetime

    @classmethod
    def called(cls, letters: str) -> "Superevent":
        t0 = (now() - timedelta(minutes=40)).replace(microsecond=0)
        return cls(f"S{t0:%y%m%d}{letters}", t0)

    @property
    def key(self) -> str:
        return f"lvk:{self.name}"


def hand_in(peers: RealPeers, event: Superevent, kind: str) -> int:
    """Hand a notice in; its sky is over the sites, in all of their strips."""
    place = (peers.night.ra_deg, peers.night.dec_deg)
    sky = strip_map(Strip(place, length_deg=3.0, width_deg=2.0, t0=event.t0, name=event.name))
    retracted = kind == "RETRACTION"
    notice = a_notice(event.name, kind, 60 if retracted else 0, None if retracted else sky, event.t0)
    return peers.hand_in(f"{event.name}-{kind}.json", notice)


# -- what is going on


def live(peers: RealPeers, event: Superevent) -> list[str]:
    return [a.id for a in peers.state().pointings.live(event=event.key)]


def open_shutters(peers: RealPeers) -> list[str]:
    return [name for name, side in peers.far_sides.items() if side.exposes()]


def all_expose(peers: RealPeers, event: Superevent) -> bool:
    """Say whether every telescope exposes now, by the journal and by what stands behind its driver."""
    held = peers.state().pointings.live(event=event.key)
    exposing = {a.telescope for a in held if a.state is S.EXPOSING}
    return exposing == set(peers.telescopes) and len(open_shutters(peers)) == len(peers.far_sides)


def all_completed(peers: RealPeers, event: Superevent) -> bool:
    of_event = peers.state().pointings.of_event(event.key)
    return {a.telescope for a in of_event if a.state is S.COMPLETED} == set(peers.telescopes)


def mounts_speak_jnow(peers: RealPeers, event: Superevent) -> None:
    """Ask the mounts where they look, and turn it into ICRS by astropy: that is where they were sent."""
    assigned = {a.telescope: a for a in peers.state().pointings.live(event=event.key) if a.state is S.EXPOSING}
    mount = "Telescope Simulator.EQUATORIAL_EOD_COORD"
    places = {
        "alpaca": peers.alpaca.mount_place(),
        "indi": (float(peers.indi.get(f"{mount}.RA")), float(peers.indi.get(f"{mount}.DEC"))),
    }
    for name, (ra_h, dec_deg) in places.items():
        pointing = assigned[name].offered.pointing
        asked = (pointing.ra_deg, pointing.dec_deg)
        assert apart_arcsec(by_astropy(ra_h, dec_deg), asked) < WITHIN_ARCSEC, name
        assert apart_arcsec((ra_h * 15.0, dec_deg), asked) > JNOW_IS_ARCSEC, name


def by_astropy(ra_h: float, dec_deg: float) -> tuple[float, float]:
    """Turn a place of the date into ICRS; how the Earth turns matters little to it, and no table of that is fetched."""
    with iers.conf.set_temp("auto_download", False), iers.conf.set_temp("auto_max_age", None):
        of_date = SkyCoord(ra_h * u.hourangle, dec_deg * u.deg, frame=TETE(obstime=Time(now())))
        return float(of_date.icrs.ra.deg), float(of_date.icrs.dec.deg)


# -- what the journal tells


def every_telescope_was_stopped(peers: RealPeers, event: Superevent) -> None:
    """Each had exposures left when it stopped, says why it did, and tells of none that had not ended by then.

    What came to enough by then (`acceptability_threshold`) has completed, and has no reason to give.
    """
    stopped = {}
    for one in told_by(peers.read()).values():
        begun = S.EXPOSING in {r.state for r in one.reports}
        left = len(one.exposures) < sum(e.count for e in one.pointing.exposures)
        if one.pointing.event_id == event.key and begun and left:
            stopped[one.pointing.telescope_id] = one
    assert set(stopped) == set(peers.telescopes)
    for name, one in stopped.items():
        assert one.state in (S.REVOKED, S.PARTIAL, S.COMPLETED), name
        assert one.state is S.COMPLETED or one.reports[-1].reason is Reason.RETRACTED, name
        assert all(e.end <= one.reports[-1].report_time for e in one.exposures), name


def nothing_is_told_that_was_given_up(told: dict[str, Told], again: datetime, second: Superevent) -> None:
    """Nothing stays open, and no image of before the second event is told as one of it."""
    for one in told.values():
        assert one.state not in LIVE
        if one.pointing.event_id == second.key:
            assert all(e.start > again for e in one.exposures), one.pointing.pointing_id


def exposures_follow_each_other(of_site: list[Told]) -> None:
    """A telescope has one shutter, and it opens for what it has begun."""
    rounded = timedelta(milliseconds=2)
    for one in of_site:
        assert all(one.started and e.start >= one.started - rounded for e in one.exposures), one.pointing.pointing_id
    taken = sorted((e for one in of_site for e in one.exposures), key=lambda e: e.start)
    assert all(a.end <= b.start + rounded for a, b in pairwise(taken))


def looked_where_it_was_asked(one: Told) -> None:
    if one.exposures:
        assert one.off_arcsec is not None and one.off_arcsec < WITHIN_ARCSEC, one.pointing.pointing_id


# -- images


def path_of(exposure: ExposureResult) -> Path:
    return Path(unquote(urlsplit(exposure.image_uri).path))


def every_image_is_told_once(site: RealSite, of_site: list[Told]) -> None:
    """What lies in the folder is what was told, but for what the site's own scheduler saved of aborted exposures."""
    assert site.images is not None
    told = [path_of(e) for one in of_site for e in one.exposures]
    assert len(told) == len(set(told))
    there = set(site.images.rglob("*.fits"))
    given_up = {path for path in there if path.name.startswith("aborted-")}
    assert set(told) == there - given_up
    assert bool(given_up) is (site.id == "filedrop")


def headers_are_right(site: RealSite, one: Told) -> None:
    for exposure in one.exposures:
        assert hashlib.sha256(path_of(exposure).read_bytes()).hexdigest() == exposure.image_sha256
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with fits.open(path_of(exposure)) as file:
                file.verify("exception")
                header = file[0].header
                assert file[0].data.ndim == 2
        assert abs(datetime.fromisoformat(header["DATE-OBS"] + "+00:00") - exposure.start) < timedelta(milliseconds=2)
        assert header["EXPTIME"] == exposure.exposure_s == one.pointing.exposures[0].exposure_s
        assert header["FILTER"] == ("SDSS_r" if site.id == "filedrop" else exposure.filter)
        place = centre_by_wcs(site, header) if site.id in OURS else (header["RA"], header["DEC"])
        assert apart_arcsec(place, (one.pointing.ra_deg, one.pointing.dec_deg)) < WITHIN_ARCSEC
        if site.id in OURS:
            says_whose_it_is(header, one, exposure)


def says_whose_it_is(header: fits.Header, one: Told, exposure: ExposureResult) -> None:
    end = datetime.fromisoformat(header["DATE-END"] + "+00:00")
    assert header["OBJECT"] == one.pointing.pointing_id
    assert header["EXPINDEX"] == exposure.exposure_index
    assert header["TELESCOP"] == one.pointing.telescope_id
    assert header["INSTRUME"] == one.pointing.instrument_id
    assert header["TIMESYS"] == "UTC"
    assert abs(end - exposure.end) < timedelta(milliseconds=2)


def centre_by_wcs(site: RealSite, header: fits.Header) -> tuple[float, float]:
    """Return where the middle of the image is; the image is as large as the site's field."""
    wcs = WCS(header)
    width, height = header["NAXIS1"], header["NAXIS2"]
    sides_deg = proj_plane_pixel_scales(wcs) * np.array([width, height])
    assert np.allclose(sides_deg, site.side_deg, rtol=1e-6)
    ra_deg, dec_deg = wcs.all_pix2world((width - 1) / 2, (height - 1) / 2, 0)
    return float(ra_deg), float(dec_deg)


# -- for people


def write_table(told: dict[str, Told]) -> None:
    """Write what was asked and what came of it, a line for each pointing that was begun."""
    sys.stdout.write(f"\n{'telescope':10} {'event':15} {'ended as':10} {'exposures':10} off, arcsec\n")
    begun = [(one.started, one) for one in told.values() if one.started]
    for _, one in sorted(begun, key=lambda pair: pair[0]):
        asked, off = one.pointing, one.off_arcsec
        count = f"{len(one.exposures)} of {sum(e.count for e in asked.exposures)}"
        said = "not said" if off is None else f"{off:.1f}"
        sys.stdout.write(f"{asked.telescope_id:10} {asked.event_id:15} {one.state:10} {count:10} {said}\n")
