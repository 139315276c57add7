"""Checks that people can grade in the page: blind, saved as a sheet, taken by `review import`, and agreed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

from accessibility import rules, width

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXTS = 6
GRADES = {"Ada": "112233", "Ben O'Hara": "112232"}
"""The keys that each reviewer presses: they differ on the last text."""
COMMENT = '=1+1, "so", as I see it'


def _medbench(folder: Path, *line: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "medbench", *line], cwd=folder, check=False, capture_output=True, text=True
    )
    return done.stdout + done.stderr


def grading(browser: Any, page: Path, shots: Path) -> Iterator[str]:
    """Yield what is wrong when two people grade the page of a folder's runs.

    Args:
        browser: The browser.
        page: The page, in the folder that has its runs.
        shots: A folder for screenshots.
    """
    for name, keys in GRADES.items():
        opened = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
        opened.goto(page.as_uri())
        yield from _graded(opened, keys, shots)
        form = opened.locator("#grading")
        form.locator("[data-part=save]").click()
        if opened.evaluate("document.activeElement.dataset.part") != "reviewer":
            yield "a sheet without a name is saved"
        form.locator("[data-part=reviewer]").fill(name)
        with opened.expect_download() as download:
            form.locator("[data-part=save]").click()
        file = page.with_name(download.value.suggested_filename)
        download.value.save_as(file)
        said = _medbench(page.parent, "review", "import", file.name)
        if f"{TEXTS} verdicts of reviewer:{name}" not in said:
            yield f"review import says '{said}'"
        opened.context.close()
    yield from _agreement(browser, page)


def _graded(page: Any, keys: str, shots: Path) -> Iterator[str]:
    """Grade a sample by keys, and yield what is wrong with the form."""
    page.locator("#grade-button").click()
    page.locator("#sample").fill(str(TEXTS))
    page.locator("#sample").press("Tab")
    form = page.locator("#grading")
    yield from rules(page, "grading", "#grading")
    for number, key in enumerate(keys):
        if f"{number + 1} of {TEXTS}" not in form.inner_text():
            yield f"the form is not at text {number + 1}"
        if "baseline" in form.inner_text():
            yield "the form says who wrote a text"
        page.keyboard.press(key)
        page.keyboard.press("y" if key == "1" else "n")
        if number == 0:
            form.locator("textarea").fill(COMMENT)
            form.locator("[data-part=next]").focus()
        page.keyboard.press("ArrowRight")
    if f"{TEXTS} graded" not in form.inner_text():
        yield "the form does not count what is graded"
    page.screenshot(path=shots / "grading.png")
    page.set_viewport_size({"width": 400, "height": 800})
    yield from width(page, "grading on a phone")
    yield from rules(page, "grading on a phone", "#grading")
    page.screenshot(path=shots / "grading-400.png")


def _agreement(browser: Any, file: Path) -> Iterator[str]:
    """Yield what is wrong with what is shown of the grades: agreement, and the comment in the next page."""
    said = _medbench(file.parent, "compare", "--raters")
    if f"graded {TEXTS} outputs both and agree on {TEXTS - 1}:" not in " ".join(said.split()):
        yield f"compare --raters says '{said}'"
    _medbench(file.parent, "report")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.locator("#search").fill("as I see it")
    if page.locator("#rows tr:visible").count() != 1:
        yield "the comment of a reviewer is not found in the page that is made next"
    page.close()
