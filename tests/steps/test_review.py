"""Blind sheets: who wrote a text is hidden, and what comes back is taken whole or refused with its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from judged_world import judged, mixed, run_of
from pages import Parsed

from medbench.errors import ImageError, InputError, UsageError
from medbench.report.inlined import digest_of
from medbench.report.review.sheet_page import sheet_page
from medbench.schema.results.review import COLUMNS
from medbench.schema.verdict import GRADES, Verdict
from medbench.steps.reading.grades import graded_outputs
from medbench.steps.reading.judge_cards import cards_of
from medbench.steps.reading.verdict_book import books_of
from medbench.steps.review import _given_out, import_sheet, sheet, write_csv
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS, RunFolder

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


def test_a_damaged_image_is_not_shown_to_reviewers(runs: list[RunFolder]) -> None:
    """People grade what the models were sent, or are not asked."""
    for image in runs[0].benchmark().path.glob("images/*"):
        image.write_bytes(image.read_bytes()[:-9])
    with pytest.raises(ImageError, match="the benchmark says"):
        sheet(runs, 10, 1)


def test_the_page_needs_no_network_and_texts_are_no_markup(runs: list[RunFolder]) -> None:
    """Pictures are inside, each once; nothing is loaded; a text that closes the script is a text."""
    page = sheet_page(sheet(runs, 10, 1))
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", page)
    parsed = Parsed(page)
    (script,) = parsed.acting["script"]
    assert parsed.policy.startswith("default-src 'none'; img-src data: blob:; ")
    assert f"script-src 'sha256-{digest_of(script)}'; " in parsed.policy
    rows = parsed.island("sheet")
    assert any(row["text"].endswith("</script><b>&") for row in rows)
    images = {number for row in rows for number, _ in row["images"]}
    assert page.count('data-kind="image/png"') == len(images) > 0
    assert page.count("</script>") == 3 + len(images)


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


def _both_ways(rows: list[list[str]]) -> None:
    rows.append([*rows[1][:4], " Poor ", *rows[1][5:]])


def _renamed(rows: list[list[str]]) -> None:
    rows[0][3:6] = ["texts", "remark", "keyfinding"]


def _teils(rows: list[list[str]]) -> None:
    rows[2][4], rows[5][4] = "excellent", "teilweise"


def _short(rows: list[list[str]]) -> None:
    rows[4].pop()


@pytest.mark.parametrize(
    ("change", "line", "why"),
    [
        (_set(2, "id", "0123456789abcdef"), 3, "no output has the id"),
        (_set(2, "id", " "), 3, "this row has no id"),
        (_both_ways, 12, "and line 2 grade the same text in different ways"),
        (_teils, 3, "'excellent' is not a valid grade, nor is 'teilweise' (line 6)"),
        (_set(3, "text", "There is nothing."), 4, "the text of"),
        (_set(3, "reference", "There is nothing."), 4, "the reference of"),
        (_set(5, "grade", "excellent"), 6, "'excellent' is not a valid grade"),
        (_set(5, "key_finding", "perhaps"), 6, "'perhaps' is not a valid key_finding"),
        (_short, 5, "does not have 8 cells"),
    ],
)
def test_a_sheet_that_is_not_what_was_given_out_is_refused(
    runs: list[RunFolder],
    graded: Callable[..., Path],
    change: Callable[[list[list[str]]], None],
    line: int,
    why: str,
) -> None:
    """An unknown id, two grades of one text, a changed text: the line is named, nothing is taken."""
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
    with pytest.raises(InputError, match="has no rows"):
        import_sheet(tmp_path / "binary.csv", runs)
    (tmp_path / "sheet.ods").touch()
    with pytest.raises(InputError, match=r"none of \.csv"):
        import_sheet(tmp_path / "sheet.ods", runs)


def test_missing_and_unknown_columns_are_named_at_once(
    runs: list[RunFolder], graded: Callable[..., Path]
) -> None:
    """With the new name of each that is nearly the right one."""
    with pytest.raises(InputError) as caught:
        import_sheet(graded(_renamed), runs)
    assert "columns 'text', 'grade', 'key_finding' are missing" in caught.value.message
    assert "unknown: 'texts', 'remark', 'keyfinding'" in caught.value.message
    assert caught.value.hint == (
        "rename 'texts' to 'text', rename 'COLUMN' to 'grade', rename 'keyfinding' to 'key_finding'"
    )


def _semicolons(rows: list[list[str]], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows([*rows, [""] * len(rows[0]), [""] * 3])


def _tabs(rows: list[list[str]], path: Path) -> None:
    with path.open("w", encoding="utf-16", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(rows)


def _latin(rows: list[list[str]], path: Path) -> None:
    rows[1][6] = "gr\u00f6\u00dfer"
    with path.open("w", encoding="cp1252", errors="replace", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def _names(rows: list[list[str]], path: Path) -> None:
    rows[0] = [" ID ", "History", "Reference", "Text", "GRADE", "Key finding", "Comment", "Reviewer", "date"]
    for number, row in enumerate(rows[1:]):
        row[4:6] = [("Good ", "GOOD", "\u00a0good")[number % 3], " Yes"]
        row.append("1,5")
    _semicolons(rows, path)


def _blanks(rows: list[list[str]], path: Path) -> None:
    for row in rows[1:]:
        row[2:4] = [f"  {cell} ".replace(" ", "  ").replace('"', "\u201c") for cell in row[2:4]]
    _semicolons(rows, path)


def _numbers(rows: list[list[str]], path: Path) -> None:
    for row in rows[1:]:
        row[0] = "9,12E+15"
    _semicolons(rows, path)


def _double(rows: list[list[str]], path: Path) -> None:
    _semicolons([*rows, rows[1], [*rows[2][:4], "Good", *rows[2][5:]]], path)


def _excel(rows: list[list[str]], path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["How to grade"])
    sheet_ = book.create_sheet("Grades")
    for number, row in enumerate(rows):
        sheet_.append([*row[:5], True, *row[6:]] if number else row)
    sheet_.append([None] * 8)
    book.save(path)


@pytest.mark.parametrize(
    ("name", "write", "said"),
    [
        ("a.csv", _semicolons, "by semicolons"),
        ("a.tsv", _tabs, "UTF-16"),
        ("a.csv", _latin, "Windows-1252"),
        ("a.csv", _names, "other columns too, which were not read: 'date'"),
        ("a.csv", _blanks, ""),
        ("a.csv", _numbers, "was changed to a number"),
        ("a.csv", _double, "line 12 and line 2, line 13 and line 3 are the same: taken once"),
        ("a.xlsx", _excel, "'Grades' was read"),
    ],
)
def test_sheets_come_back_as_people_save_them(
    runs: list[RunFolder],
    graded: Callable[..., Path],
    tmp_path: Path,
    name: str,
    write: Callable[[list[list[str]], Path], None],
    said: str,
) -> None:
    """Separators, encodings, Excel, names in any case, blanks, spoiled ids: all are read, and said."""
    rows = list(csv.reader(graded().read_text("utf-8").splitlines(keepends=True)))
    write(rows, tmp_path / name)
    done = import_sheet(tmp_path / name, runs)
    assert (done.taken, done.already, done.raters) == (10, 0, ("reviewer:Ada",))
    assert said in " ".join(done.notes)


def test_a_second_opinion_is_said(runs: list[RunFolder], graded: Callable[..., Path]) -> None:
    """Rows that say otherwise than their reviewer said before are named; the first grade stands."""
    import_sheet(graded(), runs)
    done = import_sheet(graded(_set(4, "grade", "poor")), runs)
    assert (done.taken, done.already) == (0, 10)
    assert done.notes == (
        "line 5: graded otherwise than before; the grade before stands (--correct for this one).",
    )


def test_a_correction_is_a_line_of_its_own_and_the_last_one_counts(
    runs: list[RunFolder], graded: Callable[..., Path]
) -> None:
    """What was graded before stays in the file, sealed as it was; every reader takes the correction."""

    def change(grade: str) -> Callable[[list[list[str]]], None]:
        def one(rows: list[list[str]]) -> None:
            rows[1][4:6] = [grade, "no"]

        return one

    def grades() -> list[str]:
        found = [one for run in runs for one in graded_outputs(run) if "Ada" in one.rater]
        return sorted(GRADES[place] for one in found for place in one.grade)

    import_sheet(graded(), runs)
    before = {run.path: (run.path / VERDICTS).read_bytes() for run in runs if (run.path / VERDICTS).exists()}
    assert grades() == ["good"] * 10
    assert import_sheet(graded(change("poor")), runs).taken == 0
    assert grades() == ["good"] * 10
    for grade in ("poor", "partial"):
        done = import_sheet(graded(change(grade)), runs, correct=True)
        assert (done.taken, done.notes) == (1, ("line 2: graded otherwise than before; corrected.",))
        assert grades() == ["good"] * 9 + [grade]
    assert import_sheet(graded(change("partial")), runs, correct=True).taken == 0
    for path, content in before.items():
        assert (path / VERDICTS).read_bytes().startswith(content)
    books = [book for run in runs for rater, book in books_of(run).items() if "Ada" in rater.name]
    assert sorted(stored.grade for book in books for stored in book.own.values()) == ["good"] * 9 + [
        "partial"
    ]
