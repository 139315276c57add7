"""Files of rated texts: columns, raters, preferences, and rows that say which line is broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from medbench.datasets.ratings import Preference, Rated, read_ratings
from medbench.errors import InputError


def test_csv_with_several_raters(tmp_path: Path) -> None:
    """Each column of a rater is a number; without a group the reference stands for it."""
    file = tmp_path / "r.csv"
    file.write_text("id,reference,candidate,rating_1,rating_2,group\n1,A,b,1,2.5,\n2,A,c,3,,p1\n", "utf-8")
    assert read_ratings(file) == ([Rated("A", "b", "A", (1.0, 2.5)), Rated("A", "c", "p1", (3.0,))], [])


def test_errors_are_the_lower_the_better(tmp_path: Path) -> None:
    """Counts of errors turn their sign, so that higher is better everywhere."""
    file = tmp_path / "r.jsonl"
    file.write_text(json.dumps({"reference": "A", "candidate": "b", "errors": [2, 0]}), "utf-8")
    assert read_ratings(file)[0][0].ratings == (-2.0, 0.0)


def test_preferences_need_no_rating(tmp_path: Path) -> None:
    """A row may name the better and the worse of two texts instead."""
    file = tmp_path / "r.csv"
    file.write_text("Reference,Better,Worse\nA,b,c\n", "utf-8")
    assert read_ratings(file) == ([], [Preference("A", "b", "c", "A")])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"candidate": "b", "rating": 1}, "no reference"),
        ({"reference": "A", "rating": 1}, "neither a rated candidate nor a preference"),
        ({"reference": "A", "candidate": "b"}, "neither a rated candidate nor a preference"),
        ({"reference": "A", "better": "b", "candidate": "c", "rating": 1}, "neither a rated candidate"),
        ({"reference": "A", "candidate": "b", "rating": "high"}, "rating is 'high'"),
        ({"reference": "A", "candidate": "b", "rating": float("inf")}, "rating is 'inf'"),
        ({"reference": "A", "candidate": ["b"], "rating": 1}, "candidate is not a text"),
        ({"reference": "A", "candidate": "b", "score": 1}, "unknown column 'score'"),
    ],
)
def test_broken_rows_name_their_line(tmp_path: Path, row: dict[str, object], words: str) -> None:
    """The message says which line it is, what is wrong, and what a row looks like."""
    file = tmp_path / "r.jsonl"
    good = {"reference": "A", "candidate": "b", "rating": 1}
    file.write_text(f"{json.dumps(good)}\n{json.dumps(row)}\n", "utf-8")
    with pytest.raises(InputError, match=words) as error:
        read_ratings(file)
    assert "line 2" in str(error.value)


def test_an_empty_file_has_nothing_to_compare(tmp_path: Path) -> None:
    """A file without rows is an error, not a table of unknown numbers."""
    file = tmp_path / "r.csv"
    file.write_text("reference,candidate,rating\n", "utf-8")
    with pytest.raises(InputError, match="has no rows"):
        read_ratings(file)
