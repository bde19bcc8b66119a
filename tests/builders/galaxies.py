"""Made-up galaxies and tables of them."""

from pathlib import Path

import numpy as np

from coordinator.catalogues.columns import GLADE_PLUS
from coordinator.planning.galaxies import Galaxies
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.ephemeris import directions


def strewn(count: int, seed: int = 1, furthest_mpc: float = 500.0) -> dict[str, np.ndarray]:
    """Positions and distances even in space, the poles and RA 0 among them."""
    rng = np.random.default_rng(seed)
    ra, dec = rng.uniform(0, 360, count), np.degrees(np.arcsin(rng.uniform(-1, 1, count)))
    ra[:4], dec[:4] = (0.0, 359.99999, 0.0, 123.0), (10.0, 10.0, 90.0, -90.0)
    return {"ra": ra, "dec": dec, "mpc": furthest_mpc * rng.uniform(0, 1, count) ** (1 / 3)}


def a_distant_blob(
    ra_deg: float = 20.0, dec_deg: float = -20.0, radius_deg: float = 5.0, mpc: float = 150.0, spread: float = 40.0
) -> SkyMap:
    """A round map of order 5 with one distance everywhere."""
    ipix = np.arange(12 * 4**5)
    towards = pixel_vectors(5, ipix) @ directions([ra_deg], [dec_deg])[0]
    probability = np.exp((towards - 1) / np.radians(radius_deg) ** 2)
    probability[probability < 1e-9] = 0.0
    probability /= probability.sum()
    same = np.ones(ipix.size)
    norm = 1.0 / (mpc**2 + spread**2)
    facts = MapFacts("blob", distance_mpc=mpc, distance_std_mpc=spread)
    return SkyMap(np.full(ipix.size, 5), ipix, probability, facts, mpc * same, spread * same, norm * same)


def around(count: int, ra_deg: float, dec_deg: float, radius_deg: float, mpc: float = 150.0, seed: int = 1) -> Galaxies:
    """Galaxies in a box on the sky, all of one mass."""
    rng = np.random.default_rng(seed)
    dec = dec_deg + rng.uniform(-radius_deg, radius_deg, count)
    ra = ra_deg + rng.uniform(-radius_deg, radius_deg, count) / np.cos(np.radians(dec))
    distance = mpc * rng.uniform(0.8, 1.2, count)
    return Galaxies.of(ra % 360, dec, distance, distance_err_mpc=5.0, mass_msun=3e10)


def glade_line(**values: object) -> str:
    """A line of GLADE+.txt; what is not given is null."""
    return " ".join(str(values.get(name.replace("*", "_").replace("-", "_"), "null")) for name in GLADE_PLUS)


def a_csv(path: Path, strewn: dict[str, np.ndarray]) -> Path:
    """A table of positions and distances, named by number."""
    rows = zip(strewn["ra"], strewn["dec"], strewn["mpc"], strict=True)
    lines = [f"g{i},{float(ra)!r},{float(dec)!r},{float(mpc)!r}" for i, (ra, dec, mpc) in enumerate(rows)]
    path.write_text("name,ra,dec,dist\n" + "\n".join(lines) + "\n")
    return path
