"""The one browser of a test process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


def launched(config: pytest.Config) -> Iterator[Browser]:
    """Chromium, where the machine has one; its absence is a failure where a browser is required, else said aloud."""
    if CHROMIUM is None:
        if config.getoption("--require-browser"):
            pytest.fail("Chromium is required")
        pytest.skip("NOT TESTED IN A BROWSER: no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
