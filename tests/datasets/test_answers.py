"""Answers made elsewhere: both forms of the file, and what is wrong with a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from medbench.datasets.answers import read_answers
from medbench.errors import InputError


def _file(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    return path


def _rows(folder: Path, *rows: Any) -> Path:
    return _file(folder, "answers.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


def test_csv_and_json_lines_say_the_same(tmp_path: Path) -> None:
    """Both forms, with the columns' other names, a byte order mark and Windows line ends, read alike."""
    rows = _rows(
        tmp_path,
        {
            "id": "a",
            "answer": "Größe, 3 cm\nsecond line",
            "latency_ms": 1500,
            "cost_usd": 0.5,
            "output_tokens": 7,
        },
        {"case_id": "b", "text": "", "error": "HTTP 500"},
        {"case": "c", "text": " "},
    )
    table = _file(
        tmp_path,
        "answers.csv",
        "\ufeffcase_id,text,latency_s,cost_usd,output_tokens,error\r\n"
        'a,"Größe, 3 cm\nsecond line",1.5,0.5,7,\r\n'
        "b,,,,,HTTP 500\r\nc, ,,,,\r\n",
    )
    one, two = read_answers(rows)[0], read_answers(table)[0]
    assert one == two
    assert [answer.text for answer in one] == ["Größe, 3 cm\nsecond line", None, None]
    assert [answer.failure.kind if answer.failure else None for answer in one] == [None, "error", "empty"]
    assert one[0].latency_s == 1.5
    assert one[1].latency_s is None
    assert one[0].usage.input is None, "a count that is not given is unknown, not zero"
    assert one[1].failure is not None
    assert one[1].failure.reason == "HTTP 500"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 2 is not JSON"),
        ("[" * 100_000, "line 2 is not JSON"),
        ("9" * 5000, "line 2 is not JSON"),
        ('["a"]', "line 2 is not a JSON object"),
        ("null", "line 2 is not a JSON object"),
        ("{}", "line 2: no case_id"),
        ('{"case_id": 7, "text": "x"}', "line 2: no case_id"),
        ('{"case_id": "", "text": "x"}', "line 2: no case_id"),
        ('{"case_id": "b", "text": ["x"]}', "line 2: text is not a text"),
        ('{"case_id": "b", "text": "x", "prompt": 5}', "line 2: prompt is not a text"),
        ('{"case_id": "b", "text": "x", "model": {}}', "line 2: model is not a text"),
        ('{"case_id": "b", "text": "x", "txet": "y"}', "line 2: unknown column 'txet'"),
        ('{"case_id": "b", "text": "x", "answer": "y"}', "line 2: column 'text' is given twice ('answer')"),
        ('{"case_id": "a", "text": "x"}', "line 2: case 'a' already has an answer in line 1"),
        ('{"case_id": "b", "text": "x", "latency_s": -1}', "latency_s is '-1'"),
        ('{"case_id": "b", "text": "x", "latency_s": NaN}', "latency_s is 'nan'"),
        ('{"case_id": "b", "text": "x", "latency_s": Infinity}', "latency_s is 'inf'"),
        ('{"case_id": "b", "text": "x", "latency_s": "fast"}', "latency_s is 'fast'"),
        ('{"case_id": "b", "text": "x", "latency_s": 1' + "0" * 400 + "}", "latency_s is '1000"),
        ('{"case_id": "b", "text": "x", "cost_usd": [1]}', "cost_usd is"),
        ('{"case_id": "b", "text": "x", "output_tokens": 1.5}', "output_tokens is '1.5'"),
        ('{"case_id": "b", "text": "x", "replicate": 1000000000000}', "replicate is '1000000000000'"),
        ('{"case_id": "b", "text": "x", "replicate": -1}', "replicate is '-1'"),
        ("\udcff\udcfe", "line 2 is not UTF-8"),
    ],
)
def test_every_broken_line_is_named(tmp_path: Path, line: str, why: str) -> None:
    """Whatever is wrong with a line: its number, the value in quotes, and what to try; nothing is guessed."""
    path = _file(tmp_path, "a.jsonl", f'{{"case_id": "a", "text": "x"}}\n{line}\n')
    with pytest.raises(InputError) as caught:
        read_answers(path)
    assert why in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("case_id,text\na,x,y\n", "line 2 does not have 2 cells"),
        ("case_id,text,error\na,x\n", "line 2 does not have 3 cells"),
        ('case_id,text\na,"x\n', "is broken"),
        ("case_id,findings_text\na,x\n", "unknown column 'findings_text'"),
        ("case_id,text\n", "has no answers"),
        ("", "has no answers"),
        ("case_id,text,replicate\na,x,one\n", "replicate is 'one'"),
    ],
)
def test_every_broken_table_is_named(tmp_path: Path, content: str, why: str) -> None:
    """A table with a short or long row, an open quote, an unknown column or no rows is refused."""
    with pytest.raises(InputError) as caught:
        read_answers(_file(tmp_path, "a.csv", content))
    assert why in caught.value.message
    assert caught.value.hint
