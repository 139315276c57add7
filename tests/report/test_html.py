"""Blocks as HTML: structure, and texts that try to be more than text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from medbench.report.blocks import Blank, Block, Field, Heading, Paragraph, Span, Verbatim, row, table
from medbench.report.html import html

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></table><iframe src='http://example.com'>",
    '"><svg onload="alert(1)">',
    "javascript:alert(1)&lt;b&gt;",
    "{} {0} {__class__} %s \\x00",
)


TAGS = {"div", "p", "strong", "span", "pre", "table", "thead", "tbody", "tr", "th", "td"}


class _Reader(HTMLParser):
    """Collects tags, attributes and texts."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup(text: str) -> None:
    """In every kind of block a text is shown as it is and adds no tag and no attribute."""
    blocks: list[Block] = [
        Heading(text),
        Paragraph(text),
        Paragraph(("a ", Span(text, "strong"), Span(text, "muted"))),
        Verbatim(text),
        Field(text, text),
        Blank(),
        table([text, "n"], [[text, Span(text, "muted")], row(text, "1", detail=True)]),
    ]
    read = _Reader(html(blocks))
    assert set(read.tags) <= TAGS
    assert read.attributes <= {"class", "style"}
    assert read.open == []
    assert read.text.count(text) == 11


def test_control_characters_are_replaced() -> None:
    """What moves a cursor, or turns the direction of writing, is not passed on."""
    read = _Reader(html([Paragraph("a\x1b[31mb\u202ec\x00d")]))
    assert read.text == "a\ufffd[31mb\ufffdc\ufffdd"


def test_dollars_are_no_formula() -> None:
    """The page is marked so that a notebook leaves '$1 and $2' alone."""
    assert 'class="medbench tex2jax_ignore mathjax_ignore"' in html([Paragraph("$1 and $2")])


def test_a_table_has_its_rows_and_a_line_its_breaks() -> None:
    """Header, rows, alignment and line breaks are those of the block; a detail row is indented."""
    page = html([table(["name", "n"], [["a", "1"], row("b", "2", detail=True)]), Paragraph("one\ntwo")])
    assert page.count("<tr>") == 3
    assert '<td style="text-align:left">a</td><td style="text-align:right">1</td>' in page
    assert '<td style="text-align:left">&emsp;b</td><td style="text-align:right">2</td>' in page
    assert "one<br>two" in page
