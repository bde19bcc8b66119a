"""The cutouts of a candidate's detections: which there are, and each as an image that was written anew."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from coordinator.dashboard.problems import not_found
from coordinator.dashboard.remembered import Remembered
from coordinator.dashboard.stamps import stamp_of
from coordinator.dashboard.views import iso
from coordinator.services.journal import Blobs
from coordinator.vetting.facts import StoredDetection
from telescopes.description.errors import ArmillaryError

SHOWN = 12
"""The newest cutouts of a candidate."""

CACHED = 64
Stamp = bytes | ArmillaryError


@dataclass
class Cutouts:
    """Stamps by the sha256 of what the site sent; what was decoded, or cannot be, is kept for a while."""

    blobs: Blobs
    _known: Remembered[str, Stamp] = field(default_factory=lambda: Remembered(CACHED))

    async def views(self, seen: Sequence[StoredDetection]) -> list[dict[str, Any]]:
        """Return the newest cutouts, the newest first; `because` says why one cannot be shown.

        A site's detection does not say whether its cutout is the new image, the reference or their difference: `role`
        is null.
        """
        return [await self._view(one) for one in with_cutout(seen)[::-1][:SHOWN]]

    async def png(self, seen: Sequence[StoredDetection], sha256: str) -> bytes:
        """Return the stamp of a cutout of these detections.

        Raises
        ------
        Refused
            None of them has it, or it cannot be decoded.
        RetryLater
            It cannot be read now.
        """
        if sha256 not in {one.cutout_sha256 for one in seen}:
            raise not_found("cutout", sha256)
        stamp = await self._stamp(sha256)
        if isinstance(stamp, ArmillaryError):
            raise stamp
        return stamp

    async def _view(self, one: StoredDetection) -> dict[str, Any]:
        sha256 = one.cutout_sha256 or ""
        stamp = await self._stamp(sha256)
        return {
            "detection": one.key,
            "telescope": one.telescope,
            "filter": one.detection.filter,
            "mid_exposure": iso(one.detection.mid_exposure),
            "sha256": sha256,
            "role": None,
            "because": str(stamp) if isinstance(stamp, ArmillaryError) else None,
        }

    async def _stamp(self, sha256: str) -> Stamp:
        known = self._known.get(sha256)
        if known is not None:
            return known
        try:
            data = await self.blobs.get(sha256)
        except ArmillaryError as error:
            return error  # it may be there at the next look
        return self._known.put(sha256, await asyncio.to_thread(_decoded, data, sha256))


def with_cutout(seen: Sequence[StoredDetection]) -> list[StoredDetection]:
    """Return the detections that have a cutout."""
    return [one for one in seen if one.cutout_sha256 is not None]


def _decoded(data: bytes, sha256: str) -> Stamp:
    try:
        return stamp_of(data, f"cutout {sha256[:12]}")
    except ArmillaryError as error:
        return error
