"""How blocks are drawn: lines broken at words, tables that keep their digits, foreign text made harmless."""

from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from screens import printed

from medbench.report.blocks import Blank, Field, Heading, Paragraph, Span, Verbatim, row, table
from medbench.report.terminal import draw

HOSTILE = (
    "[bold]x[/bold] [link=file:///etc] \x1b[31mred\x1b]0;t\x07 \u202egnp.\u2066 a\rb \x00 &lt;b> :smile: 漢字"
)


def _on_a_terminal(*blocks: object, width: int = 100) -> str:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=width, color_system="truecolor", markup=False)
    draw(console, blocks)  # type: ignore[arg-type] # blocks, of any kind
    return file.getvalue()


def test_blocks_stand_one_below_the_other() -> None:
    """A title has no line above it, the title of a part has one; a blank is an empty line."""
    blocks = (Heading("All", level=1), Paragraph("one\ntwo"), Heading("Part"), Blank(), Verbatim("a  b"))
    assert printed(*blocks) == "All\none\ntwo\n\nPart\n\na  b\n"


def test_a_paragraph_breaks_between_words_at_the_width() -> None:
    """Continued as far in as its line, or further; words with hyphens and words too long stay whole."""
    text = "  an image-text-pair of words\nshort"
    paragraph = Paragraph(text, hang=0)
    assert printed(paragraph, width=18) == "  an\n  image-text-pair\n  of words\nshort\n"
    assert printed(Paragraph("ab cd ef", hang=3), width=5) == "ab cd\n   ef\n"
    path = "x" * 120
    assert printed(Paragraph(f"a {path} b", hang=0)) == f"a\n{path}\nb\n"
    assert printed(Paragraph(f"label   {'word ' * 24}")).splitlines()[1].startswith("        word")


def test_a_field_begins_below_its_first_column() -> None:
    """All lines of its text stand in one column; its own line breaks are kept; so is a path, whole."""
    assert printed(Field("history", "one\n\ntwo")) == "history     one\n            \n            two\n"
    lines = printed(Field("a", "x" * 200)).splitlines()
    assert lines == ["a" + " " * 11 + "x" * 68, " " * 12 + "x" * 68, " " * 12 + "x" * 64]
    assert printed(Field("", "")) == " " * 12 + "\n"
    path = "folder-of-images/" * 6
    assert printed(Field("image", f"at {path}")).splitlines() == ["image       at", " " * 12 + path]


def test_a_field_counts_the_lines_that_it_leaves_out() -> None:
    """As many lines as asked for, then how many more there are; nothing is said where all fit."""
    text = "\n".join("abcd")
    assert printed(Field("", text, column=2, most_lines=4)).split() == ["a", "b", "c", "d"]
    assert printed(Field("", text, column=2, most_lines=3)).splitlines()[3] == "  … (+1 line: --full)"
    assert printed(Field("", text, column=2, most_lines=1)).splitlines()[1] == "  … (+3 lines: --full)"


def test_styles_reach_a_terminal_and_no_file() -> None:
    """Bold and dim on a terminal, on the same words where a line is broken; plain text in a file."""
    mixed = Paragraph(("so it is ", Span("clearly better", "strong"), " than it was"), hang=1)
    assert (
        _on_a_terminal(mixed, width=16)
        == "so it is \x1b[1mclearly\x1b[0m\n\x1b[1m better\x1b[0m than it\n was\n"
    )
    assert printed(mixed, width=16) == "so it is clearly\n better than it\n was\n"
    assert _on_a_terminal(Paragraph(Span("a\nb", "muted"))) == "\x1b[2ma\x1b[0m\n\x1b[2mb\x1b[0m\n"
    assert "\x1b[2m" in _on_a_terminal(table(["n"], [[Span("1", "muted")]]))


def test_a_table_has_numbers_to_the_right_and_details_further_in() -> None:
    """Names flush left, other columns flush right, no lines; a detail stands in two columns."""
    shown = printed(table(["name", "n"], [["abcdef", "1"], row("more", "22", detail=True)]))
    assert shown == "name     n\nabcdef   1\n  more  22\n"


def test_a_table_that_is_too_wide_breaks_the_columns_that_may_break() -> None:
    """Between words first, the last such column first; every other cell stays in one piece."""
    names, digits = "some words " * 8, "1234567890" * 2
    shown = printed(
        table(["name", "value", "why"], [[names, digits, names]], left=(0, 2), wraps=(0, 2)), width=80
    )
    lines = shown.splitlines()
    assert max(map(len, lines)) <= 80
    assert digits in shown
    assert sum("some" in line for line in lines) > 1
    assert all(word in {"some", "words", "name", "value", "why", digits} for word in shown.split())


@pytest.mark.parametrize("width", [20, 45, 60, 80, 200])
def test_a_narrow_terminal_loses_no_digit(width: int) -> None:
    """Columns that do not fit stand in a second table below; only a number may be wider than the screen."""
    digits = ["1234567890123456789", "[-.123, .456]", "98765432109876543210"]
    shown = printed(table(["a name", "b", "c"], [["one", *digits[1:]], digits]), width=width)
    assert all(cell in shown for cell in digits)
    wide = [line for line in shown.splitlines() if len(line) > max(width, 41)]
    assert not wide
    assert shown.count("one") == {20: 2, 45: 2}.get(width, 1)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_name_never_breaks_inside_a_word(width: int) -> None:
    """A long one loses its middle and stands in full below the table; two that end alike still differ."""
    names = [f"model-{kind}-whose-name-is-longer-than-most-columns" for kind in ("small", "large")]
    numbers = [".26 [.17, .36]"] * 3
    shown = printed(table(["system", *"abc"], [[name, *numbers] for name in names], wraps=(0,)), width=width)
    cells = {line.split()[0] for line in shown.splitlines() if ".26" in line}
    assert len(cells) == 2
    assert all(name in shown for name in names)
    assert max(map(len, shown.splitlines())) <= width
    assert ("in full" in shown) == (width < 200)


ANY = st.text(max_size=60) | st.sampled_from(
    [HOSTILE, HOSTILE * 5, "漢" * 80, "\u200f\u202e", "a\tb\n\nc", "[/]"]
)


@given(ANY, ANY)
def test_text_from_outside_is_only_text(text: str, other: str) -> None:
    """In every kind of block: no control character or direction mark is printed, no markup is obeyed."""
    for block in (
        Heading(text),
        Paragraph((text, Span(other, "strong"))),
        Paragraph(text, hang=0),
        Verbatim(text),
        Field(text, other, most_lines=3),
        table([text, "n"], [[other, text], row(text, Span(other, "muted"), detail=True)], wraps=(0,)),
    ):
        shown = printed(block)
        kinds = {unicodedata.category(char) for char in shown if char not in "\n\t"}
        assert kinds.isdisjoint({"Cc", "Cf", "Co", "Cs"})


@given(st.lists(st.tuples(ANY, st.sampled_from(["plain", "strong", "muted"])), min_size=2, max_size=4))
def test_no_character_is_lost_between_styles(parts: list[tuple[str, str]]) -> None:
    """A paragraph in several styles shows the characters of the same paragraph in one."""
    styled = tuple(Span(text, style) for text, style in parts)  # type: ignore[arg-type] # a style
    whole = Paragraph("".join(text for text, _ in parts), hang=1)
    assert printed(Paragraph(styled, hang=1)) == printed(whole)


def test_markup_is_shown_as_it_was_written() -> None:
    """Square brackets, entities and names of emoji are letters like others; escapes become a sign."""
    for block in (
        Paragraph(HOSTILE),
        Field("", HOSTILE),
        table(["a"], [[HOSTILE]], wraps=(0,)),
        Verbatim(HOSTILE),
    ):
        flat = " ".join(printed(block).split())
        assert "[bold]x[/bold] [link=file:///etc]" in flat
        assert "&lt;b>" in flat
        assert ":smile:" in flat
        assert "\x1b" not in flat


def test_wide_characters_count_as_two_columns() -> None:
    """A table of them keeps to the screen."""
    shown = printed(table(["name", "n"], [["漢字 " * 30, "1"]], wraps=(0,)), width=80)
    assert max(cell_len(line) for line in shown.splitlines()) <= 80
