"""A candidate's cutouts, written anew, and the field around it: what is known where, and what nobody says."""

import asyncio
import gzip
import io
import zlib
from datetime import timedelta
from typing import Any

import httpx
import numpy as np
import pytest
from astropy.io import fits
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from coordinator.dashboard.stamps import MOST_BYTES, MOST_PIXELS, SIDE_PIXELS, stamp_of
from coordinator.vetting.facts import DetectionsStored, NeighboursFound, StoredDetection
from coordinator.vetting.neighbours import Answer, Galaxy, Neighbours, Star
from telescopes.description.errors import Refused
from telescopes.description.messages import Detection

EVENT = "lvk:G298048"
CENTRE = (197.4, -23.4)
SECRET = b"<script>alert(1)</script>"


def note() -> PngInfo:
    """What a site writes into a PNG besides its pixels."""
    made = PngInfo()
    made.add_text("note", SECRET.decode())
    return made


def picture(kind: str = "PNG", size: tuple[int, int] = (63, 63), mode: str = "L") -> bytes:
    """An image of noise, as a site would send it."""
    shape = (size[1], size[0]) if mode == "L" else (size[1], size[0], 3)
    pixels = np.random.default_rng(1).integers(0, 255, shape, np.uint8)
    out = io.BytesIO()
    said = {"comment": SECRET} if kind == "JPEG" else {"pnginfo": note()}
    Image.fromarray(pixels).save(out, kind, **said)
    return out.getvalue()


def fits_image(pixels: Any) -> bytes:
    out = io.BytesIO()
    fits.PrimaryHDU(pixels).writeto(out)
    return out.getvalue()


def bomb(side: int) -> bytes:
    """A PNG whose header says that it is huge."""
    header = b"IHDR" + side.to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (len(part) - 4).to_bytes(4, "big") + part + zlib.crc32(part).to_bytes(4, "big")
        for part in (header, b"IDAT" + zlib.compress(bytes(100)), b"IEND")
    )


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    return image


@pytest.mark.parametrize("data", [picture(), picture("JPEG"), picture("PNG", mode="RGB")], ids=["png", "jpeg", "rgb"])
def test_an_image_is_written_anew_and_nothing_else_of_it_goes_out(data: bytes) -> None:
    stamp = stamp_of(data, "here")
    assert opened(stamp).size == (63, 63)
    assert stamp != data
    assert SECRET not in stamp
    assert opened(stamp).info == {}


def test_what_is_larger_than_a_stamp_is_made_smaller() -> None:
    assert opened(stamp_of(picture("JPEG", (400, 200)), "here")).size == (SIDE_PIXELS, SIDE_PIXELS // 2)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_fits_image_stands_upright_and_what_is_no_number_is_dark(pack: Any) -> None:
    pixels = np.zeros((40, 40), np.float32)
    pixels[0, :] = 100.0
    pixels[20, 20] = np.nan
    shown = np.asarray(opened(stamp_of(pack(fits_image(pixels)), "here")))
    assert shown[-1].min() == 255, "the first row of a FITS image is at the bottom"
    assert shown[:-1].max() == 0


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "no PNG, JPEG or FITS"),
        (b"", "no PNG, JPEG or FITS"), (b"GIF89a" + bytes(50), "no PNG, JPEG or FITS"),
        (picture()[:200], "cannot be decoded"), (b"\xff\xd8\xff" + bytes(100), "cannot be decoded"),
        (b"SIMPLE  =" + bytes(100), "decoded|without an image"), (b"\x1f\x8b" + bytes(40), "cannot be decoded"),
        (bomb(60_000), "far too many pixels"), (bomb(5000), "5000 by 5000"), (bytes(MOST_BYTES + 1), "too large"),
        (gzip.compress(bytes(40_000_000)), "unpacks to too much"),
        (gzip.compress(fits_image(np.zeros((2, MOST_PIXELS + 1)))), f"{MOST_PIXELS + 1} by 2"),
        (fits_image(np.zeros((2, 3, 4))), "without an image of two axes"),
    ],
)  # fmt: skip
def test_what_is_no_small_image_is_refused_in_a_clear_line(data: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        stamp_of(data, "cutout abc")
    assert "send a PNG, JPEG or FITS image" in refused.value.mend


async def page(site: httpx.AsyncClient, story: Any, id: str = "cand-1") -> str:
    """A candidate's page as of the newest entry."""
    head = len(story.journal.stored)
    async with asyncio.timeout(60):
        while True:
            answer = await site.get(f"/events/{EVENT}/candidates/{id}")
            if f'<body data-seq="{head}">' in answer.text:
                return answer.text
            await asyncio.sleep(0.02)


async def document(site: httpx.AsyncClient, id: str = "cand-1") -> dict[str, Any]:
    answer = await site.get(f"/api/v1/events/{EVENT}/candidates/{id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def seen(story: Any, *cutouts: bytes, error_arcsec: float | None = None) -> list[str]:
    """A detection a cutout; return the cutouts' names."""
    kept = [await story.blobs.put(data) for data in cutouts]
    rows = [
        StoredDetection(
            Detection(f"d{n}", "pointing-001", *CENTRE, story.now + timedelta(hours=n), "r", 18.0,
                      pos_err_arcsec=error_arcsec),
            "tca", EVENT, sha256,
        )
        for n, sha256 in enumerate(kept)
    ]  # fmt: skip
    await story.tell("detections_stored", DetectionsStored(tuple(rows)), "vetter", event=EVENT)
    return kept


async def test_cutouts_are_shown_and_one_that_is_none_says_so(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    good, bad = await seen(story, picture(), SECRET)
    shown = (await page(site, story)).split('id="cutouts"')[1].split("</section>")[0]
    assert shown.count("<img") == 1
    assert good in shown
    assert "no PNG, JPEG or FITS" in shown
    assert "new, reference or difference: not said" in shown
    told = await document(site)
    assert [(c["sha256"], c["role"], c["because"] is None) for c in told["cutouts"]] == [
        (bad, None, False),
        (good, None, True),
    ]
    address = f"/api/v1/events/{EVENT}/candidates/cand-1/cutouts"
    answer = await site.get(f"{address}/{good}")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content == stamp_of(picture(), "here")
    assert (await site.get(f"{address}/{bad}")).status_code == 400
    assert (await site.get(f"{address}/{'0' * 64}")).status_code == 404
    elsewhere = await story.blobs.put(b"a secret of somebody else's")
    assert (await site.get(f"{address}/{elsewhere}")).status_code == 404, "it is no cutout of this candidate"
    assert (await site.get(f"/api/v1/events/{EVENT}/candidates/cand-2/cutouts/{good}")).status_code == 404


async def test_what_no_site_sent_is_said_to_be_missing(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    text = await page(site, story, "cand-2")
    assert "No cutout came" in text
    assert "of unknown error" in text
    assert 'class="error"' not in text
    told = await document(site, "cand-2")
    assert (told["cutouts"], told["position_error_arcsec"], told["measurements"]) == ([], None, [])


async def test_the_field_has_what_the_journal_knows_around_it(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    await seen(story, picture(), error_arcsec=2.5)
    near = Neighbours(
        galaxies=(Answer("a catalogue", (Galaxy("NGC 4993", 10.6),)),),
        stars=(Answer("stars of one", (Star("a star", 4.0),)), Answer("another", silent_because="it is away")),
    )
    await story.tell(
        "neighbours_found", NeighboursFound(EVENT, "cand-1", "remote", *CENTRE, near), "vetter", event=EVENT
    )
    field = (await page(site, story)).split('id="finder"')[1].split("</section>")[0]
    told = await document(site)
    assert [(o["name"], o["away_arcsec"], o["east_arcsec"]) for o in told["around"][:2]] == [
        ("a star", 4.0, None), ("NGC 4993", 10.6, None)
    ]  # fmt: skip
    assert told["around_silent"] == ["another: it is away"]
    assert told["position_error_arcsec"] == 2.5
    for other in told["around"]:
        assert other["name"] in field
    assert field.count('class="ring"') == 2
    assert field.count('class="error"') == 1
    assert "another: it is away" in field
    assert ">N</text>" in field
    assert ">E</text>" in field
