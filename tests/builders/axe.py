"""axe-core in a page: injected over the debugger's line, for the page's own policy admits no script of others."""

import importlib.util
import json
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe_script() -> str | None:
    """The script of the package `axe-playwright-python`; None: it is not installed."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8")


async def violations(line: CDPSession, script: str) -> list[str]:
    """Run it over the page as it stands; return a line for each rule that is broken, with where."""
    await line.send("Runtime.evaluate", {"expression": script})
    asked = json.dumps({"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
    answer: dict[str, Any] = await line.send(
        "Runtime.evaluate",
        {
            "expression": f"axe.run(document, {asked}).then((r) => JSON.stringify(r.violations))",
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    found = json.loads(answer["result"]["value"])
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} - {node['failureSummary'][:300]}"
        for one in found
        for node in one["nodes"][:4]
    ]
