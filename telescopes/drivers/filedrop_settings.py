"""What `[driver]` says for `filedrop`: folders, the file's format, and how images are told to be of a pointing."""

from dataclasses import dataclass
from pathlib import Path
from string import Template

from telescopes.description.geometry import circumradius_deg
from telescopes.description.section import Section, Within
from telescopes.description.telescope import Telescope
from telescopes.drivers.filedrop_formats import FORMATS, TAROT_FILTERS, Format, by_template
from telescopes.drivers.settings import SPAN, folder, own_filters, settings_of

DISTANCE = Within(0, 60, "degrees", positive=True)
POLL = Within(0, 600, "seconds", positive=True)
LATE = Within(0, 55, "seconds")
"""The agent waits a minute after the window for a last word."""
PLACEHOLDERS = frozenset(
    {
        *("name", "ra_deg", "dec_deg", "ra_hms", "dec_dms", "position_angle_deg"),
        *("window_start", "window_end", "planned_start", "priority", "exposures"),
    }
)
LINE_PLACEHOLDERS = frozenset({"filter", "exposure_s", "count", "binning"})
EXPOSURE_LINE = "$filter $exposure_s $count"


@dataclass(frozen=True, slots=True)
class FiledropSettings:
    """Where files go and images come, and what else the site says."""

    folder: Path
    results: Path
    format: Format
    filters: dict[str, str]
    extra: dict[str, str]
    match_within_deg: float
    limiting_mag_key: str | None
    cancel_file: bool
    poll_s: float
    late_s: float
    safety_file: Path | None
    safety_stale_s: float


def read_settings(telescope: Telescope) -> FiledropSettings:
    """Read the driver's settings.

    Raises
    ------
    Refused
        Naming every problem.
    """
    with settings_of(telescope) as section:
        filters = own_filters(section, telescope)
        widest = max((circumradius_deg(i.footprint) for i in telescope.instruments), default=1.0)
        safety_file = section.optional_text("safety_file")
        format_ = _format(section)
        extra = _extra(section, filters)
        return FiledropSettings(
            folder=folder(section, "folder", "where files are dropped"),
            results=folder(section, "results", "where images appear"),
            format=format_,
            filters=filters,
            extra=extra,
            match_within_deg=section.number("match_within_deg", DISTANCE, min(widest, 60.0)),
            limiting_mag_key=section.optional_text("limiting_mag_key"),
            cancel_file=section.flag("cancel_file", False),
            poll_s=section.number("poll_s", POLL, 2.0),
            late_s=section.number("late_s", LATE, 30.0),
            safety_file=None if safety_file is None else Path(safety_file),
            safety_stale_s=section.number("safety_stale_s", SPAN, 300.0),
        )


def _format(section: Section) -> Format:
    """Read which format: one of ours, or a template of the site's own."""
    template = section.optional_text("template")
    line = section.text("exposure_line", EXPOSURE_LINE)
    suffix = section.text("suffix", ".txt")
    if template is None:
        name = section.needed_choice("format", tuple(FORMATS))
        return FORMATS[name or "acp"]
    if section.optional_text("format") is not None:
        section.note("format", "there is a template too", "give one of them")
    text = _read_template(section, template)
    _check_placeholders(section, "template", text, PLACEHOLDERS)
    _check_placeholders(section, "exposure_line", line, LINE_PLACEHOLDERS)
    return Format(lambda order: by_template(text, line, order), suffix)


def _read_template(section: Section, name: str) -> str:
    try:
        return Path(name).read_text("utf-8")
    except OSError as error:
        section.note("template", f"{name!r} cannot be read ({error.strerror})", "check its name and rights")
    except UnicodeDecodeError:
        section.note("template", f"{name!r} is not text in UTF-8", "save it as UTF-8")
    return ""


def _check_placeholders(section: Section, key: str, text: str, known: frozenset[str]) -> None:
    template = Template(text)
    mend = f"use {', '.join('$' + name for name in sorted(known))}; write $$ for a $"
    if not template.is_valid():
        section.note(key, "has a $ that begins no name", mend)
        return
    for odd in sorted(set(template.get_identifiers()) - known):
        section.note(key, f"there is no ${odd}", mend)


def _extra(section: Section, filters: dict[str, str]) -> dict[str, str]:
    """Read what single formats need besides: the station and priority of TAROT, the camera of RTS2."""
    name = section.text("format", "")
    extra = {
        "camera": section.text("camera", "C0"),
        "station": section.text("station", ""),
        "priority": section.text("priority", "0"),
    }
    for key, text in extra.items():
        if text and not text.replace("_", "").replace("-", "").replace(".", "").isalnum():
            section.note(key, f"{text!r} is no name", "use letters, digits, _ - and .")
    if name == "tarot":
        if not extra["station"]:
            section.note("station", "is missing", 'give the name of the station, such as "Tarot_Calern"')
        for odd in sorted(set(filters.values()) - set(TAROT_FILTERS)):
            known = ", ".join(TAROT_FILTERS)
            section.note("filters", f"TAROT has no filter {odd!r}", f"name it in [driver.filters] as one of {known}")
    return extra
