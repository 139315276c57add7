"""Cases of one's own: what a table may hold, and what is wrong with one, by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from medbench.datasets.folder import read_folder
from medbench.errors import InputError, UsageError


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder with two images, and a secret beside it."""
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        (folder / name).write_bytes(b"never opened here")
    (tmp_path / "secret.png").write_bytes(b"never opened here")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    return folder


def _table(tmp_path: Path, content: str, name: str = "cases.csv") -> Path:
    (tmp_path / name).write_text(content, "utf-8")
    return tmp_path / name


def test_a_csv_as_a_spreadsheet_writes_it(tmp_path: Path, images: Path) -> None:
    """With a mark at its start, quoted line breaks, several images and one modality for all or one each."""
    content = (
        "\ufeffID,Images,Findings,Region,Modality,Plane,Sex,Age,History\r\n"
        '7,a.png; b.png,"  A mass,\nleft. ",Thorax,CT;mri,axial,F,54,\r\n'
        "8,b.png,Normal.,,,,,,Cough.\r\n"
    )
    one, two = read_folder(_table(tmp_path, content), images).cases
    assert (one.source_id, one.text, one.sex, one.age, one.history) == (
        "7",
        "  A mass,\nleft. ",
        "female",
        "54",
        None,
    )
    assert [(image.name, image.modality, image.plane) for image in one.images] == [
        ("a.png", "CT", "axial"),
        ("b.png", "MR", "axial"),
    ]
    assert (two.region, two.history, two.images[0].modality) == ("unknown", "Cough.", None)


def test_json_lines_take_lists_and_numbers(tmp_path: Path, images: Path) -> None:
    """Lists of images, captions of each, a number as id and age, empty lines between."""
    row = {
        "id": 7,
        "images": ["a.png", "b.png"],
        "text": "A mass.",
        "age": 54,
        "caption": ["x; y", ""],
        "sex": None,
    }
    (case,) = read_folder(_table(tmp_path, f"\n{json.dumps(row)}\n\n", "c.jsonl"), images).cases
    assert (case.source_id, case.age, case.sex) == ("7", "54", None)
    assert [image.caption for image in case.images] == ["x; y", ""]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "has no cases"),
        ("id,images,reference\n", "has no cases"),
        ("id,images,references\n1,a.png,x\n", "column 'reference' is missing; unknown: 'references'"),
        ("id,images,reference,text\n1,a.png,x,y\n", "line 2: column 'reference' is given twice ('text')"),
        ("id,images,reference\n1,a.png,x\n1,b.png,y\n", "line 3: the id '1' is given twice"),
        ("id,images,reference\n1,c.png,x\n", "line 2: the image 'c.png' is not in"),
        ("id,images,reference\n1,../secret.png,x\n", "line 2: the image '../secret.png' lies outside"),
        ("id,images,reference\n1,link.png,x\n", "line 2: the image 'link.png' lies outside"),
        ("id,images,reference\n1,/etc/passwd,x\n", "line 2: the image '/etc/passwd' lies outside"),
        ("id,images,reference\n1,loop.png,x\n", "line 2: "),
        ("id,images,reference\n1,a\0.png,x\n", "line 2"),
        ("id,images,reference\n,a.png,x\n", "line 2: 'id' is missing"),
        ("id,images,reference\n1,,x\n", "line 2: 'images' is missing"),
        ("id,images,reference\n1, ; ,x\n", "line 2 names no image"),
        ("id,images,reference\n1,a.png;a.png,x\n", "line 2 names the image 'a.png' twice"),
        ("id,images,reference\n1,a.png,x,y\n", "line 2 does not have 3 cells"),
        ("id,images,reference\n1,a.png\n", "line 2 does not have 3 cells"),
        ('id,images,reference\n1,a.png,"x\n', "is broken"),
        ("id,images,reference,modality\n1,a.png,x,KT\n", "line 2: unknown modality 'KT'"),
        ("id,images,reference,modality\n1,a.png,x,CT;MR\n", "2 values of 'modality' for 1 image."),
        ("id,images,reference,sex\n1,a.png,x,yes\n", "sex is 'yes'"),
        (
            "id,images,reference\n1,a.png,#REF!\n",
            "line 2: 'reference' is '#REF!', an error of the spreadsheet",
        ),
        ("id,images,reference,region\n1,a.png,x,#NV\n", "line 2: 'region' is '#NV', an error of the spread"),
        (
            "id,images,reference\n1,a.png,Error code: 429 - slow down\n",
            "line 2: 'reference' is what a program",
        ),
        (
            "id,images,reference\n1,a.png,[ERROR] Request timed out.\n",
            "line 2: 'reference' is what a program",
        ),
    ],
)
def test_a_broken_csv_is_named_by_line(tmp_path: Path, images: Path, content: str, words: str) -> None:
    """What is wrong, with the value in quotes, and what to try."""
    with pytest.raises(InputError) as caught:
        read_folder(_table(tmp_path, content), images)
    assert words in caught.value.message
    assert caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"id": 1, "images": "a.png", "text": "x"}\n{"id": 2,', "line 2 is not JSON"),
        ("[1]", "line 1 is not a JSON object"),
        ('{"id": 1, "images": "a.png", "text": {"a": 1}}', "'reference' is not a text"),
        ('{"id": 1, "images": "a.png", "histories": "x"}', "unknown column 'histories'"),
        (r'{"id": 1, "images": "a.png", "text": "a \ud800"}', "line 1: 'reference' holds half a character"),
        (r'{"id": "\udfff", "images": "a.png", "text": "a"}', "line 1: 'id' holds half a character"),
        (
            r'{"id": 1, "images": "a.png", "text": "a", "caption": ["\ud8aa"]}',
            "'caption' holds half a character",
        ),
        ('{"id": NaN, "images": "a.png", "text": "x"}', "line 1: 'id' is missing"),
    ],
)
def test_a_broken_json_line_is_named(tmp_path: Path, images: Path, content: str, words: str) -> None:
    """The line's number and its start are in the message."""
    with pytest.raises(InputError) as caught:
        read_folder(_table(tmp_path, content, "c.jsonl"), images)
    assert words in caught.value.message


def test_a_cell_of_nan_is_empty(tmp_path: Path, images: Path) -> None:
    """As pandas writes one where nothing is known; a whole pair of surrogates is a character."""
    row = r'{"id": 1, "images": "a.png", "text": "A mass \ud83e\udec0.", "age": NaN, "history": NaN}'
    (case,) = read_folder(_table(tmp_path, row, "c.jsonl"), images).cases
    assert (case.text, case.age, case.history) == ("A mass \U0001fac0.", None, None)
    (case,) = read_folder(
        _table(tmp_path, row.replace('"A mass', 'NaN, "title": "'), "d.jsonl"), images
    ).cases
    assert case.text == ""


def test_a_near_column_name_is_offered(tmp_path: Path, images: Path) -> None:
    """'histories' is answered with 'history'."""
    with pytest.raises(InputError) as caught:
        read_folder(_table(tmp_path, "id,images,text,histories\n1,a.png,x,y\n"), images)
    assert caught.value.hint == "'history'?"


def test_missing_tables_folders_and_other_kinds(tmp_path: Path, images: Path) -> None:
    """A table that is not there, is of another kind or encoding; a folder that is not there."""
    (tmp_path / "latin.csv").write_bytes(b"id,images,text\n1,a.png,\x81")
    (tmp_path / "folder.csv").mkdir()
    for table, folder, words, kind in (
        (tmp_path / "none.csv", images, "is not there", UsageError),
        (tmp_path / "folder.csv", images, "cannot be read", InputError),
        (tmp_path / "x.xlsx", images, "is not there", UsageError),
        (tmp_path / "latin.csv", images, "line 2 is not UTF-8", InputError),
        (tmp_path / "latin.csv", tmp_path / "none", "is not a folder", UsageError),
    ):
        with pytest.raises(kind) as caught:
            read_folder(table, folder)
        assert words in caught.value.message
