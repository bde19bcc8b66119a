"""The observer's page: plain HTML with forms, no script; every text from outside is escaped."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape

from telescopes.description.states import Reason
from telescopes.description.telescope import Telescope
from telescopes.drivers.angles import dms, hms
from telescopes.drivers.manual_desk import OPEN, REPORTABLE, Desk, Request, Stand
from telescopes.drivers.whole_pointing import plan_of

Form = Mapping[str, str]

REASONS = {
    Reason.VETOED_BY_OPERATOR: "I decide so",
    Reason.WEATHER: "the weather",
    Reason.UNSAFE: "it is not safe",
    Reason.MAINTENANCE: "the telescope is being worked on",
    Reason.BUSY_HIGHER_PRIORITY: "something more important runs",
    Reason.BELOW_HORIZON: "it is too low here",
    Reason.MOON: "the Moon",
    Reason.DAYLIGHT: "it is not dark",
    Reason.FILTER_UNAVAILABLE: "the filter is not there",
    Reason.MOUNT_FAULT: "the mount is broken",
    Reason.CAMERA_FAULT: "the camera is broken",
    Reason.DOME_FAULT: "the dome is broken",
}
"""What a person can say no for, in their words."""

STYLE = (
    "body{font:1.05em/1.5 sans-serif;max-width:46em;margin:1em auto;padding:0 1em;background:#111;color:#ddd}"
    "section{border:1px solid #555;padding:.5em 1em;margin:1em 0}h1,h2{font-size:1.2em}"
    "button,input,select{font:inherit;background:#222;color:#eee;border:1px solid #888;padding:.2em .5em}"
    "a{color:#8cf}form{margin:.8em 0}"
    "table{border-collapse:collapse}td,th{padding:.15em .6em;text-align:left}"
    ".said{border-color:#4a4}.wrong{border-color:#c55}"
)


def page(telescope: Telescope, desk: Desk, now: datetime, said: str, wrong: Sequence[str], typed: Form) -> str:
    """Write the page: what was just answered or is wrong, every request, newest first, and the site.

    What was `typed` into a form with mistakes stands in it again.
    """
    shown = [_request(request, typed if typed.get("key") == request.key else {}) for request in desk.requests]
    parts = [
        f"<h1>{escape(telescope.name)}</h1>",
        f"<p>It is {_time(now)}. <a href='./'>Look again</a></p>",
        f"<section class='said' role='status'>{escape(said)}</section>" if said else "",
        _mistakes(wrong),
        *(shown or ["<p>Nothing is asked of this telescope now.</p>"]),
        _site(desk),
    ]
    head = f"<meta charset='utf-8'><title>{escape(telescope.name)}</title><style>{STYLE}</style>"
    viewport = "<meta name='viewport' content='width=device-width'>"
    return f"<!doctype html><html lang='en'><head>{head}{viewport}</head><body>{''.join(parts)}</body></html>"


def _mistakes(wrong: Sequence[str]) -> str:
    if not wrong:
        return ""
    items = "".join(f"<li>{escape(one)}</li>" for one in wrong)
    words = "Nothing was changed. Please correct it below:"
    return f"<section class='wrong' role='alert'>{words}<ul>{items}</ul></section>"


def _site(desk: Desk) -> str:
    if desk.closed_because is not None:
        why = REASONS.get(desk.closed_because, desk.closed_because.value)
        body = f"<p>The site is closed: {escape(why)}.</p>{_button('open', 'Open the site')}"
    else:
        body = f"<p>The site is open.</p>{_reasons()}{_button('close', 'Close the site')}"
    return f"<section><h2>The site</h2>{_form(desk.key, body)}</section>"


def _request(request: Request, typed: Form) -> str:
    pointing = request.asked.pointing
    place = (
        f"{hms(pointing.ra_deg)} {dms(pointing.dec_deg)} (J2000; {pointing.ra_deg:.5f} {pointing.dec_deg:+.5f} degrees)"
    )
    rows = [
        ("Where", place),
        ("What", plan_of(pointing)),
        ("When", f"between {_time(pointing.window_start)} and {_time(pointing.window_end)}"),
        ("Camera", f"{pointing.instrument_id}, turned {pointing.position_angle_deg:g} degrees from north to east"),
        ("For", f"{pointing.event_id}, visit {pointing.visit}"),
        ("Probability", "not known" if pointing.probability is None else f"{pointing.probability:.2%} of the sky map"),
    ]
    table = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    title = f"<h2>{escape(pointing.field_id or pointing.pointing_id)}: {escape(request.stand.value)}</h2>"
    fault = f"<p>{escape(request.letter_fault)}</p>" if request.letter_fault else ""
    return f"<section>{title}{fault}<table>{table}</table>{_answers(request, typed)}</section>"


def _answers(request: Request, typed: Form) -> str:
    forms = []
    if request.stand is Stand.ASKED:
        forms.append(_form(request.key, _button("accept", "I observe it")))
    if request.stand in OPEN:
        words = "<label>In your words <input name='words' maxlength='200'></label> "
        forms.append(_form(request.key, f"{_reasons()}{words}{_button('veto', 'I cannot')}"))
    if request.stand in REPORTABLE:
        forms.append(_form(request.key, _report_rows(request, typed)))
    return "".join(forms)


def _report_rows(request: Request, typed: Form) -> str:
    """Write a row for each block of exposures; times are typed, for nobody but the observer knows them."""
    names = ("filter", "how many", "seconds", "begin, UTC", "end, UTC", "limit, AB")
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = []
    for n, block in enumerate(request.asked.pointing.exposures):
        cells = [
            escape(block.filter),
            _field(typed, f"count{n}", 4, value=str(block.count)),
            _field(typed, f"exposure{n}", 6, value=f"{block.exposure_s:g}"),
            _field(typed, f"start{n}", 9, hint="21:04:30"),
            _field(typed, f"end{n}", 9, hint="21:09:10"),
            _field(typed, f"limit{n}", 5, hint="unknown"),
        ]
        rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    where = (
        f"<p><label>Where it looked, if you know: right ascension {_field(typed, 'ra', 12)}</label> "
        f"<label>declination {_field(typed, 'dec', 12)}</label></p>"
    )
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>{where}{_button('report', 'It is done: report')}"


def _field(typed: Form, name: str, size: int, value: str = "", hint: str = "") -> str:
    shown = escape(typed.get(name, value)[:100])
    return f"<input name='{name}' size='{size}' placeholder='{hint}' value='{shown}'>"


def _reasons() -> str:
    options = "".join(f"<option value='{reason.value}'>{escape(words)}</option>" for reason, words in REASONS.items())
    return f"<label>Because <select name='reason'>{options}</select></label> "


def _form(key: str, body: str) -> str:
    return f"<form method='post' action='./'><input type='hidden' name='key' value='{escape(key)}'>{body}</form>"


def _button(act: str, words: str) -> str:
    return f"<button name='act' value='{act}'>{escape(words)}</button>"


def _time(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
