"""Checks that what models, people and files say does nothing in the page but stand there as text."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXTS = (
    "<script>window.acted = 1</script><img src=x onerror='window.acted = 2'><svg onload='window.acted = 3'>",
    "</script></body></html><!--<script>window.acted = 4",
    "<a href='javascript:window.acted = 5'>x</a> <iframe src='https://example.org/'></iframe> &lt;b&gt; ]]>",
    "<style>* { display: none }</style><b style='position:fixed;inset:0'>No effusion",
    "\u202egnp.exe \u2066mass\u2069 \x1b[31mred\x1b[0m \x07 {{ 7 * 7 }} ${7 * 7} =HYPERLINK(1)",
    "FINDINGS: No mass. " + "A" * 1_000_000,
)
_SEEN = """() => ({
    acted: window.acted ?? null,
    elements: [...new Set([...document.querySelectorAll("#case *")].map(one => one.localName))].sort(),
    text: document.querySelector("#case").textContent,
    visible: document.querySelector("#case").getBoundingClientRect().height > 100,
})"""
_ALLOWED = frozenset(
    {"a", "article", "button", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "h3"}
)
_ALLOWED |= {"h4", "img", "input", "label", "li", "mark", "output", "p", "section", "span", "summary", "ul"}


def _with_texts(folder: Path) -> list[str]:
    """Put the texts into the outputs of a run, and return the cases that have them."""
    file = next(folder.glob("runs/*/baseline-normal/outputs.jsonl"))
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    for line, text in zip(lines, TEXTS, strict=False):
        line["text"] = text
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return [line["case_id"] for line in lines[: len(TEXTS)]]


def hostile(browser: Any, page: Path) -> Iterator[str]:
    """Yield what hostile texts do in the page of a folder's runs, which are changed for it."""
    cases = _with_texts(page.parent)
    done = subprocess.run(
        [sys.executable, "-m", "medbench", "report", "baseline-normal", "baseline-random", "--force"],
        cwd=page.parent,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        yield f"hostile texts make no page: {done.stderr}"
        return
    opened = browser.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(f"hostile, console: {message.text}"))
    opened.on("pageerror", lambda error: said.append(f"hostile, error: {error}"))
    opened.on("request", lambda asked: said.extend([f"hostile: {asked.url}"] * ("http" in asked.url)))
    opened.goto(page.as_uri())
    for case, text in zip(cases, TEXTS, strict=True):
        opened.evaluate("case_id => { location.hash = '#case=' + case_id; }", case)
        opened.locator("#case-title", has_text=case).wait_for()
        seen = opened.evaluate(_SEEN)
        if seen["acted"] is not None:
            yield f"a text acted: {text[:60]}"
        if extra := set(seen["elements"]) - _ALLOWED:
            yield f"a text made elements {sorted(extra)}: {text[:60]}"
        if not seen["visible"] or text[:8].strip("\u202e") not in seen["text"]:
            yield f"a text is not shown: {text[:60]!r}"
        if set(seen["text"]) & {"\u202e", "\u2066", "\x1b", "\x07"}:
            yield f"control characters reach the page: {text[:60]!r}"
    room, wide = opened.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    if wide > room:
        yield "a line of a megabyte makes the page wider"
    yield from said
    opened.close()
