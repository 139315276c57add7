"""Tables that people make: names of columns, empty cells, and the line of what is wrong."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from medbench.datasets.table import read_table
from medbench.errors import InputError, UsageError

COLUMNS = {"id": "id", "case": "id", "text": "text"}


def _read(folder: Path, name: str, content: str) -> list[tuple[str, dict[str, Any]]]:
    (folder / name).write_bytes(content.encode("utf-8"))
    return list(read_table(folder / name, COLUMNS).rows)


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
        ("id,texts\n1,x\n", ".csv': unknown column 'texts'", "'text'?"),
        ("id,colour\n1,x\n", ".csv': unknown column 'colour'", "known: id, text"),
        ("id,a,b\n1,x,y\n", ".csv': 2 unknown columns: 'a', 'b'", "known: id, text"),
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


def test_an_open_quote_is_named_by_the_line_that_opens_it(tmp_path: Path) -> None:
    """Not by the last line of the file, which is where it is noticed."""
    with pytest.raises(InputError, match=r"line 3 is broken: a quote that is opened there isn't closed"):
        _read(tmp_path, "a.csv", 'id,text\n1,x\n2,"y\n3,z\n4,z\n')


def test_a_text_may_be_longer_than_the_csv_module_takes_by_itself(tmp_path: Path) -> None:
    """A model that loops writes more than 131,072 characters; what is exported comes back."""
    loop = "There is a mass. " * 12_000
    ((_, row),) = _read(tmp_path, "a.csv", f'id,text\n1,"{loop}"\n')
    assert row["text"] == loop


def test_the_mark_of_a_spreadsheet_may_be_kept_in_a_name(tmp_path: Path) -> None:
    """Python's csv module makes '\ufeff"id"' of the first column of a file opened as 'utf-8'."""
    rows = _read(tmp_path, "a.csv", '"\ufeff""id""",text\n7,x\n')
    assert [row for _, row in rows] == [{"id": "7", "text": "x"}]


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ("Fall;Bild;text\n1;a;b\n", "column 'id' is missing; unknown: 'Fall', 'Bild'", "--map id=COLUMN"),
        (
            "Fall;Bild\n1;a\n",
            "columns 'id', 'text' are missing; unknown: 'Fall', 'Bild'",
            "--map text=COLUMN",
        ),
        ("id\tBefund\n1\ta\n", "column 'text' is missing; unknown: 'Befund'", "--map text=Befund"),
        ("idd,texts,x\n1,a,b\n", "columns 'id', 'text' are missing", "--map id=idd --map text=texts"),
    ],
)
def test_columns_that_are_missing_are_named_at_once(
    tmp_path: Path, content: str, message: str, hint: str
) -> None:
    """With those that are unknown, and what to type where it is clear which is meant."""
    (tmp_path / "a.csv").write_text(content, "utf-8")
    with pytest.raises(InputError) as caught:
        read_table(tmp_path / "a.csv", COLUMNS, needed=("id", "text"), rename="--map {name}={given}")
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_what_is_no_text_file_is_refused(tmp_path: Path) -> None:
    """A path that is not there is a mistyped one; a folder and another encoding are errors of the file."""
    with pytest.raises(UsageError, match="is not there"):
        read_table(tmp_path / "none.csv", COLUMNS)
    with pytest.raises(InputError, match="cannot be read"):
        read_table(tmp_path, COLUMNS)
    (tmp_path / "wild.csv").write_bytes(b"id,text\n1,a\n2,\x81\n")
    with pytest.raises(InputError, match="line 3 is not UTF-8"):
        read_table(tmp_path / "wild.csv", COLUMNS)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id;text\n7;nodule, left\n", "by semicolons"),
        (b"id\ttext\n7\tnodule, left\n", "by tabs"),
        (b'sep=;\r\nid;text\r\n7;"nodule, left"\r\n', "'sep=;'"),
        ('id,text\n7,"nodule, left"\n'.encode("utf-16"), "UTF-16"),
        ('id,text\n7,"nodule, left"\n\n,,\n'.replace(",,", ",").encode(), ""),
        (b'id,text,\n7,"nodule, left",\n', ""),
    ],
)
def test_what_spreadsheets_write_is_read_and_said(tmp_path: Path, content: bytes, said: str) -> None:
    """Other separators and encodings, Excel's first line, empty rows and columns at the end."""
    (tmp_path / "a.csv").write_bytes(content)
    table = read_table(tmp_path / "a.csv", COLUMNS)
    assert [row for _, row in table.rows] == [{"id": "7", "text": "nodule, left"}]
    assert said in " ".join(table.notes)
    assert bool(table.notes) == bool(said)


def test_windows_letters_are_read(tmp_path: Path) -> None:
    """A file of an older Windows keeps its letters, and the note names the line that told."""
    (tmp_path / "a.csv").write_bytes("id,text\n7,L\u00e4sion\n".encode("cp1252"))
    table = read_table(tmp_path / "a.csv", COLUMNS)
    assert [row["text"] for _, row in table.rows] == ["L\u00e4sion"]
    assert "line 2 is not UTF-8" in table.notes[0]


def test_a_sheet_of_excel_is_read(tmp_path: Path) -> None:
    """Numbers that stand for names keep their digits, and empty rows are passed over."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["id", "text", None], [7.0, "nodule", None], [None, None, None], ["8", "clear", None]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    rows = [row for _, row in read_table(tmp_path / "a.xlsx", COLUMNS).rows]
    assert rows == [{"id": "7", "text": "nodule"}, {"id": "8", "text": "clear"}]
    book.copy_worksheet(book.active)
    book.save(tmp_path / "c.xlsx")
    with pytest.raises(InputError, match="several such sheets: 'Sheet' and 'Sheet Copy'"):
        read_table(tmp_path / "c.xlsx", COLUMNS)
    (tmp_path / "b.xlsx").write_bytes(b"no zip")
    with pytest.raises(InputError, match=r"not a readable \.xlsx"):
        read_table(tmp_path / "b.xlsx", COLUMNS)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", b"</worksheet>", b""),
        ("xl/workbook.xml", b'sheetId="1"', b'sheetId="one"'),
        ("xl/workbook.xml", b"sheets>", b"leaves>"),
        ("", b"\x08\x00", b"\x63\x00"),
    ],
    ids=["torn XML", "no number", "no sheet", "packed in an unknown way"],
)
def test_a_damaged_sheet_is_said_to_be_that(tmp_path: Path, part: str, old: bytes, new: bytes) -> None:
    """Wherever the library stumbles, with the first line or the last: the file and what to do."""
    openpyxl = pytest.importorskip("openpyxl")
    book, made = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["id", "text"])
    book.save(made)
    with (
        zipfile.ZipFile(made) as whole,
        zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in whole.namelist():
            data = whole.read(name)
            copy.writestr(name, data.replace(old, new) if name == part else data)
    if not part:
        path = tmp_path / "a.xlsx"
        path.write_bytes(path.read_bytes().replace(old, new))
    with pytest.raises(InputError, match=r"'.*a\.xlsx' (is not a readable \.xlsx: |has no sheet)") as raised:
        list(read_table(tmp_path / "a.xlsx", COLUMNS).rows)
    assert raised.value.hint == "save the sheet as CSV"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-16"])
def test_wide_letters_are_read_with_a_mark_or_without(tmp_path: Path, encoding: str) -> None:
    """A table in UTF-16 or UTF-32 is read, and said to be one, also where no mark begins it."""
    file = tmp_path / "t.csv"
    file.write_bytes("id,text\nc0,Übergang\n".encode(encoding))
    read = read_table(file, {"id": "id", "text": "text"})
    assert [row for _, row in read.rows] == [{"id": "c0", "text": "Übergang"}]
    assert f"read as {encoding[:6].upper()}" in read.notes[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("id,text,text\nc0,a,b\n", "column 'text' is given twice"),
        ("id,text,Text\nc0,a,b\n", "column 'text' is given twice ('Text')"),
        ("id,text, text \nc0,a,b\n", "column 'text' is given twice"),
        ("id,text,\ufefftext\nc0,a,b\n", "column 'text' is given twice"),
        ("id,,,text\nc0,x,,b\n", "unknown column ''"),
        ("id,,,text\nc0,,x,b\n", "unknown column ''"),
    ],
)
def test_no_column_hides_another(tmp_path: Path, content: str, words: str) -> None:
    """Two columns of one name, and cells of a column without a name, are refused rather than lost."""
    file = tmp_path / "t.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_table(file, {"id": "id", "text": "text"})
    assert words in caught.value.message


def test_a_key_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    """Which of two values a line of JSON means cannot be known."""
    file = tmp_path / "t.jsonl"
    file.write_text('{"id": "c0", "text": "a", "text": "b"}\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_table(file, {"id": "id", "text": "text"})
    assert "line 1" in caught.value.message
    assert "'text' is given twice" in caught.value.message


def test_letters_that_nobody_sees_are_no_part_of_a_name(tmp_path: Path) -> None:
    """A zero-width letter that came with a copied header changes no column."""
    file = tmp_path / "t.csv"
    file.write_text("id,\u200btext\ufeff\nc0,a\n", encoding="utf-8")
    assert read_table(file, {"id": "id", "text": "text"}).rows[0][1] == {"id": "c0", "text": "a"}
