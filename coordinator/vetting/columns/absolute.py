"""The check of absolute magnitudes as a column, for what is as far as the map says."""

import math

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.bands import band_of
from coordinator.lightcurves.dust import dust_mag
from coordinator.lightcurves.kilonova import KILONOVA_BANDS
from coordinator.vetting.batch import Batch, Flags, Floats
from coordinator.vetting.checks import absolute
from coordinator.vetting.columns.column import UNKNOWN, Column, column
from coordinator.vetting.how_far import MAG_PER_RELATIVE_ERR

_EXPECTED = np.array([absolute.EXPECTED[band] for band in KILONOVA_BANDS])
_PLAIN = KILONOVA_BANDS.index("r")


def absolute_column(batch: Batch) -> Column:
    """Answer as `checks.absolute`; what may have a host, and what is too bright for a kilonova, it leaves."""
    n = len(batch.candidates)
    hosted = batch.host_redshift_given | batch.found("galaxies") | batch.found("reported")
    mean, spread = batch.distances[0], batch.distances[1]
    told = ~np.isnan(mean) & np.isfinite(batch.brightest_mag) & ~hosted & ~batch.moves
    log_bayes, passed = np.zeros(n), np.full(n, UNKNOWN, np.int8)
    which, ask = np.flatnonzero(told), hosted
    if which.size:
        log_bayes[which], passed[which], bright = _said(batch, which, mean[which], spread[which])
        ask = hosted.copy()
        ask[which[bright]] = True
    return column(log_bayes, passed, size=n, ask=ask)


def _said(
    batch: Batch, which: NDArray[np.intp], mpc: Floats, err_mpc: Floats
) -> tuple[Floats, NDArray[np.int8], Flags]:
    """Return the terms of some candidates, whether they pass, and which are too bright for a kilonova."""
    at = _brightest(batch)[which]
    sightings = [batch.sightings[i] for i in at.tolist()]
    code, per_reddening = _bands([s.filter for s in sightings])
    dust = per_reddening * _reddening(batch)[which]
    mag = batch.mags[at] - (5.0 * np.log10(mpc) + 25.0) - dust
    own = np.array([s.mag_err for s in sightings], np.float64)
    err = np.hypot(np.where(np.isnan(own), absolute.ASSUMED_ERR_MAG, own), MAG_PER_RELATIVE_ERR * err_mpc / mpc)
    bright = mag + err < absolute.TOO_BRIGHT_MAG
    days = batch.days[at]
    with np.errstate(invalid="ignore"):
        aged = (days > 0.0) & (days <= absolute.LATEST_D)
    others = _others(batch.mags[at], _limits(batch)[which])
    likely = _log_bayes(mag, err, code, np.where(aged, days, 1.0), others)
    log_bayes = np.where(aged, likely, 0.0)
    return log_bayes, np.where(aged, log_bayes > -3.0, UNKNOWN).astype(np.int8), bright


def _limits(batch: Batch) -> Floats:
    """Return the deepest limit of the images that each was found in; NaN: nobody says."""
    limits = np.array([s.limiting_mag_ab for s in batch.sightings], np.float64)
    return np.asarray(np.fmax.reduceat(limits, batch.starts), np.float64)


def _others(mags: Floats, limits: Floats) -> Floats:
    """Return `absolute.others_density` of many."""
    with np.errstate(invalid="ignore", under="ignore"):
        known = np.isfinite(limits) & (mags <= limits + absolute.BEYOND_MAG)
        counted = absolute.COUNTS * np.exp(-absolute.COUNTS * np.maximum(limits - mags, 0.0))
    return np.asarray(np.where(known, counted, 1.0 / absolute.ANYWHERE_MAG), np.float64)


def _log_bayes(mag: Floats, err: Floats, code: NDArray[np.intp], days: Floats, others: Floats) -> Floats:
    """Return `absolute.log_bayes_of` inside its caps, by the map's distance."""
    expected = _EXPECTED[code, np.rint(days / absolute.STEP_D).astype(np.intp)]
    sigma = np.hypot(np.hypot(absolute.SPREAD_MAG, absolute.SPREAD_MAG_D * np.maximum(days - 1.0, 0.0)), err)
    with np.errstate(under="ignore", divide="ignore"):
        signal = np.exp(-0.5 * ((mag - expected) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
        said = np.log(signal / others)
    return np.asarray(np.clip(said, absolute.LOWEST, absolute.HIGHEST), np.float64)


def _brightest(batch: Batch) -> NDArray[np.intp]:
    """Return the number of each candidate's brightest sighting, of equals the first; of the unknown any."""
    owner = np.repeat(np.arange(len(batch.candidates)), batch.counts)
    found = batch.starts.copy()
    at = np.flatnonzero(batch.mags == batch.brightest_mag[owner])[::-1]
    found[owner[at]] = at  # the last word is that of the first sighting
    return found


def _bands(filters: list[str | None]) -> tuple[NDArray[np.intp], Floats]:
    """Return the number of each filter's light curve, and its extinction per magnitude of reddening."""
    numbers = {name: at for at, name in enumerate(dict.fromkeys(filters))}
    which = np.array([numbers[name] for name in filters], np.intp)
    bands = [band_of(name or "") for name in numbers]
    code = np.array([KILONOVA_BANDS.index(b) if b in KILONOVA_BANDS else _PLAIN for b in bands], np.intp)
    return code[which], np.array([float(dust_mag(b, 1.0)) for b in bands])[which]


def _reddening(batch: Batch) -> Floats:
    """Return E(B-V) at each place, at least 0; unknown is as if there were none."""
    given = batch.near.each(lambda near: near.reddening_mag, np.float64)
    return np.where(np.isfinite(given), np.maximum(given, 0.0), 0.0)
