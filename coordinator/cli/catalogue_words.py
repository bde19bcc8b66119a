"""What a catalogue says of itself, line by line."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coordinator.catalogues.manifest import Manifest
    from coordinator.catalogues.point_manifest import PointManifest


def words_of(folder: Path, manifest: "Manifest | PointManifest") -> list[str]:
    """Describe a catalogue of either form."""
    from coordinator.catalogues.manifest import Manifest

    if isinstance(manifest, Manifest):
        what, more = f"{manifest.galaxies} galaxies", _galaxy_lines(manifest)
    else:
        what, more = _sorts(manifest), _point_lines(manifest)
    lines = [f"{folder}: {what} of {manifest.read} rows"]
    lines += [f"  from {s.file}: {s.rows} rows, sha256 {s.sha256}" for s in manifest.sources]
    lines += [f"  {line}" for line in more]
    return [*lines, f"  note: {manifest.note}"] if manifest.note else lines


def _sorts(manifest: "PointManifest") -> str:
    return " and ".join(f"{count} {sort}" for sort, count in manifest.sorts.items())


def _galaxy_lines(manifest: "Manifest") -> list[str]:
    out = (
        (manifest.without_distance, "without a distance"),
        (manifest.quasars, "quasars"),
        (manifest.doubles, "there twice"),
        (manifest.bad, "that cannot be read"),
    )
    return [*_kept_out(out, manifest), _completeness(manifest)]


def _point_lines(manifest: "PointManifest") -> list[str]:
    out = (
        (manifest.passed_over, "of no sort that is used"),
        (manifest.doubles, "there twice"),
        (manifest.bad, "that cannot be read"),
    )
    reach = "completeness unknown: that something is not in it tells nothing; --complete-to says it when it is built"
    if manifest.complete_to_mag is not None:
        reach = f"complete to {manifest.complete_to_mag:g} mag where it holds anything"
    age = "age unknown: --as-of says it when it is built"
    if manifest.as_of is not None:
        age = f"as of {manifest.as_of:%Y-%m-%d}"
    return [*_kept_out(out, manifest), age, reach]


def _kept_out(out: tuple[tuple[int, str], ...], manifest: "Manifest | PointManifest") -> list[str]:
    lines = [f"kept out: {count} {what}" for count, what in out if count]
    lines += [f"  {row}" for row in manifest.named_bad]
    lines += manifest.unread
    lines += [f"{count} values of {column} say nothing and are unknown" for column, count in manifest.unlikely.items()]
    known = ", ".join(f"{column} {count}" for column, count in manifest.known.items())
    return [*lines, f"known: {known}"]


def _completeness(manifest: "Manifest") -> str:
    held = manifest.completeness
    if held is None:
        return "completeness unknown: give --completeness when it is built, or tiles keep the whole map"
    at = ", ".join(f"{100 * held.at(mpc):.0f} % at {mpc} Mpc" for mpc in (50, 100, 200, 300))
    return f"completeness: {at} ({held.kind})"
