"""The `manual` driver: an observer with a browser without scripts, and pages that are none of ours."""

import asyncio
import email
import email.policy
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from builders.mail_server import MailServer
from builders.whole_pointings import Browser, ManualSite, Observatory, a_clock, a_request, a_site, now, until

from telescopes.description.errors import Refused
from telescopes.description.messages import Exposure, Revocation
from telescopes.description.states import Reason
from telescopes.drivers.driver import DriverFault
from telescopes.drivers.manual import ManualDriver
from telescopes.drivers.manual_form import read_report
from telescopes.drivers.whole_pointing import Asked


@pytest.fixture
def site(tmp_path: Path) -> ManualSite:
    folder = tmp_path / "letters"
    folder.mkdir()
    return ManualSite(folder)


@pytest.fixture
def observatory(site: ManualSite, tmp_path: Path) -> Observatory:
    return Observatory(site.telescope, site.make, tmp_path / "state")


async def press(driver, act: str, **typed: str) -> tuple[int, str]:
    return await asyncio.to_thread(lambda: Browser(driver.url).press(act, **typed))


async def test_the_observer_says_yes_then_reports(site, observatory, tmp_path: Path) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request(event_id="lvk:<b>S1</b>"))
        await site.asked(observatory.driver)
        _, html = await asyncio.to_thread(Browser(observatory.driver.url).look)
        assert "2 x 0.2 s in r" in html
        assert "00:40:00.00 -05:00:00.0" in html
        assert "&lt;b&gt;S1" in html and "<b>S1" not in html
        status, html = await press(observatory.driver, "accept")
        assert (status, "Report here when it is done" in html) == (200, True)
        await observatory.reached("exposing")
        await site.expose(observatory.driver, 2)
        await observatory.reached("completed")
    (text,) = [path.read_text() for path in (tmp_path / "letters").glob("*.txt")]
    assert "2 x 0.2 s in r" in text and "http://127.0.0.1:" in text


async def test_the_observer_says_no_in_their_words(site, observatory) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
        await press(observatory.driver, "veto", reason="dome_fault", words="the shutter hangs")
        await observatory.reached("rejected")
    last = observatory.last()
    assert (last.reason, last.detail) == (Reason.DOME_FAULT, "the shutter hangs")


@pytest.mark.slow
async def test_a_report_after_the_window_is_late_truth(site, observatory) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request(for_s=10.0))
        await site.asked(observatory.driver)
        await observatory.reached("expired")
        await site.expose(observatory.driver, 2)
        await observatory.reached("completed")
        _, html = await asyncio.to_thread(Browser(observatory.driver.url).look)
        assert "It is done: report" not in html
    assert observatory.last().late


@pytest.mark.parametrize("accepts", [True, False])
async def test_a_report_after_the_site_closed_is_late_truth(site, observatory, accepts: bool) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
        if accepts:
            await press(observatory.driver, "accept")
            await observatory.reached("exposing")
        await site.close_site(observatory.driver)
        await site.sees(observatory.driver, "called off")
        await observatory.reached("expired")
        assert observatory.last().reason is Reason.WEATHER
        await site.expose(observatory.driver)
        await observatory.reached("partial")
    told = [len(report.exposures) for report in observatory.coordinator.reports_of("p1")]
    assert (observatory.last().late, sum(told), told[-1]) == (True, 1, 1)


async def test_a_called_off_pointing_is_said_on_paper_too(site, observatory, tmp_path: Path) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
        observatory.coordinator.revoke(Revocation("p1", 1, Reason.RETRACTED, abort_if_started=True))
        await observatory.reached("revoked")
    (text,) = [path.read_text() for path in (tmp_path / "letters").glob("*called-off.txt")]
    assert text.startswith("Please stop")


async def test_all_mistakes_of_a_report_are_said_in_one_go(site, observatory) -> None:
    async with observatory.running():
        exposures = (Exposure("r", 60.0, 3), Exposure("g", 60.0, 1))
        observatory.coordinator.offer(a_request(for_s=600.0, exposures=exposures))
        await site.asked(observatory.driver)
        soon = f"{now() + timedelta(hours=2):%H:%M:%S}"
        typed = {"count0": "3", "start0": "noon", "end0": "25:00:00", "limit0": "faint", "ra": "x", "dec": "1"}
        status, html = await press(observatory.driver, "report", **typed, count1="1", start1="00:00:00", end1=soon)
        assert status == 422
        for words in ("&#x27;noon&#x27; is no time", "25:00:00", "faint", "Where it looked", "is in the future"):
            assert words in html, words
        odd = {"count0": "1", "start0": "0001-01-01T00:00:00+14:00", "end0": "9999-12-31T00:00:00-14:00"}
        status, html = await press(observatory.driver, "report", **odd)
        assert (status, html.count("is no time"), "count1" in html) == (422, 1, True)
        status, html = await press(observatory.driver, "report", count0="0", count1="0")
        assert (status, "Nothing was exposed" in html) == (422, True)
        assert observatory.told() == ["accepted", "slewing"]


@pytest.fixture
def served() -> Iterator[ManualDriver]:
    """A driver whose page is served, on a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    driver = ManualDriver(a_site("manual", port=0), a_clock())
    asyncio.run_coroutine_threadsafe(driver.safety(), loop).result(60)
    yield driver
    asyncio.run_coroutine_threadsafe(driver.close(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_the_page_is_for_those_who_know_its_address(served: ManualDriver) -> None:
    browser = Browser(served.url)
    assert browser.look()[0] == 200
    assert browser.look("/")[0] == 404
    assert browser.look(served.url.replace(str(browser.url.port), "1").partition("1/")[2] + "x")[0] == 404
    assert browser.look(Host="evil.example:80")[0] == 421
    assert browser.url.hostname == "127.0.0.1"


def test_a_form_of_another_page_changes_nothing(served: ManualDriver) -> None:
    browser = Browser(served.url)
    _, html = browser.look()
    key = html.partition("name='key' value='")[2].partition("'")[0]
    form = {"key": key, "act": "close", "reason": "weather"}
    assert browser.send(form, Origin="http://evil.example")[0] == 403
    assert browser.send(form, **{"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert browser.send({**form, "key": "x" * 22})[0] == 422
    assert browser.send({**form, "key": "é"})[0] == 422
    assert browser.send({"act": "x" * 20_000})[0] == 413
    assert "The site is open" in browser.look()[1]
    origin = f"http://127.0.0.1:{browser.url.port}"
    assert browser.send(form, Origin=origin, **{"Sec-Fetch-Site": "same-origin"})[0] == 200
    assert "The site is closed: the weather" in browser.look()[1]
    assert browser.press("open")[0] == 200
    assert "The site is open" in browser.look()[1]


def test_the_page_lets_no_script_run_and_is_kept_nowhere(served: ManualDriver) -> None:
    with urlopen(served.url, timeout=60.0) as answer:
        headers, html = answer.headers, answer.read().decode()
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "<script" not in html


async def test_a_letter_goes_by_e_mail(tmp_path: Path) -> None:
    with MailServer() as server:
        mail = {"host": "127.0.0.1", "port": server.port, "from": "a@example.org", "to": ["o@example.org"]}
        telescope = a_site("manual", port=0, mail={**mail, "starttls": False})
        observatory = Observatory(telescope, ManualDriver, tmp_path)
        async with observatory.running():
            observatory.coordinator.offer(a_request())
            await until(lambda: server.messages)
    message = email.message_from_string(server.messages[0], policy=email.policy.default)
    assert message["To"] == "o@example.org"
    assert "Please observe with T1" in message["Subject"]
    assert "2 x 0.2 s in r" in message.get_content()


@pytest.mark.parametrize("host", ["127.0.0.1", "no..host"])
async def test_a_mail_server_that_is_not_there_is_said_on_the_page(tmp_path: Path, host: str) -> None:
    mail = {"host": host, "port": 1, "from": "a@example.org", "to": ["o@example.org"], "starttls": False}
    site = ManualSite(tmp_path)
    observatory = Observatory(a_site("manual", port=0, mail=mail), ManualDriver, tmp_path / "state")
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
        await site.sees(observatory.driver, "No letter could be written or sent")


async def test_a_port_that_is_taken_is_a_fault_with_a_mend(served: ManualDriver) -> None:
    driver = ManualDriver(a_site("manual", port=Browser(served.url).url.port), a_clock())
    with pytest.raises(DriverFault, match="give another"):
        await driver.safety()


def test_all_mistakes_of_the_settings_are_named_in_one_go(tmp_path: Path) -> None:
    mail = {"to": ["nobody"], "host": "", "user": "u", "prot": 1}
    settings = {"port": 70000, "token": "short", "print_folder": str(tmp_path / "none"), "mail": mail, "x": 1}
    with pytest.raises(Refused) as caught:
        ManualDriver(a_site("manual", **settings), a_clock())
    said = str(caught.value)
    for what in ("driver.port", "driver.token", "print_folder", "'nobody' is no address", "mail.from", "mail.host"):
        assert what in said, what
    assert "mail.password_file: is missing" in said
    assert "mail.prot" in said and "driver.x" in said


def test_a_night_goes_over_midnight_and_exposures_are_spread_between_begin_and_end() -> None:
    start = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    asked = a_request(window_start=start, window_end=start + timedelta(hours=2), exposures=(Exposure("r", 60.0, 3),))
    form = {"count0": "3", "start0": "23:58", "end0": "00:02:00", "limit0": "19,5", "ra": "10.5", "dec": "-3"}
    took, wrong = read_report(form, Asked(asked, start), start + timedelta(hours=1))
    assert read_report({**form, "start0": "23:21"}, Asked(asked, start), start + timedelta(hours=1))[0] is None
    assert wrong == []
    assert took is not None and took.aim is not None
    assert [f"{one.frame.start:%d %H:%M:%S}" for one in took.taken] == ["01 23:58:00", "01 23:59:30", "02 00:01:00"]
    assert took.taken[-1].frame.end == datetime(2026, 3, 2, 0, 2, tzinfo=UTC)
    assert (took.aim.ra_deg, took.taken[0].frame.limiting_mag_ab) == (10.5, 19.5)
