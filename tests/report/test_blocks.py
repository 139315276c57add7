"""Blocks are plain data, and no report file but the renderer knows the library that draws them."""

from __future__ import annotations

import ast
import dataclasses
import json
import pickle
from pathlib import Path

import pytest

import medbench.report
from medbench.report.blocks import Blank, Block, Field, Heading, Paragraph, Span, Verbatim, row, spans, table

ROOM = Path(medbench.report.__path__[0])
EXAMPLES = (
    Heading("A part"),
    Paragraph(("so ", Span("clear", "strong"))),
    Verbatim("a  b"),
    Field("history", "Cough."),
    Blank(),
    table(["name", "n"], [["x", Span("1", "muted")], row("of it", "2", detail=True)], wraps=(0,)),
)


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: type(block).__name__)
def test_a_block_is_plain_data(block: Block) -> None:
    """It cannot be changed, compares by value, and survives pickle and, as a dictionary, JSON."""
    assert pickle.loads(pickle.dumps(block)) == block
    assert json.loads(json.dumps(dataclasses.asdict(block))).keys() == set(type(block).__dataclass_fields__)
    for field in dataclasses.fields(block):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(block, field.name, None)


def test_a_table_names_each_column_and_what_it_does() -> None:
    """The numbers of columns become properties of each; cells become spans; a detail stays one."""
    made = table(
        ["name", "n", "why"], [["x", "1", "y"], row("z", "2", "", detail=True)], left=(0, 2), wraps=(2,)
    )
    assert [(column.name, column.align, column.wraps) for column in made.columns] == [
        ("name", "left", False),
        ("n", "right", False),
        ("why", "left", True),
    ]
    assert [[cell.text for cell in line.cells] for line in made.rows] == [["x", "1", "y"], ["z", "2", ""]]
    assert [line.detail for line in made.rows] == [False, True]


def test_text_in_one_or_several_styles_is_spans() -> None:
    """A string, a span and a mixture of both are read alike."""
    clear = Span("b", "strong")
    assert spans("a") == (Span("a"),)
    assert spans(clear) == (clear,)
    assert spans(("a", clear)) == (Span("a"), clear)


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: path.stem)
def test_only_the_renderer_imports_rich(path: Path) -> None:
    """No other report file imports rich, but for the width of characters, not even for a type."""
    names = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert ("rich" in names) == (path.stem in {"terminal", "layout"})
