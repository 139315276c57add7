"""Which verdict stands: the first success, the fallback's apart, a newer one of a text read otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.schema.response import Failure
from medbench.schema.verdict import JudgedText, Verdict
from medbench.steps.reading.raters import raters_of
from medbench.steps.reading.verdict_book import (
    RaterKey,
    VerdictBook,
    VerdictKey,
    books_of,
    fallback_cases,
)
from medbench.store.jsonl import write_records
from medbench.store.runs import VERDICTS

KEY = VerdictKey("c", 0, 0)


def verdict(grade: str | None = "good", text: str | None = None, **changes: Any) -> Verdict:
    """A verdict on case c; without a grade a final failure."""
    known = {
        "case_id": "c",
        "rater": "j/r",
        "rater_digest": "d",
        "rater_kind": "judge",
        "grade": grade,
        "failure": None if grade else Failure(kind="prose", reason="r", final=True),
        "judged_text": JudgedText(sha256=text, parser="p") if text else None,
    }
    return Verdict.model_validate(known | changes)


def book(*verdicts: Verdict) -> VerdictBook:
    """A book of these, in this order."""
    made = VerdictBook()
    for one in verdicts:
        made.add(one)
    return made


def grade(of: VerdictBook, *, by_fallback: bool = False, sha256: str | None = None) -> str | None:
    """The grade that stands."""
    found = of.verdict(KEY, by_fallback=by_fallback, sha256=sha256)
    return found.grade if found else None


def test_the_first_success_stands() -> None:
    """Whatever comes after it, and whatever failed before."""
    found = book(verdict(None), verdict("poor"), verdict("good"), verdict(None))
    assert grade(found) == "poor"
    assert found.has(KEY)
    assert not found.has(VerdictKey("c", 0, 1)), "another repeat of the judging"
    assert not found.has(VerdictKey("c", 1, 0)), "another repeat of the case"


def test_the_fallback_stands_apart() -> None:
    """Its verdict is none of the judge's, and its failure none either."""
    found = book(verdict("poor", by_fallback=True), verdict(None, by_fallback=True))
    assert (grade(found), grade(found, by_fallback=True)) == (None, "poor")
    assert not found.has(KEY)
    assert found.may_come(KEY)


def test_what_failed_for_good_does_not_come() -> None:
    """A failure that may pass leaves it open, also after a final one of an older text."""
    assert not book(verdict(None)).may_come(KEY)
    passing = Failure(kind="timeout", reason="r", final=False)
    assert book(verdict(None), verdict(None, failure=passing)).may_come(KEY)
    assert VerdictBook().may_come(KEY)


def test_a_newer_verdict_counts_for_the_text_as_it_is_read_now() -> None:
    """The first stands where no text is asked about; of the newer ones the first counts."""
    found = book(verdict("poor", "old"), verdict("good", "new"), verdict("partial", "newest"))
    assert grade(found) == grade(found, sha256="old") == "poor"
    assert grade(found, sha256="new") == "good"
    assert found.has(KEY)
    assert found.has(KEY, "new")
    assert not found.has(KEY, "something else"), "a verdict of another text is not a verdict of this one"


def test_a_verdict_of_an_unknown_text_is_none_of_a_known_one() -> None:
    """An imported verdict does not say what was read: it stands, and counts as of another text."""
    found = book(verdict("good"))
    assert grade(found, sha256="new") == "good"
    assert found.has(KEY)
    assert not found.has(KEY, "new")


GRADES = st.sampled_from(["good", "poor", None])


@given(st.lists(st.tuples(GRADES, st.booleans(), st.integers(0, 2)), max_size=12))
def test_cases_of_the_fallback_are_those_the_judge_never_graded(lines: list[tuple[Any, bool, int]]) -> None:
    """A case is the fallback's where it graded a repeat that the judge did not; in whatever order."""
    found = book(*(verdict(g, by_fallback=fallback, replicate=n) for g, fallback, n in lines))
    graded = {(fallback, n) for g, fallback, n in lines if g}
    expected = any(fallback and (False, n) not in graded for fallback, n in graded)
    assert fallback_cases([found]) == (frozenset({"c"}) if expected else frozenset())
    backwards = book(*(verdict(g, by_fallback=fallback, replicate=n) for g, fallback, n in lines[::-1]))
    assert fallback_cases([backwards]) == fallback_cases([found])


class _Run:
    """The only thing that reading verdicts needs of a run."""

    def __init__(self, path: Path) -> None:
        self.path = path


@pytest.fixture
def runs(tmp_path: Path) -> list[Any]:
    """Two runs: the judge graded case c of the first, its fallback that of the second."""
    made = []
    for name, lines in {
        "one": [verdict("good"), verdict("poor", rater="other/r")],
        "two": [verdict(None), verdict("good", by_fallback=True), verdict("good", case_id="e")],
    }.items():
        (tmp_path / name).mkdir()
        write_records(tmp_path / name / VERDICTS, lines)
        made.append(_Run(tmp_path / name))
    return made


def test_books_are_told_apart_by_name_and_digest(runs: list[Any], tmp_path: Path) -> None:
    """In the order in which the raters first graded; a rater of old files may have no digest."""
    assert list(books_of(runs[0])) == [RaterKey("j/r", "d"), RaterKey("other/r", "d")]
    write_records(tmp_path / "one" / VERDICTS, [verdict(rater_digest=None), verdict(rater_digest="e")])
    assert list(books_of(runs[0])) == [RaterKey("j/r", None), RaterKey("j/r", "e")]


def test_one_judge_grades_a_case_for_all_systems(runs: list[Any]) -> None:
    """What the fallback graded for one run is the fallback's in all; other cases and raters stay."""
    by_fallback = raters_of(runs).by_fallback
    assert by_fallback == {RaterKey("j/r", "d"): frozenset({"c"}), RaterKey("other/r", "d"): frozenset()}
