"""Screens as Markdown and as JUnit's XML: whatever a name holds, it is shown and does nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from graded_runs import graded_run
from markdown_it import MarkdownIt
from markdown_it.token import Token

from medbench.report.blocks import Field, Heading, Paragraph, Span, Verbatim, row, table
from medbench.report.forms.junit import Claim, junit
from medbench.report.forms.markdown import markdown
from medbench.sentences import printable
from medbench.store.benchmark import BenchmarkFolder

HOSTILE = [
    "a|b", "<script>alert(1)</script>", "`code`", "**b** _i_ ~~s~~", "[x](http://e.org)", "![x](//e.org/p)",
    "http://e.org www.e.org", "# h", "- item", "1. one", "===", "> quote", "```\nfence", "a\n\n# b\n---",
    "&lt; &amp;",     "\\", "\\|", "$a$ and $b$", "@octocat, #12", "\x1b[31mred\x00",
    "\u202eright to left", "[a]: http://e.org",
    "    code", "| a | b |\n|---|---|\n| c | d |", "<!-- x", "]]>", "\ufffe\ud800",
]  # fmt: skip
_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_PLAIN = {"paragraph", "inline", "text", "softbreak", "hardbreak", "html_inline", "table", "thead", "tbody"}
_PLAIN |= {"tr", "th", "td", "text_special"}
_OURS = re.compile(r"<!-- -->|<br>|</?strong>")


def _tokens(text: str) -> Iterator[Token]:
    for token in _PARSER.parse(text):
        yield token
        yield from token.children or ()


def _shown(text: str) -> str:
    """What a reader sees, without spaces: the breaks of lines are those of the page."""
    parts = [token.content for token in _tokens(text) if token.type in {"text", "text_special"}]
    return "".join("".join(parts).split())


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_name_is_text_and_nothing_else(name: str) -> None:
    """In a sentence, a cell and beside a label there is no markup but ours, and each character is shown."""
    shown = "".join(printable(name).split())
    for blocks in (
        [Paragraph(name.lstrip())],
        [Paragraph(("see ", Span(name, "strong"), name))],
        [Field("label", name)],
        [table([name, "n"], [row(name, "1"), row(name, "2", detail=True)])],
    ):
        text = markdown(blocks)
        kinds = {re.sub("_(open|close)$", "", token.type) for token in _tokens(text)}
        assert kinds <= _PLAIN, text
        for token in _tokens(text):
            assert token.type != "html_inline" or _OURS.fullmatch(token.content), text
        assert shown in _shown(text), text
    assert not re.search(r"[@#]\w", text)
    heading = [token.type for token in _PARSER.parse(markdown([Heading(name)]))]
    assert heading == ["heading_open", "inline", "heading_close"]
    (fence,) = _PARSER.parse(markdown([Verbatim(name)]))
    assert (fence.type, fence.content) == ("fence", printable(name) + "\n")


def test_what_is_further_in_is_a_list() -> None:
    """The reasons below a conclusion are items; a cell that says more about the row above is set in."""
    text = markdown(
        [Paragraph("Better."), Paragraph("  because of .31."), table(["a"], [row("b", detail=True)])]
    )
    assert text == "Better.\n\n- because of .31.\n\n| a |\n| :-- |\n| &emsp;b |\n"


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_xml_is_valid_whatever_is_in_it(name: str) -> None:
    """A name, a sentence and a property hold any text; what XML cannot hold is replaced."""
    root = ET.fromstring(junit(name, [Claim(name, "fail", name, [name])], {name: name}).encode())
    (failure,) = root.iter("failure")
    assert failure.text is not None
    assert "".join(failure.text.split()) == "".join((2 * printable(name)).replace("\ufffe", "\ufffd").split())


NAMES = ("a|<b>`", "@octocat ]]>\x1b[1m")


def test_a_comparison_in_each_form(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """Markdown has the words of the screen; JSON is --json; a claim of JUnit fails, is skipped or passes."""
    first, second = NAMES
    graded_run(tmp_path / "runs/many" / first, many, "o" * 40)
    graded_run(tmp_path / "runs/many" / second, many, "g" * 12 + "o" * 28)
    line = ("compare", "--against")
    page = medbench(*line, first, "--format", "markdown")
    assert "is better than" in page.out
    assert "| a\\|&lt;b&gt;\\` |" in page.out
    assert {token.content for token in _tokens(page.out) if token.type == "html_inline"} <= {"<!-- -->"}
    assert medbench(*line, first, "--format", "json").out == medbench(*line, first, "--json").out
    better = ET.fromstring(medbench(*line, first, "--format", "junit").out)
    assert (better[0].attrib["tests"], better[0].attrib["failures"]) == ("1", "0")
    said = next(better.iter("system-out")).text or ""
    assert "good on 30 more cases in 100 [" in said
    assert "40 of 40 cases judged for both" in said
    worse = ET.fromstring(medbench(*line, second, "--format", "junit").out)
    assert worse[0].attrib["failures"] == "1"
    record = json.loads(medbench(*line, first, "--json").out)
    shown = {one.attrib["name"]: one.attrib["value"] for one in better.iter("property")}
    assert shown["benchmark_digest"] == record["benchmark_digest"]
    graded_run(tmp_path / "runs/many" / second, many, "g" * 3 + "o" * 37)
    unsure = medbench(*line, first, "--format", "junit")
    assert (ET.fromstring(unsure.out)[0].attrib["skipped"], unsure.code) == ("1", 0)
