"""Blind sheets: who wrote a text is hidden, and what comes back is taken whole or refused with its line."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING

import pytest
from judged_world import judged, mixed, run_of

from medbench.errors import InputError, UsageError
from medbench.report.review_page import sheet_page
from medbench.schema.results.review import COLUMNS
from medbench.schema.verdict import Verdict
from medbench.steps.reading.judge_cards import cards_of
from medbench.steps.review import _given_out, import_sheet, sheet, write_csv
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.runs import RunFolder

pytestmark = pytest.mark.usefixtures("planted_judge")


@pytest.fixture
def runs(world: BenchmarkFolder, tmp_path: Path) -> list[RunFolder]:
    """Two runs; the second begins its texts as a formula does."""
    return [
        run_of(world, tmp_path / "runs", "gemini-flash", mixed),
        run_of(world, tmp_path / "runs", "medgemma-4b", lambda number: f"=1+1 {mixed(number)} </script><b>&"),
    ]


@pytest.fixture
def graded(runs: list[RunFolder], tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a sheet of ten texts, graded good, after changes to its rows."""

    def write(change: Callable[[list[list[str]]], None] = lambda rows: None, grade: str = "good") -> Path:
        path = tmp_path / "graded.csv"
        path.unlink(missing_ok=True)
        write_csv(path, sheet(runs, 10, 1))
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines(keepends=True)))
        for row in rows[1:]:
            row[4:8] = [grade, "yes", "because", "Ada"]
        change(rows)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return path

    return write


def test_a_sheet_is_blind_random_and_paired(runs: list[RunFolder]) -> None:
    """No row names a system; each drawn case is there for every system; the seed decides."""
    rows = sheet(runs, 10, 1)
    assert len(rows) == len({row.id for row in rows}) == 10
    assert len({row.reference for row in rows}) == 5
    page = sheet_page(rows)
    for name in ("gemini", "medgemma", "planted"):
        assert name not in page.lower().replace("medbench", "")
    assert sheet(runs, 10, 1) == rows
    assert sheet(runs, 10, 2) != rows
    assert len(sheet(runs, 1000, 1)) == 48


def test_the_page_needs_no_network_and_texts_are_no_markup(runs: list[RunFolder]) -> None:
    """Pictures are inside, each once; nothing is loaded; a text that closes the script is a text."""
    page = sheet_page(sheet(runs, 10, 1))
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", page)
    assert "default-src 'none'" in page
    assert page.count("</script>") == 1
    rows = json.loads(re.search(r"const ROWS = (\[.*?\]), IMAGES = \[", page)[1])  # type: ignore[index] # it is there
    assert any(row["text"].endswith("</script><b>&") for row in rows)
    assert page.count("data:image/png;base64,") == len({image for row in rows for image in row["images"]})


def test_a_graded_sheet_becomes_verdicts_of_its_reviewer(
    runs: list[RunFolder], graded: Callable[..., Path]
) -> None:
    """Texts that a spreadsheet would take for formulas come back as they went out; the first grade stands."""
    path = graded()
    assert "'=1+1" in path.read_text("utf-8")
    done = import_sheet(path, runs)
    assert (done.taken, done.already, done.empty, done.raters) == (10, 0, 0, ("reviewer:Ada",))
    said = [one for run in runs for one in read_records(run.path / VERDICTS, Verdict)]
    assert len(said) == 10
    assert {(one.rater_kind, one.grade, one.key_finding, one.rationale) for one in said} == {
        ("reviewer", "good", True, "because")
    }
    again = import_sheet(graded(grade="poor"), runs)
    assert (again.taken, again.already) == (0, 10)
    assert import_sheet(graded(grade=""), runs).empty == 10


def test_the_card_says_what_people_think_of_the_judge(
    world: BenchmarkFolder, runs: list[RunFolder], graded: Callable[..., Path]
) -> None:
    """Agreement with people, and how much of good and not good the judge finds, stand on its card."""
    judged(*runs)
    assert cards_of(runs)[0].against_people is None
    import_sheet(graded(), runs)
    (card,) = cards_of(runs)
    assert card.against_people is not None
    assert card.against_people.n == 10
    assert card.sensitivity is not None
    assert (card.sensitivity.n, card.sensitivity.right) == (10, card.against_people.right)
    assert card.specificity is not None
    assert card.specificity.n == 0
    assert card.diagnoses == ()


def test_the_judges_errors_on_the_sample_correct_its_rate(
    world: BenchmarkFolder, runs: list[RunFolder], tmp_path: Path
) -> None:
    """Where people grade as the judge does, the diagnosis of its rate is that very rate."""
    judged(*runs)
    grades = {
        (run.path, one.case_id): one.grade or ""
        for run in runs
        for one in read_records(run.path / VERDICTS, Verdict)
    }
    path = tmp_path / "all.csv"
    write_csv(path, sheet(runs, 48, 1))
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines(keepends=True)))
    outputs = {name: output for run in runs for name, output in _given_out(run)}
    for row in rows[1:]:
        given_out = outputs[row[0]]
        row[4:8] = [grades[given_out.run.path, given_out.case_id], "", "", "Ada"]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    import_sheet(path, runs)
    (card,) = cards_of(runs)
    assert [one.system for one in card.diagnoses] == ["gemini-flash", "medgemma-4b"]
    for one in card.diagnoses:
        assert one.value == pytest.approx(one.judged_good.right / one.judged_good.n)
    assert card.against_people is not None
    assert card.against_people.right == card.against_people.n == 48


def _set(row: int, column: str, value: str) -> Callable[[list[list[str]]], None]:
    def change(rows: list[list[str]]) -> None:
        rows[row][COLUMNS.index(column)] = value

    return change


def _twice(rows: list[list[str]]) -> None:
    rows.append(rows[1])


def _without_column(rows: list[list[str]]) -> None:
    for row in rows:
        del row[3]


def _short(rows: list[list[str]]) -> None:
    rows[4].pop()


@pytest.mark.parametrize(
    ("change", "line", "why"),
    [
        (_set(2, "id", "0123456789abcdef"), 3, "no output has the id"),
        (_twice, 12, "stands in line 2 already"),
        (_without_column, 1, "column 'text' is missing"),
        (_set(3, "text", "There is nothing."), 4, "the text of"),
        (_set(3, "reference", "There is nothing."), 4, "the reference of"),
        (_set(5, "grade", "excellent"), 6, "'excellent' is no grade"),
        (_set(5, "key_finding", "perhaps"), 6, "key_finding is 'perhaps'"),
        (_short, 5, "7 cells in place of 8"),
    ],
)
def test_a_sheet_that_is_not_what_was_given_out_is_refused(
    runs: list[RunFolder],
    graded: Callable[..., Path],
    change: Callable[[list[list[str]]], None],
    line: int,
    why: str,
) -> None:
    """An unknown id, a double row, a missing column, a changed text: the line is named, nothing taken."""
    with pytest.raises(InputError, match=re.escape(why)) as caught:
        import_sheet(graded(change), runs)
    assert f"line {line}" in caught.value.message
    assert not any((run.path / VERDICTS).exists() for run in runs)


def test_somebody_must_have_graded(
    runs: list[RunFolder], graded: Callable[..., Path], tmp_path: Path
) -> None:
    """Without a name in the sheet, --reviewer gives one; without either it is refused."""
    path = graded(_set(1, "reviewer", ""))
    with pytest.raises(UsageError, match="nobody is named"):
        import_sheet(path, runs)
    assert import_sheet(path, runs, "Grace").raters == ("reviewer:Grace", "reviewer:Ada")
    with pytest.raises(UsageError, match="is not there"):
        import_sheet(tmp_path / "missing.csv", runs)
    with pytest.raises(InputError, match="cannot be read"):
        import_sheet(tmp_path, runs)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="utf-8"):
        import_sheet(tmp_path / "binary.csv", runs)
