"""Checks of a page as it is heard, read on paper, seen on a phone, and followed to its records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WIDTH = "[document.documentElement.scrollWidth, innerWidth]"
_UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true; })"
_SCROLLED = """[...document.querySelectorAll('.scroll')]
    .filter(one => one.scrollWidth > one.clientWidth && !one.matches('.list') && !one.querySelector('.cells'))
    .map(one => [...one.querySelectorAll('thead th')].map(name => name.innerText))
    .filter(names => names.length <= 8).map(names => names.join(', '))"""
_SHEET = {"width": 718, "height": 1047}
"""A4 in pixels of 1/96 inch, without its margins."""
_FOLD = "document.querySelectorAll('details').forEach(one => { one.open = false; })"


def rules(page: Any, where: str, part: str | None = None) -> Iterator[str]:
    """Yield what breaks a rule of axe-core, in the page or in a part of it: WCAG's and its best practices."""
    for broken in Axe().run(page, part).response["violations"]:
        first = broken["nodes"][0]["html"][:160]
        yield f"{where}: {broken['help']} ({broken['id']}, {len(broken['nodes'])} times): {first}"


def width(page: Any, where: str) -> Iterator[str]:
    """Yield how far the page is wider than the window."""
    wide, room = page.evaluate(_WIDTH)
    if wide > room:
        yield f"{where}: the page is {wide} wide in a window of {room}"


def unfolded(page: Any) -> Iterator[str]:
    """Yield what is wrong once everything that folds is open, with a case and with the help above it."""
    page.evaluate(_UNFOLD)
    yield from width(page, "unfolded")
    for names in page.evaluate(_SCROLLED):
        yield f"unfolded: a table of few columns scrolls ({names})"
    yield from rules(page, "unfolded")
    page.locator("#help-button").click()
    yield from rules(page, "help", "#help")
    page.keyboard.press("Escape")
    page.evaluate(_FOLD)


def paper(page: Any, file: Path) -> Iterator[str]:
    """Yield what is wrong with the page on paper, and write it as a PDF."""
    window = page.viewport_size
    page.set_viewport_size(_SHEET)
    page.emulate_media(media="print")
    yield from width(page, "on paper")
    for selector in ("#filters", "nav", ".controls"):
        if page.locator(selector).first.is_visible():
            yield f"'{selector}' is on paper"
    if page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)":
        yield "paper is not white"
    if not page.locator("#method dd").last.is_visible():
        yield "what is folded in Method is not on paper"
    rows = page.locator(".list").bounding_box()["height"], page.locator("#rows").bounding_box()["height"]
    if rows[0] < rows[1]:
        yield "the list of cases is cut off on paper"
    page.pdf(path=file)
    if not file.read_bytes().startswith(b"%PDF"):
        yield "it cannot be printed"
    page.emulate_media(media="screen")
    page.set_viewport_size(window)


def records(page: Any) -> Iterator[str]:
    """Yield what is wrong where a checklist links to a record, which may be folded in."""
    page.locator("#method summary", has_text="MI-CLEAR-LLM").click()
    link = page.locator(".checklist a[href^='#m-']").first
    record = page.locator(link.get_attribute("href"))
    link.click()
    if not record.is_visible():
        yield "a record that a checklist links to stays folded in"
    if page.locator("dt:target").count() != 1:
        yield "a record that was linked to does not stand out"
