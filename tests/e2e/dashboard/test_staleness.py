"""A page that stays older than the journal says so, and stops saying so when it is as new."""

import asyncio
from types import ModuleType
from typing import Any

import pytest
from builders.browser import WAIT_MS, opened
from playwright.async_api import expect

pytestmark = pytest.mark.e2e
PATIENT_MS = 2 * WAIT_MS


@pytest.mark.slow
async def test_a_page_that_cannot_be_fetched_again_says_that_it_is_old(telling: ModuleType) -> None:
    story: Any = telling.Story()
    await story.whole()
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/shift", complaints) as page:
        warning, of = page.locator("#behind"), page.locator("#past .as-of .seq")
        head = len(story.journal.stored)
        await expect(page.locator("#newest")).to_have_attribute("data-number", str(head), timeout=WAIT_MS)
        await page.route(f"{address}/shift", lambda route: route.fulfill(status=503, body=""))
        seq = await story.clouds("tca")
        await expect(warning).to_be_visible(timeout=PATIENT_MS)
        assert await of.text_content() == str(head), "every panel still says what it is of"
        await page.unroute(f"{address}/shift")
        again = await story.clouds("tch")
        await expect(warning).to_be_hidden(timeout=WAIT_MS)
        await expect(of).to_have_text(str(again), timeout=WAIT_MS)
        assert again == seq + 1
    assert all("503" in said for said in complaints)


@pytest.mark.slow
async def test_a_page_that_is_answered_and_stands_still_says_so_however_often_the_journal_speaks(
    telling: ModuleType,
) -> None:
    story: Any = telling.Story()
    await story.whole()
    complaints: list[str] = []
    async with telling.serving(story) as address, opened(f"{address}/shift", complaints) as page:
        warning, head = page.locator("#behind"), len(story.journal.stored)
        await expect(page.locator("#newest")).to_have_attribute("data-number", str(head), timeout=WAIT_MS)
        old = await (await page.context.request.get(f"{address}/shift")).text()
        await page.route(f"{address}/shift", lambda route: route.fulfill(body=old, content_type="text/html"))
        async with asyncio.timeout(PATIENT_MS / 1000.0):
            while not await warning.is_visible():
                await story.clouds("tca")
                await asyncio.sleep(1.0)
        await page.unroute(f"{address}/shift")
        await story.clouds("tch")
        await expect(warning).to_be_hidden(timeout=WAIT_MS)
    assert complaints == []
