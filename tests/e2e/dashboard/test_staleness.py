"""A page that stays older than the journal says so, and stops saying so when it is as new."""

from types import ModuleType
from typing import Any

import pytest
from builders.browser import WAIT_MS, opened
from playwright.async_api import expect

pytestmark = pytest.mark.e2e
PATIENT_MS = 2 * WAIT_MS


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
