"""Use the report of the free run in Chromium as a reader would, at two widths, light and dark.

    python tools/browser/check_page.py [PAGE.html] [--shots FOLDER]

Filters, keys, pictures, links, records, print, what axe-core says, no message in the console and no request.
Ends with 1 if something is wrong.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from functools import partial
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
    from collections.abc import Callable, Iterator

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


def looked_at(address: str, shots: Path, size: tuple[int, int], scheme: str) -> list[str]:
    """Look at the page in one window, and return what is wrong."""
    across, down = size
    print(across, scheme)
    name = f"{across}-{scheme}"
    with sync_playwright() as playwright:
        browser: Any = launched(playwright)
        window = {"width": across, "height": down}
        page = browser.new_context(viewport=window, color_scheme=scheme).new_page()
        wrong = [f"{name}: {what}" for what in problems(page, address, shots / name)]
        browser.close()
    return wrong


def worked_with(page: Path, shots: Path) -> list[str]:
    """Grade in the page of a folder's runs, then put hostile texts into them; return what is wrong."""
    with sync_playwright() as playwright:
        browser: Any = launched(playwright)
        wrong = [*grading(browser, page, shots), *hostile(browser, page)]
        browser.close()
    return wrong


def with_output(check: Callable[[], list[str]]) -> tuple[str, list[str]]:
    """Return what a check prints, and what it says is wrong."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        wrong = check()
    return printed.getvalue(), wrong


def main() -> int:
    """Check the page, and say what is wrong."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("page", nargs="?", type=Path)
    parser.add_argument("--shots", type=Path, help="where screenshots and PDFs go")
    asked = parser.parse_args()
    wrong = []
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor() as pool:
        page = asked.page or made(Path(folder))
        shots = asked.shots or Path(folder)
        shots.mkdir(parents=True, exist_ok=True)
        checks: list[Callable[[], list[str]]] = []
        if not asked.page:
            checks.append(partial(worked_with, page, shots))
            # That check writes its page anew, while others look at it.
            page = Path(shutil.copy(page, Path(folder, "looked-at.html")))
        address = page.resolve().as_uri()
        checks += [partial(looked_at, address, shots, *view) for view in product(SIZES, SCHEMES)]
        for printed, found in pool.map(with_output, checks):
            print(printed, end="")
            wrong += found
    print("\n".join(wrong) or "nothing is wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
