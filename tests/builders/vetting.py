"""Sightings, detections, events and small skies for vetting."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import healpy
import numpy as np

from coordinator.alerts.alert import Localization, Purpose
from coordinator.events.event import Event
from coordinator.sky.skymap import MapFacts, SkyMap
from coordinator.vetting.sighting import Sighting
from telescopes.description.messages import Detection

T0 = datetime(2026, 3, 20, 0, 0, tzinfo=UTC)
CENTRE = (150.0, 20.0)
ARCSEC = 1 / 3600


def a_sky(
    *,
    sha256: str = "a" * 64,
    ra_deg: float = CENTRE[0],
    dec_deg: float = CENTRE[1],
    sigma_deg: float = 3.0,
    order: int = 6,
    mu_mpc: float | None = 40.0,
    sigma_mpc: float = 8.0,
) -> SkyMap:
    """A round map with one distance everywhere."""
    ipix = np.arange(12 * 4**order, dtype=np.int64)
    there = np.array(healpy.pix2vec(1 << order, ipix, nest=True))
    towards = healpy.ang2vec(ra_deg, dec_deg, lonlat=True) @ there
    probability = np.exp((towards - 1) / np.radians(sigma_deg) ** 2)
    facts = MapFacts(sha256, t0=T0, distance_mpc=mu_mpc, distance_std_mpc=None if mu_mpc is None else sigma_mpc)
    layers: dict[str, Any] = {}
    if mu_mpc is not None:
        layers = {
            "dist_mu_mpc": np.full(ipix.size, mu_mpc),
            "dist_sigma_mpc": np.full(ipix.size, sigma_mpc),
            "dist_norm": np.full(ipix.size, 1 / (mu_mpc**2 + sigma_mpc**2)),
        }
    return SkyMap(np.full(ipix.size, order, np.int64), ipix, probability / probability.sum(), facts, **layers)


def an_event(**changes: Any) -> Event:
    """An event with a sky map."""
    event = Event(
        key="lvk:S1",
        name="S1",
        revision=1,
        retracted=False,
        messenger="GW",
        phase=None,
        stage=None,
        purpose=Purpose.OBSERVATION,
        t0=T0,
        t_issued=T0,
        localization=Localization("multiorder", skymap_sha256="a" * 64),
    )
    return replace(event, **changes)


def a_sighting(
    id: str,
    hours: float = 8.0,
    *,
    east_arcsec: float = 0.0,
    north_arcsec: float = 0.0,
    place: tuple[float, float] = CENTRE,
    **changes: Any,
) -> Sighting:
    """A sighting so many hours after the event, a little off a place."""
    dec = place[1] + north_arcsec * ARCSEC
    ra = place[0] + east_arcsec * ARCSEC / np.cos(np.radians(place[1]))
    sighting = Sighting(id, float(ra), float(dec), T0 + timedelta(hours=hours), filter="r", mag_ab=18.0, mag_err=0.05)
    return replace(sighting, pos_err_arcsec=0.2, **changes)


def a_detection(id: str, hours: float = 8.0, *, place: tuple[float, float] = CENTRE, **changes: Any) -> Detection:
    """A detection as an agent sends it."""
    detection = Detection(
        detection_id=id,
        pointing_id="",
        ra_deg=place[0],
        dec_deg=place[1],
        mid_exposure=T0 + timedelta(hours=hours),
        filter="r",
        mag_ab=18.0,
        mag_err=0.05,
        pos_err_arcsec=0.2,
        limiting_mag_ab=19.5,
        real_bogus=0.9,
        snr=20.0,
    )
    return replace(detection, **changes)
