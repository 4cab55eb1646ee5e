"""Chromium for the browser tests: one browser a module, one fresh page a test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

# A headless browser names itself so, and the collector takes it for a bot. Set at the start: what a page sends while
# it is left ignores a context's user agent.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    f"--user-agent={USER_AGENT}",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Chromium, headless. Skips where there is none, but never in CI."""
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is missing: pip install -e '.[dev]'")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        missing = "Chromium is not installed: make browser"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with driver.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A fresh page; an error in any script of it fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    yield page
    context.close()
    assert mistakes == []
