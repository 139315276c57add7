"""Use the report of the free run in Chromium as a reader would, at two widths, light and dark.

    python tools/browser/check_page.py [PAGE.html] [--shots FOLDER]

Filters, keys, pictures, links, records, print, what axe-core says, no message in the console and no request.
Ends with 1 if something is wrong.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accessibility import paper, records, rules, unfolded, width
from case_list import filters, keys, pictures
from chromium import launched
from hostile import hostile
from people import grading
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = ((1400, 900), (400, 800))
SCHEMES = ("light", "dark")
OFFLINE = ("file:", "data:", "blob:")


def made(folder: Path) -> Path:
    """Return the report of the free run, made in that folder."""
    for line in (["run"], ["report", "-o", "report.html"]):
        subprocess.run([sys.executable, "-m", "medbench", *line], cwd=folder, check=True, capture_output=True)
    return folder / "report.html"


def problems(page: Any, address: str, shots: Path) -> Iterator[str]:
    """Yield what is wrong with the page, and take its pictures."""
    said: list[str] = []
    page.on("console", lambda message: said.append(f"console, {message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on(
        "request", lambda asked: said.extend([f"request: {asked.url}"] * (not asked.url.startswith(OFFLINE)))
    )
    page.goto(address)
    page.screenshot(path=f"{shots}-first.png")
    page.locator("#numbers").screenshot(path=f"{shots}-numbers.png")
    yield from rules(page, "first view")
    yield from filters(page)
    yield from keys(page)
    page.screenshot(path=f"{shots}-case.png")
    yield from pictures(page)
    yield from width(page, "with a case")
    yield from unfolded(page)
    yield from records(page)
    yield from paper(page, shots.with_name(f"{shots.name}.pdf"))
    yield from said


def main() -> int:
    """Check the page, and say what is wrong."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("page", nargs="?", type=Path)
    parser.add_argument("--shots", type=Path, help="where screenshots and PDFs go")
    asked = parser.parse_args()
    wrong = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        address = (asked.page or made(Path(folder))).resolve().as_uri()
        shots = asked.shots or Path(folder)
        shots.mkdir(parents=True, exist_ok=True)
        browser: Any = launched(playwright)
        for (across, down), scheme in product(SIZES, SCHEMES):
            print(across, scheme)
            size = {"width": across, "height": down}
            page = browser.new_context(viewport=size, color_scheme=scheme).new_page()
            name = f"{across}-{scheme}"
            wrong += [f"{name}: {what}" for what in problems(page, address, shots / name)]
        if not asked.page:
            wrong += grading(browser, Path(folder, "report.html"), shots)
            wrong += hostile(browser, Path(folder, "report.html"))
        browser.close()
    print("\n".join(wrong) or "nothing is wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
