"""Open the report of the free run in Chromium: filters, keys, pictures, links, two widths, light and dark.

Usage: python tools/browser/check_page.py [PAGE.html] [--shots FOLDER]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = ((1400, 900), (400, 800))
SCHEMES = ("light", "dark")
CHOOSE = """select => {
    const begun = performance.now();
    select.value = select.options[1].value;
    select.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.offsetHeight;
    return performance.now() - begun;
}"""


def made(folder: Path) -> Path:
    """Return the report of the free run, made in that folder."""
    for line in (["run"], ["report", "-o", "report.html"]):
        subprocess.run([sys.executable, "-m", "medbench", *line], cwd=folder, check=True, capture_output=True)
    return folder / "report.html"


def filters(page: Any) -> Iterator[str]:
    """Yield what is wrong with filters and search."""
    rows, reset = page.locator("#rows tr").count(), page.locator("#filters button[type=reset]")
    spent = page.locator("[data-filter=region]").evaluate(CHOOSE)
    print(f"  {rows} cases, a filter takes {spent:.1f} ms")
    if not 0 < page.locator("#rows tr:visible").count() < rows:
        yield "the filter by region keeps all or none"
    reset.click()
    page.locator("#rows tr:not([hidden])").nth(rows - 1).wait_for()
    page.locator("body").press("f")
    page.keyboard.type(page.locator("#rows tr").first.get_attribute("data-id"))
    page.keyboard.press("Escape")
    if page.locator("#rows tr:visible").count() != 1:
        yield "a search for one case keeps others"
    reset.click()
    page.evaluate("document.activeElement.blur()")


def keys(page: Any) -> Iterator[str]:
    """Yield what is wrong with the keys, and with the case that they open."""
    for key in "jjkj":
        page.keyboard.press(key)
    opened = page.locator("#rows tr.open").get_attribute("data-id")
    if f"#case={opened}" not in page.url or opened not in page.locator("#case-title").inner_text():
        yield f"j and k opened '{opened}', the address is {page.url}"
    page.evaluate("Promise.all([...document.querySelectorAll('#case img')].map(one => one.decode()))")
    if not page.evaluate(
        "[...document.querySelectorAll('#case img')].filter(one => one.naturalWidth).length"
    ):
        yield "no picture is drawn"
    page.keyboard.press("Enter")
    page.keyboard.press("?")
    if not page.locator("#help").is_visible():
        yield "? shows no help"
    page.keyboard.press("Escape")
    linked = page.context.new_page()
    linked.goto(page.url)
    if opened not in linked.locator("#case-title").inner_text():
        yield "the link to a case does not open it"


def problems(page: Any, address: str, shots: Path) -> Iterator[str]:
    """Yield what is wrong with the page, and take its pictures."""
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.extend([request.url] * request.url.startswith("http")))
    page.goto(address)
    page.screenshot(path=f"{shots}-first.png")
    page.locator("#numbers").screenshot(path=f"{shots}-numbers.png")
    yield from filters(page)
    yield from keys(page)
    page.screenshot(path=f"{shots}-case.png")
    wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if wide > room:
        yield f"it is {wide} wide"
    yield from said


def main() -> int:
    """Check the page, and say what is wrong."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("page", nargs="?", type=Path)
    parser.add_argument("--shots", type=Path, help="where screenshots go")
    asked = parser.parse_args()
    wrong = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        address = (asked.page or made(Path(folder))).resolve().as_uri()
        shots = asked.shots or Path(folder)
        shots.mkdir(parents=True, exist_ok=True)
        browser: Any = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for (width, height), scheme in product(SIZES, SCHEMES):
            print(width, scheme)
            size = {"width": width, "height": height}
            page = browser.new_context(viewport=size, color_scheme=scheme).new_page()
            wrong += [
                f"{width} {scheme}: {what}" for what in problems(page, address, shots / f"{width}-{scheme}")
            ]
        browser.close()
    print("\n".join(wrong) or "nothing is wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
