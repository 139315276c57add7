"""Tables that people make: names of columns, empty cells, and the line of what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from medbench.datasets.table import read_table
from medbench.errors import InputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {"id": "id", "case": "id", "text": "text"}


def _read(folder: Path, name: str, content: str) -> list[tuple[str, dict[str, Any]]]:
    (folder / name).write_bytes(content.encode("utf-8"))
    return list(read_table(folder / name, COLUMNS))


def test_columns_go_by_several_names_in_any_case(tmp_path: Path) -> None:
    """Blanks around a name do not count; the rows have the one name that is meant."""
    rows = _read(tmp_path, "a.csv", "\ufeff Case ,TEXT\r\n7,x\r\n")
    assert rows == [(f"'{tmp_path / 'a.csv'}', line 2", {"id": "7", "text": "x"})]


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_empty_cells_are_left_out(tmp_path: Path, empty: str | None) -> None:
    """In both forms, so that a reader asks one question only."""
    ((_, row),) = _read(tmp_path, "a.jsonl", json.dumps({"id": 0, "text": empty}))
    assert row == {"id": 0}, "a zero is a value"
    ((_, row),) = _read(tmp_path, "a.csv", f"id,text\n0,{empty or ''}\n")
    assert row == {"id": "0"}


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    """A cell with line breaks, empty lines and separators within a text do not shift the numbers."""
    rows = _read(tmp_path, "a.csv", 'id,text\n1,"two\nlines"\n\n2,x\n')
    assert [where.rpartition(" ")[2] for where, _ in rows] == ["3", "5"]
    rows = _read(tmp_path, "a.jsonl", '\n{"id": 1, "text": "a\u2028b"}\n\n{"id": 2}\n')
    assert [where.rpartition(" ")[2] for where, _ in rows] == ["2", "4"]


@pytest.mark.parametrize(
    ("content", "words", "hint"),
    [
        ("id,texts\n1,x\n", "line 2: unknown column 'texts'", "'text'?"),
        ("id,colour\n1,x\n", "line 2: unknown column 'colour'", "known: id, case, text"),
        ("id;text\n1;x\n", "line 2: unknown column 'id;text'", "separate the columns with commas"),
        ("id,case\n1,x\n", "line 2: column 'id' is given twice ('case')", "keep one"),
        ("id,text\n1\n", "line 2 does not have 2 cells", "quotes"),
        ("id,text\n1,x,y\n", "line 2 does not have 2 cells", "quotes"),
    ],
)
def test_what_is_wrong_is_named_by_line(tmp_path: Path, content: str, words: str, hint: str) -> None:
    """With the value in quotes and what to try."""
    with pytest.raises(InputError) as caught:
        _read(tmp_path, "a.csv", content)
    assert words in caught.value.message
    assert hint in caught.value.hint


def test_what_is_no_text_file_is_refused(tmp_path: Path) -> None:
    """A path that is not there is a mistyped one; a folder and another encoding are errors of the file."""
    with pytest.raises(UsageError, match="is not there"):
        list(read_table(tmp_path / "none.csv", COLUMNS))
    with pytest.raises(InputError, match="cannot be read"):
        list(read_table(tmp_path, COLUMNS))
    (tmp_path / "latin.csv").write_bytes("id,text\n1,a\n2,\xe4\n".encode("latin-1"))
    with pytest.raises(InputError, match="line 3 is not UTF-8"):
        list(read_table(tmp_path / "latin.csv", COLUMNS))
