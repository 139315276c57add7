"""The step `review`: a random sample as a blind sheet, and its rows as verdicts of the people who graded."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING

from medbench.errors import InputError, UsageError
from medbench.judging.canaries import random_rank
from medbench.schema.results.review import COLUMNS, Reviewed, SheetRow
from medbench.schema.verdict import GRADES, Verdict
from medbench.sentences import nearest
from medbench.steps.reading.outputs import judged_text, sha256
from medbench.steps.reading.selection import selected_with_references
from medbench.store.jsonl import Journal, read_records
from medbench.store.lock import RunLock
from medbench.store.outputs import OutputIndex
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from medbench.schema.verdict import Grade, JudgedText
    from medbench.store.runs import RunFolder

_FORMULA = ("=", "+", "-", "@", "\t", "'")
"""Characters at the start of a cell by which a spreadsheet takes it for a formula."""
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": None}


def sheet(runs: Sequence[RunFolder], sample: int, seed: int) -> list[SheetRow]:
    """Return outputs for people to grade: cases at random, every system's output of each, in a random order.

    Every output of a system has the same chance to be in it, which is what correcting a judge's rate rests
    on, and the systems are graded on the same cases.

    Args:
        runs: Runs of one benchmark.
        sample: Texts in the sheet; fewer where there are not so many.
        seed: Seed of the sample and of the order.
    """
    benchmark = runs[0].benchmark()
    benchmark.check()
    outputs = [OutputIndex(run.path) for run in runs]
    cases = {case_id for index in outputs for case_id in index.cases()}
    chosen = nsmallest(sample, cases, key=lambda case_id: random_rank(seed, "case", case_id))
    by_case = {
        case.case_id: [
            SheetRow(
                id=row_id(run, case.case_id, replicate, judged, reference.text),
                history=case.history or "",
                reference=reference.text,
                text=text,
                images=tuple(map(benchmark.image_path, case.images)),
            )
            for run, index in zip(runs, outputs, strict=True)
            for replicate in index.replicates(case.case_id)
            for text, judged in [judged_text(index.output(case.case_id, replicate).text or "")]
        ]
        for case, reference in selected_with_references(benchmark)
        if case.case_id in chosen
    }
    rows = [row for case_id in chosen if case_id in by_case for row in by_case[case_id]][:sample]
    return sorted(rows, key=lambda row: random_rank(seed, "row", row.id))


def row_id(run: RunFolder, case_id: str, replicate: int, judged: JudgedText, reference: str) -> str:
    """Return the name of a row: the same for the same text of the same output, and no clue to the system."""
    parts = (run.head.run_id, case_id, str(replicate), judged.sha256, sha256(reference))
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:16]


def write_csv(path: Path, rows: Sequence[SheetRow]) -> None:
    """Write a sheet as CSV that a spreadsheet opens without taking a text for a formula."""
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        for row in rows:
            shown = (row.id, row.history, row.reference, row.text, "", "", "", "")
            writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in shown])


def _plain(cell: str) -> str:
    """Return a cell as it was given out: line ends and the guard against formulas aside."""
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


@dataclass(frozen=True, slots=True)
class _GivenOut:
    """An output that a row may be about."""

    run: RunFolder
    case_id: str
    replicate: int
    judged: JudgedText
    text: str
    reference: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of a file, and where it stands."""

    place: str
    """File and line number, for errors."""
    number: int
    cells: dict[str, str]


def import_sheet(path: Path, runs: Sequence[RunFolder], reviewer: str | None = None) -> Reviewed:
    """Make the rows of a graded sheet verdicts of their reviewer; all of them or none.

    Args:
        path: The CSV, from a spreadsheet or from the page.
        runs: Runs that the texts may come from.
        reviewer: Name for rows that do not say who graded.

    Raises:
        InputError: The file is no such sheet, or a row of it cannot be what was asked; with the line number.
        UsageError: There is no such file, or a row has no reviewer.
    """
    given_out = {row_id: output for run in runs for row_id, output in _given_out(run)}
    known = {
        (verdict.rater, run.path, verdict.case_id, verdict.replicate)
        for run in runs
        for verdict in read_records(run.path / VERDICTS, Verdict)
        if verdict.rater_kind == "reviewer"
    }
    lines: dict[str, int] = {}
    verdicts: dict[Path, list[Verdict]] = defaultdict(list)
    already = empty = 0
    raters: dict[str, None] = {}
    for line in _lines(path):
        output = _checked(line, given_out, lines)
        if not line.cells["grade"].strip():
            empty += 1
            continue
        rater = f"reviewer:{_name(line, line.cells['reviewer'].strip() or reviewer)}"
        raters[rater] = None
        if (rater, output.run.path, output.case_id, output.replicate) in known:
            already += 1
        else:
            verdicts[output.run.path].append(_verdict(line, output, rater))
    for folder, new in verdicts.items():
        with RunLock(folder), Journal(folder / VERDICTS) as journal:
            journal.append(*new)
    return Reviewed(
        taken=sum(map(len, verdicts.values())),
        already=already,
        empty=empty,
        raters=tuple(raters),
        runs=tuple(folder.name for folder in verdicts),
    )


def _given_out(run: RunFolder) -> Iterator[tuple[str, _GivenOut]]:
    """Yield each output of a run with the id of its row."""
    outputs = OutputIndex(run.path)
    for reference in run.benchmark().references():
        for replicate in outputs.replicates(reference.case_id):
            text, judged = judged_text(outputs.output(reference.case_id, replicate).text or "")
            yield (
                row_id(run, reference.case_id, replicate, judged, reference.text),
                _GivenOut(run, reference.case_id, replicate, judged, text, reference.text),
            )


def _lines(path: Path) -> Iterator[_Line]:
    """Yield the rows of a sheet, each with the number of its first line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            missing = [name for name in COLUMNS if name not in header]
            if missing:
                hint = f"{path.name} needs the columns {', '.join(COLUMNS)}, separated by commas"
                raise InputError(f"'{path}', line 1: column '{missing[0]}' is missing.", hint)
            number = reader.line_num + 1
            for cells in reader:
                place = f"'{path}', line {number}"
                if cells and len(cells) != len(header):
                    raise InputError(
                        f"{place}: {len(cells)} cells in place of {len(header)}.",
                        "mend the line; a comma inside a cell needs quotes around the cell",
                    )
                if cells:
                    yield _Line(place, number, dict(zip(header, cells, strict=True)))
                number = reader.line_num + 1
    except FileNotFoundError:
        raise UsageError(f"'{path}' is not there.", "check the path") from None
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror}.", "check the path") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"'{path}' cannot be read: {error}.", "save it as UTF-8 CSV") from None


def _checked(line: _Line, given_out: Mapping[str, _GivenOut], lines: dict[str, int]) -> _GivenOut:
    """Return the output that a row is about, once it is sure that it is the one that was given out.

    Args:
        line: The row.
        given_out: Id of a row to its output.
        lines: Id of a row to the line where it stood; the row is added to it.
    """
    name = line.cells["id"].strip()
    if name not in given_out:
        close = nearest(name, given_out)
        raise InputError(
            f"{line.place}: no output has the id '{name}'.",
            f"'{close}'?" if close else "name the runs that the sheet was made of: --run RUN",
        )
    if name in lines:
        raise InputError(
            f"{line.place}: '{name}' stands in line {lines[name]} already.", "keep one of the rows"
        )
    lines[name] = line.number
    output = given_out[name]
    for column, expected in (("text", output.text), ("reference", output.reference)):
        if _plain(line.cells[column]).strip() != _plain(expected).strip():
            raise InputError(
                f"{line.place}: the {column} of '{name}' is not the one that was given out.",
                "grade the sheet as it is; make a new one with medbench review sheet",
            )
    return output


def _verdict(line: _Line, output: _GivenOut, rater: str) -> Verdict:
    return Verdict(
        case_id=output.case_id,
        replicate=output.replicate,
        rater=rater,
        rater_kind="reviewer",
        grade=_grade(line),
        key_finding=_key_finding(line),
        rationale=_plain(line.cells["comment"]).strip() or None,
        judged_text=output.judged,
    )


def _grade(line: _Line) -> Grade:
    word = line.cells["grade"].strip().lower()
    for grade in GRADES:
        if word == grade:
            return grade
    raise InputError(f"{line.place}: '{word}' is no grade.", "good, partial, poor, or nothing")


def _key_finding(line: _Line) -> bool | None:
    word = line.cells["key_finding"]
    if word.strip().lower() not in _YES:
        raise InputError(f"{line.place}: key_finding is '{word}'.", "yes, no, or nothing")
    return _YES[word.strip().lower()]


def _name(line: _Line, name: str | None) -> str:
    if not name:
        raise UsageError(
            f"{line.place}: nobody is named as reviewer.", "--reviewer NAME, or fill in that column"
        )
    plain = " ".join(name.split())
    if not plain.isprintable() or len(plain) > 60:
        raise InputError(f"{line.place}: '{plain[:60]}' cannot be a name.", "at most 60 letters")
    return plain
