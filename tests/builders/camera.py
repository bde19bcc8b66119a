"""A camera that sees a whole field at once: what a network would detect of a simulated world."""

import math
from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from coordinator.simulation.world.draw import places_in
from coordinator.sky.ranges import Ranges
from coordinator.vetting.looks import Look
from coordinator.vetting.sighting import Sighting
from telescopes.description.footprint import Rectangle
from telescopes.description.telescope import Depth, Instrument, Observing, Site, Telescope
from telescopes.drivers.world import SkySource, World

LOOK_H = 0.15
FIELD_DEG2 = 4.0


def a_seeing_telescope(id: str, latitude_deg: float, filter: str, limit_mag: float) -> Telescope:
    """A telescope with one filter and one known depth."""
    camera = Instrument("main", (filter,), Rectangle(2.0, 2.0), (Depth(limit_mag, 60.0, filter),))
    return Telescope(id, id, Site(latitude_deg, 0.0), (camera,), Observing(exposure_s=60.0, filters=(filter,)))


def look_of(world: World, telescope: Telescope, fields: Ranges, hour: float) -> Look:
    """What the coordinator knows of a look."""
    depth = telescope.instruments[0].depth[0]
    start = world.t_ref + timedelta(hours=hour)
    end = start + timedelta(hours=LOOK_H)
    return Look(telescope.id, start, end, depth.filter or "", depth.limit_mag_ab, fields)


def observe(
    rng: np.random.Generator, world: World, fields: Ranges, hours: Sequence[float], telescopes: Sequence[Telescope]
) -> list[Sighting]:
    """Look at all fields with every telescope at each of these hours after the search began."""
    seen: list[Sighting] = []
    for hour in hours:
        for telescope in telescopes:
            for source in world.sources:
                found = _detect(rng, world, source, telescope, hour + rng.uniform(0, LOOK_H), len(seen))
                seen += [] if found is None else [found]
            seen += _artefacts(rng, world, fields, telescope, hour, len(seen))
    return seen


def _detect(
    rng: np.random.Generator, world: World, source: SkySource, telescope: Telescope, hour: float, n: int
) -> Sighting | None:
    depth = telescope.instruments[0].depth[0]
    curve = source.light_curve.get(depth.filter or "") or source.light_curve["r"]
    if not curve or not curve[0][0] <= hour <= curve[-1][0]:
        return None
    mag = float(np.interp(hour, [h for h, _ in curve], [m for _, m in curve]))
    if rng.random() > 1 / (1 + math.exp(min((mag - depth.limit_mag_ab) / 0.1, 50.0))):
        return None
    err = 0.2 * 10 ** (0.4 * (mag - depth.limit_mag_ab))
    off = max(0.15, 1.5 * err)
    dec = source.dec_deg + (source.dec_rate_arcsec_h * hour + rng.normal(0, off)) / 3600
    ra = source.ra_deg + (source.ra_rate_arcsec_h * hour + rng.normal(0, off)) / 3600 / math.cos(math.radians(dec))
    return Sighting(
        id=f"{telescope.id}-{n}",
        ra_deg=ra % 360,
        dec_deg=dec,
        time=world.t_ref + timedelta(hours=hour),
        filter=depth.filter,
        mag_ab=mag + rng.normal(0, err),
        mag_err=err,
        limiting_mag_ab=depth.limit_mag_ab,
        snr=1 / err,
        real_bogus=float(np.clip(source.real_bogus + rng.normal(0, 0.05), 0.01, 0.99)),
        pos_err_arcsec=off,
        telescope=telescope.id,
        host_redshift=source.host_redshift,
        host_redshift_err=source.host_redshift_err,
        host_separation_arcsec=source.host_separation_arcsec,
    )


def _artefacts(
    rng: np.random.Generator, world: World, fields: Ranges, telescope: Telescope, hour: float, n: int
) -> list[Sighting]:
    images = fields.area_deg2 / FIELD_DEG2
    limit = telescope.instruments[0].depth[0].limit_mag_ab
    ra, dec = places_in(rng, fields, min(int(rng.poisson(world.bogus_per_image * images)), 100))
    return [
        Sighting(
            id=f"{telescope.id}-{n + i}-x",
            ra_deg=float(a),
            dec_deg=float(d),
            time=world.t_ref + timedelta(hours=hour + rng.uniform(0, LOOK_H)),
            filter=telescope.instruments[0].filters[0],
            mag_ab=limit - rng.exponential(0.4),
            mag_err=0.2,
            limiting_mag_ab=limit,
            snr=5.0,
            real_bogus=float(rng.beta(2, 5)),
            pos_err_arcsec=0.5,
            telescope=telescope.id,
        )
        for i, (a, d) in enumerate(zip(ra, dec, strict=True))
    ]
