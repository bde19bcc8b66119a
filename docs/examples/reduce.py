"""Reduces one image for `[reduction] command`: finds points of light that no star of the catalogue explains.

Reads `{"image": PATH, "pointing": {…}, "exposure": {…}}` from standard input and prints JSON lines: first how deep and
how sharp the image is, then a line for each detection. Needs `pip install sep astropy` (or `armillary[reduction]`).

It is an example and subtracts nothing: stars are known by a catalogue, a CSV with `ra_deg,dec_deg,mag_ab` beside the
image (`IMAGE.stars.csv`, as the simulated driver writes it), or the one that `--stars FILE` names.
"""

import argparse
import base64
import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import sep
from astropy.io import fits
from astropy.wcs import WCS

THRESHOLD_SIGMA = 5.0
SAME_PLACE_PX = 2.5
SHARPEST = 0.6
APERTURE_SIGMAS = 1.6
APERTURE_SHARE = 1 - np.exp(-0.5 * APERTURE_SIGMAS**2)
CUTOUT_PX = 31
FWHM_PER_SIGMA = 2.3548


def main():
    """Reduce the image that standard input names."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--stars", type=Path, help="a catalogue; left out: the one beside the image")
    stars_file = options.parse_args().stars
    image = Path(json.load(sys.stdin)["image"])
    with fits.open(image) as opened:
        data, wcs = opened[0].data.astype(np.float64), WCS(opened[0].header, fix=False)
    stars = np.loadtxt(stars_file or image.with_suffix(".stars.csv"), delimiter=",", skiprows=1, ndmin=2)

    background = sep.Background(data, bw=64, bh=64)
    flat, noise = data - background.back(), background.globalrms
    found = sep.extract(flat, THRESHOLD_SIGMA / 2, err=noise, minarea=3)
    star_x, star_y = wcs.all_world2pix(stars[:, 0], stars[:, 1], 0)
    star, distance = nearest(found["x"], found["y"], star_x, star_y)
    is_star = distance < SAME_PLACE_PX

    sigma = width(flat, found["x"][is_star], found["y"][is_star])
    flux, error = photometry(flat, noise, found["x"], found["y"], sigma)
    good = is_star & (flux > 20 * error)
    if good.sum() < 3:
        sys.exit(f"{image}: {good.sum()} stars of the catalogue are seen; at least 3 are needed")
    zero_point = np.median(stars[star[good], 2] + 2.5 * np.log10(flux[good]))
    pixel_arcsec = np.sqrt(np.abs(np.linalg.det(wcs.pixel_scale_matrix))) * 3600
    limit = zero_point - 2.5 * np.log10(5 * np.median(error))
    say(limiting_mag_ab=round(float(limit), 3), fwhm_arcsec=round(float(FWHM_PER_SIGMA * sigma * pixel_arcsec), 3))

    peak_share = found["peak"] / np.maximum(flux, 1e-9)
    expected_share = 1 / (2 * np.pi * sigma**2) / APERTURE_SHARE
    for n in np.flatnonzero(~is_star & (flux > THRESHOLD_SIGMA * error)):
        x, y = sep.winpos(flat, found["x"][n], found["y"][n], sigma)[:2]
        ra, dec = wcs.all_pix2world(x, y, 0)
        snr = flux[n] / error[n]
        real = float(np.clip(1.5 - SHARPEST * peak_share[n] / expected_share, 0.0, 1.0))
        say(
            ra_deg=round(float(ra), 7),
            dec_deg=round(float(dec), 7),
            pos_err_arcsec=round(float(max(sigma * pixel_arcsec / snr, 0.05)), 3),
            mag_ab=round(float(zero_point - 2.5 * np.log10(flux[n])), 3),
            mag_err=round(float(1.0857 / snr), 3),
            snr=round(float(snr), 2),
            real_bogus=round(real, 3),
            cutout_png=base64.b64encode(png(stamp(flat, x, y))).decode(),
        )


def nearest(x, y, star_x, star_y):
    """Return for each source the catalogue's nearest star and how many pixels away it is."""
    apart = np.hypot(x[:, None] - star_x[None, :], y[:, None] - star_y[None, :])
    star = apart.argmin(axis=1)
    return star, apart[np.arange(len(x)), star]


def width(flat, x, y):
    """Return a star's sigma in pixels: half of its light lies within 1.1774 sigma."""
    radius = sep.flux_radius(flat, x, y, np.full(len(x), 8.0), 0.5)[0]
    return float(np.median(radius) / 1.1774) if len(x) else 1.0


def photometry(flat, noise, x, y, sigma):
    """Measure all alike in an aperture; what it misses it misses of the stars too."""
    flux, error, _ = sep.sum_circle(flat, x, y, APERTURE_SIGMAS * sigma, err=noise)
    return np.maximum(flux, 1e-9), error


def stamp(flat, x, y):
    """Cut a small square around a place; beyond the image's edge it is empty."""
    half = CUTOUT_PX // 2
    row, column = round(float(y)) + half, round(float(x)) + half
    return np.pad(flat, half)[row - half : row + half + 1, column - half : column + half + 1]


def png(pixels):
    """Write a grey picture, the first row at the bottom."""
    low, high = np.percentile(pixels, (5, 99.5))
    grey = (np.clip((pixels - low) / max(high - low, 1e-9), 0, 1) * 255).astype(np.uint8)[::-1]
    rows = b"".join(b"\0" + row.tobytes() for row in grey)
    height, wide = grey.shape
    parts = (
        (b"IHDR", struct.pack(">2I5B", wide, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def say(**facts):
    """Print one line."""
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
