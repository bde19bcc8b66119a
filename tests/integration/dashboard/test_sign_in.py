"""Signing in, and who is turned away."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import PASSWORD, Office, an_office, served

OWN = {"Sec-Fetch-Site": "same-origin"}
HTML = {"Accept": "text/html"}


@pytest.fixture
async def office(story: Any, tmp_path: Path) -> Office:
    await story.whole()
    return await an_office(story, tmp_path)


@pytest.fixture
async def site(office: Office, serve_story: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with served(office, serve_story) as client:
        yield client


async def sign_in(site: httpx.AsyncClient, name: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
    return await site.post("/sign-in", data={"name": name, "password": password}, headers=OWN | headers)


async def test_who_has_not_signed_in_is_sent_to_do_so_and_comes_back(site: httpx.AsyncClient) -> None:
    answer = await site.get("/?event=lvk%3AG298048", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?back=%2F%3Fevent%3Dlvk%253AG298048"
    page = await site.get(answer.headers["location"])
    assert 'value="/?event=lvk%3AG298048"' in page.text
    said = {"name": "cora", "password": PASSWORD, "back": "/?event=lvk%3AG298048"}
    opened = await site.post("/sign-in", data=said, headers=OWN)
    assert opened.status_code == 303
    assert opened.headers["location"] == "/?event=lvk%3AG298048"
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "cora, coordinator" in (await site.get("/", headers=HTML)).text
    assert (await site.get("/api/v1/me")).json() == {"name": "cora", "role": "coordinator", "telescopes": []}


@pytest.mark.parametrize("path", ["/api/v1/status", "/api/v1/events", "/stream", "/api/v1/me", "/api/v1/openapi.json"])
async def test_nothing_is_told_to_who_has_not_signed_in(site: httpx.AsyncClient, path: str) -> None:
    answer = await site.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "sign in" in answer.json()["mend"]


@pytest.mark.parametrize(("name", "password"), [("cora", "wrong"), ("nobody", PASSWORD), ("cora", "")])
async def test_a_wrong_name_and_a_wrong_password_are_answered_alike(
    site: httpx.AsyncClient, name: str, password: str
) -> None:
    answer = await sign_in(site, name, password)
    assert answer.status_code == 401
    assert "name or password is wrong" in answer.text
    assert "set-cookie" not in answer.headers


async def test_who_tries_too_often_waits(office: Office, site: httpx.AsyncClient) -> None:
    for _ in range(10):
        assert (await sign_in(site, "cora", "wrong")).status_code == 401
    assert (await sign_in(site, "cora")).status_code == 429
    office.later(hours=0.1)
    assert (await sign_in(site, "cora")).status_code == 303


def behind_a_proxy(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": f"198.51.100.1, {address}", "X-Forwarded-Proto": "https"}


@pytest.mark.slow
async def test_who_guesses_locks_nobody_else_out(office: Office, site: httpx.AsyncClient) -> None:
    guesser, cora = behind_a_proxy("192.0.2.7"), behind_a_proxy("192.0.2.8")
    guesses = [(await sign_in(site, "cora", "wrong", **guesser)).status_code for _ in range(11)]
    assert guesses == [401] * 10 + [429]
    assert (await site.post("/enter/nothing", data={"go": "1"}, headers=OWN | guesser)).status_code == 429
    assert (await sign_in(site, "cora", **cora)).status_code == 303
    assert (await site.post(office.link("ada"), data={"go": "1"}, headers=OWN | cora)).status_code == 303


@pytest.mark.slow
async def test_one_house_of_ipv6_addresses_is_one_guesser(site: httpx.AsyncClient) -> None:
    guesses = [
        (await sign_in(site, "cora", "wrong", **behind_a_proxy(f"2001:db8:1:2::{n:x}"))).status_code for n in range(11)
    ]
    assert guesses == [401] * 10 + [429]
    assert (await sign_in(site, "cora", **behind_a_proxy("2001:db8:1:3::1"))).status_code == 303


async def test_what_is_typed_for_a_name_is_written_down_of_people_alone(
    office: Office, site: httpx.AsyncClient
) -> None:
    for name in ("my own password", "cora\n2026-01-01T00:00:00Z  ada  is closed", "cora"):
        assert (await sign_in(site, name, "wrong")).status_code == 401
    said = [one.name for one in office.people.audit(3)]
    assert said == ["cora", "?", "?"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {},
    ],
)
async def test_what_another_sites_page_sends_is_refused(
    office: Office, site: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await sign_in(site, "cora")).status_code == 303
    before = len(office.story.journal.stored)
    body = {"reason": "clouds", "expected_version": "free"}
    api = await site.post(
        "/api/v1/telescopes/tca/pause", json=body, headers=headers | {"Idempotency-Key": str(uuid.uuid4())}
    )
    form = await site.post("/act/telescope/pause", data=body | {"subject": "tca"}, headers=headers)
    out = await site.post("/sign-out", headers=headers)
    assert {api.status_code, form.status_code, out.status_code} == {403}
    assert len(office.story.journal.stored) == before
    assert (await site.get("/api/v1/me")).status_code == 200


async def test_a_form_decides_once_and_comes_back_where_it_was(office: Office, site: httpx.AsyncClient) -> None:
    await sign_in(site, "cora")
    page = await site.get("/act/telescope/pause?subject=tca&back=%2F%3Fevent%3Dlvk%253AG298048")
    assert "It gets no further pointing" in page.text
    key = page.text.split('name="key" value="')[1].split('"')[0]
    seen = page.text.split('name="seen" value="')[1].split('"')[0]
    said = {"subject": "tca", "seen": seen, "key": key, "reason": "clouds come up", "back": "/?event=lvk%3AG298048"}
    for _ in range(2):
        answer = await site.post("/act/telescope/pause", data=said, headers=OWN)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/?event=lvk%3AG298048"
    acts = [s for s in office.story.journal.stored if s.entry.kind == "operator_acted"]
    assert len(acts) == 1
    late = await site.post("/act/telescope/pause", data=said | {"key": str(uuid.uuid4())}, headers=OWN)
    assert late.status_code == 409
    assert "now it is" in late.text
    assert "clouds come up" in late.text


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "//[",
        "/\t/evil.example",
        "",
    ],
)
async def test_nobody_is_sent_to_another_site(site: httpx.AsyncClient, back: str) -> None:
    answer = await site.post("/sign-in", data={"name": "cora", "password": PASSWORD, "back": back}, headers=OWN)
    assert answer.headers["location"] == "/"


async def test_a_link_and_an_invitation_open_once(office: Office, site: httpx.AsyncClient) -> None:
    link = office.link("ada")
    assert (await site.get(link)).status_code == 200
    assert (await site.get(link)).status_code == 200, "to look at it spends nothing"
    assert (await site.post(link, data={"go": "1"}, headers=OWN)).status_code == 303
    assert (await site.get("/api/v1/me")).json()["name"] == "ada"
    assert (await site.post(link, data={"go": "1"}, headers=OWN)).status_code == 401
    invitation = f"/invitation/{office.people.invite('vera', office.story.now, 'a test')}"
    short = await site.post(invitation, data={"password": "short"}, headers=OWN)
    assert short.status_code == 400
    assert "12 to 256 characters" in short.text
    assert (await site.post(invitation, data={"password": PASSWORD + "!"}, headers=OWN)).status_code == 303
    assert (await site.post(invitation, data={"password": PASSWORD + "?"}, headers=OWN)).status_code == 401
    assert (await sign_in(site, "vera", PASSWORD + "!")).status_code == 303


async def test_sessions_end(office: Office, site: httpx.AsyncClient) -> None:
    async def known() -> bool:
        return (await site.get("/api/v1/me")).status_code == 200

    await sign_in(site, "cora")
    assert await known()
    (kept,) = site.cookies.jar
    await site.post("/sign-out", headers=OWN)
    stolen = await site.get("/api/v1/me", headers={"Cookie": f"{kept.name}={kept.value}"})
    assert stolen.status_code == 401, "the old cookie opens nothing after the sign-out"
    await sign_in(site, "cora")
    office.later(hours=11.9)
    assert await known()
    office.later(hours=0.2)
    assert not await known()
    await sign_in(site, "cora")
    office.people.disable("cora", office.story.now, "a test")
    assert not await known()
    assert (await sign_in(site, "cora")).status_code == 401


@pytest.mark.slow
async def test_a_stream_ends_with_the_session_that_opened_it(office: Office, site: httpx.AsyncClient) -> None:
    await sign_in(site, "cora")
    async with asyncio.timeout(90.0), site.stream("GET", "/stream") as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        office.people.disable("cora", office.story.now, "a test")
        async for _ in lines:
            pass  # the server ends it


async def test_a_token_that_was_taken_back_opens_nothing(office: Office, site: httpx.AsyncClient) -> None:
    headers = office.token("cora")
    assert (await site.get("/api/v1/status", headers=headers)).status_code == 200
    office.people.end("cora", "token", office.story.now, "a test")
    for said in (headers, {"Authorization": "Basic Y29yYTp4"}, {"Authorization": "Bearer"}):
        answer = await site.get("/api/v1/status", headers=said)
        assert answer.status_code == 401
        assert "token" in answer.json()["title"]


async def test_where_reading_is_open_everybody_looks_and_nobody_acts(office: Office, serve_story: Any) -> None:
    async with (
        serve_story(office.story, desk=office.desk(open_reading=True)) as address,
        httpx.AsyncClient(base_url=address, timeout=60.0) as site,
    ):
        page = await site.get("/", headers=HTML)
        assert page.status_code == 200
        assert "sign in" in page.text
        assert "/act/" not in page.text
        refused = await site.get("/act/telescope/pause?subject=tca")
        assert refused.status_code == 403
        body = {"reason": "clouds", "expected_version": "free"}
        answer = await site.post(
            "/api/v1/telescopes/tca/pause", json=body, headers=OWN | {"Idempotency-Key": str(uuid.uuid4())}
        )
        assert answer.status_code == 403


async def test_passwords_never_go_over_plain_text_from_another_machine(site: httpx.AsyncClient) -> None:
    answer = await sign_in(site, "cora", **{"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "http"})
    assert answer.status_code == 400
    assert "plain text" in answer.text
    tls = await sign_in(site, "cora", **{"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"})
    assert tls.status_code == 303
    assert tls.headers["set-cookie"].startswith("__Host-armillary=")
    assert "Secure" in tls.headers["set-cookie"]
