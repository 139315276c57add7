"""Find a Chromium: one that is installed, or the one that Playwright gets.

    python tools/browser/chromium.py

Says in a sentence why there is none, and nothing where one starts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Any

from playwright.sync_api import Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_INSTALL = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
_SECONDS = 60
"""Longest time that getting a browser may take."""


def launched(playwright: Any) -> Any:
    """Return a browser: the system's, else Playwright's own.

    Args:
        playwright: What `sync_playwright` gives.
    """
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(executable_path=installed, args=SWITCHES)


def why_none() -> str:
    """Return why no browser starts, after trying to get one; empty where one does."""
    reason = _start()
    if not reason or any(map(shutil.which, NAMES)):
        return reason
    environment = os.environ | {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "10000"}
    try:
        got = subprocess.run(_INSTALL, check=False, capture_output=True, timeout=_SECONDS, env=environment)
    except subprocess.TimeoutExpired:
        return f"none is installed, and Playwright did not get one within {_SECONDS} seconds"
    if got.returncode:
        return "none is installed, and Playwright cannot get one from here"
    return _start()


def _start() -> str:
    """Start a browser, and return what went wrong, in a line."""
    try:
        with sync_playwright() as playwright:
            launched(playwright).close()
    except Error as error:
        lines = [line.strip(" \u2551\u2554\u255a\u2550") for line in error.message.splitlines()]
        return f"it does not start: {next(filter(None, lines), 'no reason is given')}"
    return ""


if __name__ == "__main__":
    print(why_none(), end="")
