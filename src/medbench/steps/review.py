"""The step `review`: a random sample as a blind sheet, and its rows as verdicts of the people who graded."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING

from medbench.errors import InputError, UsageError
from medbench.schema.results.review import COLUMNS, Reviewed, SheetRow
from medbench.schema.verdict import GRADES, Verdict
from medbench.sentences import nearest
from medbench.steps.reading.outputs import judged_text, sha256
from medbench.store.jsonl import Journal, read_records
from medbench.store.lock import RunLock
from medbench.store.outputs import OutputIndex
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from medbench.schema.verdict import Grade, JudgedText
    from medbench.store.runs import RunFolder

_FORMULA = ("=", "+", "-", "@", "\t", "'")
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": None}


def sheet(runs: Sequence[RunFolder], sample: int, seed: int) -> list[SheetRow]:
    """Outputs for people to grade: cases at random, every system's output of each, all in a random order.

    Every output of a system has the same chance to be in it, which is what correcting a judge's rate rests
    on, and the systems are graded on the same cases.

    Args:
        runs: Runs of one benchmark.
        sample: Texts in the sheet; fewer where there are not so many.
        seed: Of the sample and of the order.
    """
    benchmark = runs[0].benchmark()
    benchmark.check()
    indexes = [OutputIndex(run.path) for run in runs]
    cases = {case_id for index in indexes for case_id in index.cases()}
    chosen = set(nsmallest(sample, cases, key=lambda case_id: _rank(seed, "case", case_id)))
    found: dict[str, list[SheetRow]] = {}
    references = benchmark.references()
    for case in benchmark.cases():
        reference = next(reference for reference in references if reference.case_id == case.case_id)
        if case.case_id not in chosen:
            continue
        found[case.case_id] = [
            SheetRow(
                id=row_id(run, case.case_id, replicate, judged, reference.text),
                history=case.history or "",
                reference=reference.text,
                text=text,
                images=tuple(benchmark.path / image.file for image in case.images),
            )
            for run, index in zip(runs, indexes, strict=True)
            for replicate in index.replicates(case.case_id)
            for text, judged in [judged_text(index.output(case.case_id, replicate).text or "")]
        ]
    ordered = sorted(found, key=lambda case_id: _rank(seed, "case", case_id))
    rows = [row for case_id in ordered for row in found[case_id]][:sample]
    return sorted(rows, key=lambda row: _rank(seed, "row", row.id))


def row_id(run: RunFolder, case_id: str, replicate: int, judged: JudgedText, reference: str) -> str:
    """Name of a row: the same for the same text of the same output, and no clue to the system."""
    parts = (run.head.run_id, case_id, str(replicate), judged.sha256, sha256(reference))
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:16]


def write_csv(path: Path, rows: Sequence[SheetRow]) -> None:
    """Write a sheet as CSV that a spreadsheet opens without taking a text for a formula."""
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        for row in rows:
            shown = (row.id, row.history, row.reference, row.text, "", "", "", "")
            writer.writerow([_no_formula(cell) for cell in shown])


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _plain(cell: str) -> str:
    """A cell as it was before a spreadsheet had it: line ends and the guard against formulas aside."""
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


@dataclass(frozen=True, slots=True)
class _Asked:
    run: RunFolder
    case_id: str
    replicate: int
    judged: JudgedText
    text: str
    reference: str


def import_sheet(path: Path, runs: Sequence[RunFolder], reviewer: str | None = None) -> Reviewed:
    """Make the rows of a graded sheet verdicts of their reviewer; all of them or none.

    Args:
        path: The CSV, from a spreadsheet or from the page.
        runs: Where the texts may come from.
        reviewer: Name for rows that do not say who graded.

    Raises:
        InputError: The file is no such sheet, or a row of it cannot be what was asked; with the line number.
        UsageError: There is no such file, or nobody says who graded.
    """
    asked = {one_id: one for run in runs for one_id, one in _asked(run)}
    known = {
        (verdict.rater, run.path, verdict.case_id, verdict.replicate)
        for run in runs
        for verdict in read_records(run.path / VERDICTS, Verdict)
        if verdict.rater_kind == "reviewer"
    }
    seen: dict[str, int] = {}
    verdicts: dict[Path, list[Verdict]] = defaultdict(list)
    there = empty = 0
    raters: dict[str, None] = {}
    for line, row in _rows(path):
        one = _checked(path, line, row, asked, seen)
        grade = row["grade"].strip().lower()
        if not grade:
            empty += 1
            continue
        rater = f"reviewer:{_name(path, line, row['reviewer'].strip() or reviewer)}"
        raters[rater] = None
        if (rater, one.run.path, one.case_id, one.replicate) in known:
            there += 1
            continue
        verdicts[one.run.path].append(
            Verdict(
                case_id=one.case_id,
                replicate=one.replicate,
                rater=rater,
                rater_kind="reviewer",
                grade=_grade(path, line, grade),
                key_finding=_yes_or_no(path, line, row["key_finding"]),
                rationale=_plain(row["comment"]).strip() or None,
                judged_text=one.judged,
            )
        )
    for folder, made in verdicts.items():
        with RunLock(folder), Journal(folder / VERDICTS) as journal:
            journal.append(*made)
    return Reviewed(
        taken=sum(map(len, verdicts.values())),
        there=there,
        empty=empty,
        raters=tuple(raters),
        runs=tuple(folder.name for folder in verdicts),
    )


def _asked(run: RunFolder) -> Iterator[tuple[str, _Asked]]:
    index = OutputIndex(run.path)
    for reference in run.benchmark().references():
        for replicate in index.replicates(reference.case_id):
            text, judged = judged_text(index.output(reference.case_id, replicate).text or "")
            yield (
                row_id(run, reference.case_id, replicate, judged, reference.text),
                _Asked(run, reference.case_id, replicate, judged, text, reference.text),
            )


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a sheet, each with the number of its first line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            missing = [name for name in COLUMNS if name not in header]
            if missing:
                hint = f"{path.name} needs the columns {', '.join(COLUMNS)}, separated by commas"
                raise InputError(f"'{path}', line 1: column '{missing[0]}' is missing.", hint)
            start = reader.line_num + 1
            for cells in reader:
                if cells:
                    if len(cells) != len(header):
                        raise InputError(
                            f"'{path}', line {start}: {len(cells)} cells in place of {len(header)}.",
                            "mend the line; a comma inside a cell needs quotes around the cell",
                        )
                    yield start, dict(zip(header, cells, strict=True))
                start = reader.line_num + 1
    except FileNotFoundError:
        raise UsageError(f"'{path}' is not there.", "check the path") from None
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror}.", "check the path") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"'{path}' cannot be read: {error}.", "save it as UTF-8 CSV") from None


def _checked(
    path: Path, line: int, row: dict[str, str], asked: dict[str, _Asked], seen: dict[str, int]
) -> _Asked:
    name = row["id"].strip()
    where = f"'{path}', line {line}"
    if name not in asked:
        close = nearest(name, asked)
        raise InputError(
            f"{where}: no output has the id '{name}'.",
            f"'{close}'?" if close else "name the runs that the sheet was made of: --run RUN",
        )
    if name in seen:
        raise InputError(f"{where}: '{name}' stands in line {seen[name]} already.", "keep one of the rows")
    seen[name] = line
    one = asked[name]
    for column, expected in (("text", one.text), ("reference", one.reference)):
        if _plain(row[column]).strip() != _plain(expected).strip():
            raise InputError(
                f"{where}: the {column} of '{name}' is not the one that was given out.",
                "grade the sheet as it is; make a new one with medbench review sheet",
            )
    return one


def _grade(path: Path, line: int, grade: str) -> Grade:
    for known in GRADES:
        if grade == known:
            return known
    raise InputError(f"'{path}', line {line}: '{grade}' is no grade.", "good, partial, poor, or nothing")


def _yes_or_no(path: Path, line: int, said: str) -> bool | None:
    word = said.strip().lower()
    if word not in _YES:
        raise InputError(f"'{path}', line {line}: key_finding is '{said}'.", "yes, no, or nothing")
    return _YES[word]


def _name(path: Path, line: int, name: str | None) -> str:
    if not name:
        raise UsageError(
            f"'{path}', line {line}: nobody is named as reviewer.", "--reviewer NAME, or fill in that column"
        )
    plain = " ".join(name.split())
    if not plain.isprintable() or len(plain) > 60:
        raise InputError(f"'{path}', line {line}: '{plain[:60]}' cannot be a name.", "at most 60 letters")
    return plain


def _rank(seed: int, what: str, name: str) -> str:
    return hashlib.sha256(f"{seed}/{what}/{name}".encode()).hexdigest()
