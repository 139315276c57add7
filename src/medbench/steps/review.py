"""The step `review`: a random sample as a blind sheet, and its rows as verdicts of the people who graded."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from medbench.datasets.table import KINDS, read_table
from medbench.errors import InputError, UsageError
from medbench.images.recorded import Pictures
from medbench.judging.canaries import random_rank
from medbench.schema.results.review import COLUMNS, Reviewed, SheetRow
from medbench.schema.verdict import GRADES, Verdict
from medbench.sentences import guarded, nearest, unguarded
from medbench.steps.reading.outputs import judged_text, sha256
from medbench.steps.reading.selection import selected_with_references
from medbench.store.jsonl import Journal, read_records
from medbench.store.lock import RunLock
from medbench.store.outputs import OutputIndex
from medbench.store.runs import VERDICTS
from medbench.store.seals import sealing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from medbench.schema.case import Image
    from medbench.schema.verdict import JudgedText
    from medbench.store.runs import RunFolder

SEED = 1
"""Seed of the sample and of its order, where none is chosen."""
_YES: dict[str, bool | None] = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_YES[""] = None
_NUMBER = re.compile(r"[\d.,]+(?:e[+-]?\d+)?", re.IGNORECASE)
"""An id that a spreadsheet took for a number, and may have changed."""
_NAMED = 5
"""Cells that a message names, of those that cannot be read."""


def sheet(runs: Sequence[RunFolder], sample: int, seed: int) -> list[SheetRow]:
    """Return outputs for people to grade: cases at random, every system's output of each, in a random order.

    Every output of a system has the same chance to be in it, which is what correcting a judge's rate rests
    on, and the systems are graded on the same cases.

    Args:
        runs: Runs of one benchmark.
        sample: Texts in the sheet; fewer where there are not so many.
        seed: Seed of the sample and of the order.

    Raises:
        ImageError: An image of a chosen case is not there, or is not the one that was recorded.
    """
    benchmark = runs[0].benchmark()
    benchmark.check()
    pictures = Pictures(benchmark.path, shipped=bool(benchmark.link))
    outputs = [OutputIndex(run.path) for run in runs]
    cases = {case_id for index in outputs for case_id in index.cases()}
    chosen = nsmallest(sample, cases, key=lambda case_id: case_rank(case_id, seed))
    by_case = {
        case.case_id: [
            SheetRow(
                id=row_id(run, case.case_id, replicate, judged, reference.text),
                history=case.history or "",
                reference=reference.text,
                text=text,
                images=tuple(_checked_path(image, benchmark.path, pictures) for image in case.images),
            )
            for run, index in zip(runs, outputs, strict=True)
            for replicate in index.replicates(case.case_id)
            for text, judged in [judged_text(index.output(case.case_id, replicate).text or "")]
        ]
        for case, reference in selected_with_references(benchmark)
        if case.case_id in chosen
    }
    rows = [row for case_id in chosen if case_id in by_case for row in by_case[case_id]][:sample]
    return sorted(rows, key=lambda row: row_rank(row.id, seed))


def case_rank(case_id: str, seed: int = SEED) -> str:
    """Return by what a sample takes a case: those with the lowest ranks are in it."""
    return random_rank(seed, "case", case_id)


def row_rank(row: str, seed: int = SEED) -> str:
    """Return by what the rows of a sheet are in order."""
    return random_rank(seed, "row", row)


def _checked_path(image: Image, folder: Path, pictures: Pictures) -> Path:
    pictures.read(image)
    return folder / image.file


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
            writer.writerow(map(guarded, shown))


def _plain(cell: str) -> str:
    """Return a cell as it was given out: line ends and the guard against formulas aside."""
    return unguarded(cell.replace("\r\n", "\n").replace("\r", "\n"))


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
class _Row:
    """A row that has a grade."""

    place: str
    """File and line number, for messages."""
    output: _GivenOut
    verdict: Verdict

    @property
    def line(self) -> str:
        """Return its place within the file."""
        return self.place.rpartition(", ")[2]

    @property
    def key(self) -> tuple[str, Path, str, int]:
        """Return who grades what."""
        return _key(self.output.run, self.verdict)

    def is_like(self, other: Verdict) -> bool:
        """Return True if another verdict says the same."""
        return (self.verdict.grade, self.verdict.key_finding) == (other.grade, other.key_finding)


def import_sheet(
    path: Path, runs: Sequence[RunFolder], reviewer: str | None = None, *, correct: bool = False
) -> Reviewed:
    """Make the rows of a graded sheet verdicts of their reviewer; all of them or none.

    Args:
        path: The table, from a spreadsheet or from the page.
        runs: Runs that the texts may come from.
        reviewer: Name for rows that do not say who graded.
        correct: Add a correction for each output that is graded otherwise than before; without it, the grade
            that was given first stands.

    Raises:
        InputError: The file is not such a sheet, or a row cannot be what was asked; with the line number.
        UsageError: There is no such file, or a row has no reviewer.
    """
    if path.is_file() and path.suffix.lower() not in KINDS:
        raise InputError(f"'{path}' is none of {', '.join(KINDS)}.", "save the sheet as CSV")
    table = read_table(path, dict(zip(COLUMNS, COLUMNS, strict=True)), needed=COLUMNS, others=True)
    if not table.rows:
        raise InputError(f"'{path}' has no rows.", "a sheet of medbench review sheet, with its grades")
    sheets = _Sheets(runs)
    given = [(place, row, sheets.output_of(place, row)) for place, row in table.rows]
    graded = [part for part in given if "grade" in part[1]]
    _check_words([(place, row) for place, row, _ in graded])
    rows, notes = _without_doubles(
        [_Row(place, output, _verdict(place, row, output, reviewer)) for place, row, output in graded]
    )
    other = [row for row in rows if not row.is_like(sheets.known.get(row.key, row.verdict))]
    if other:
        what = "corrected" if correct else "the grade before stands (--correct for this one)"
        notes.append(f"{_few([row.line for row in other])}: graded otherwise than before; {what}.")
    verdicts: dict[Path, list[Verdict]] = defaultdict(list)
    for row in rows:
        if row.key not in sheets.known:
            verdicts[row.output.run.path].append(row.verdict)
        elif correct and row in other:
            verdicts[row.output.run.path].append(row.verdict.model_copy(update={"corrects": True}))
    taken = sum(map(len, verdicts.values()))
    for folder, lines in verdicts.items():
        with RunLock(folder), sealing(folder), Journal(folder / VERDICTS) as journal:
            journal.append(*lines)
    return Reviewed(
        taken=taken,
        already=len(rows) - taken,
        empty=len(given) - len(graded),
        raters=tuple(dict.fromkeys(row.verdict.rater for row in rows)),
        runs=tuple(folder.name for folder in verdicts),
        notes=(*table.notes, *sheets.notes, *notes),
    )


class _Sheets:
    """All that sheets of some runs may hold."""

    def __init__(self, runs: Sequence[RunFolder]) -> None:
        self._by_id = {row_id: output for run in runs for row_id, output in _given_out(run)}
        self._by_text: dict[tuple[str, str], list[_GivenOut]] = defaultdict(list)
        for output in self._by_id.values():
            self._by_text[_letters(output.reference), _letters(output.text)].append(output)
        self.known: dict[tuple[str, Path, str, int], Verdict] = {}
        for run in runs:
            for verdict in read_records(run.path / VERDICTS, Verdict):
                key = _key(run, verdict)
                if verdict.rater_kind == "reviewer" and (verdict.corrects or key not in self.known):
                    self.known[key] = verdict
        self.notes: list[str] = []

    def output_of(self, place: str, row: Mapping[str, Any]) -> _GivenOut:
        """Return the output that a row is about, once it is sure that it is the one that was given out."""
        name = str(row.get("id", "")).strip()
        if not name:
            raise InputError(
                f"{place}: this row has no id.", "a sheet of medbench review sheet, with its grades"
            )
        texts = [str(row.get(part, "")) for part in ("reference", "text")]
        output = self._by_id.get(name)
        if output is None and _NUMBER.fullmatch(name):
            like = self._by_text.get((_letters(texts[0]), _letters(texts[1])), [])
            if len(like) == 1:
                self.notes.append(
                    f"{place}: the id '{name}' was changed to a number; its text tells the output."
                )
                return like[0]
        if output is None:
            close = nearest(name, self._by_id)
            raise InputError(
                f"{place}: no output has the id '{name}'.",
                f"'{close}'?" if close else "name the runs that the sheet was made of: --run RUN",
            )
        for column, cell, expected in zip(
            ("reference", "text"), texts, (output.reference, output.text), strict=True
        ):
            # An older encoding has no sign for some letters, and writes '?'.
            older = expected.encode("cp1252", "ignore").decode("cp1252")
            if _letters(cell) not in {_letters(expected), _letters(older)}:
                raise InputError(
                    f"{place}: the {column} of '{name}' is not the one that was given out.",
                    "grade the sheet as it is; make a new one with medbench review sheet",
                )
        return output


def _key(run: RunFolder, verdict: Verdict) -> tuple[str, Path, str, int]:
    return verdict.rater, run.path, verdict.case_id, verdict.replicate


def _letters(text: str) -> str:
    """Return the letters and digits of a text: spreadsheets change blanks, quotes and line ends."""
    return "".join(filter(str.isalnum, text)).casefold()


def _without_doubles(rows: Sequence[_Row]) -> tuple[list[_Row], list[str]]:
    """Return each output once for each reviewer, and a note on those that stood there more than once.

    Raises:
        InputError: A reviewer gives one output two grades.
    """
    first: dict[tuple[str, Path, str, int], _Row] = {}
    double: list[str] = []
    against: list[str] = []
    for row in rows:
        earlier = first.setdefault(row.key, row)
        if earlier is row:
            continue
        (double if row.is_like(earlier.verdict) else against).append(f"{row.line} and {earlier.line}")
    if against:
        where = rows[0].place.rpartition(",")[0]
        raise InputError(
            f"{where}: {_few(against)} grade the same text in different ways.", "keep one row of each"
        )
    return list(first.values()), [f"{_few(double)} are the same: taken once."] if double else []


def _few(names: Sequence[str]) -> str:
    more = f" … ({len(names)} in all)" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


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


def _check_words(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Check that all grades and key findings are defined words.

    Raises:
        InputError: Some are not; it names each with its line.
    """
    for column, known, hint in (
        ("grade", GRADES, "good, partial, poor, or nothing"),
        ("key_finding", _YES, "yes, no, or nothing"),
    ):
        cells = [(place, str(row.get(column, ""))) for place, row in rows]
        wrong = [(place, cell) for place, cell in cells if _word(cell) not in known]
        if wrong:
            others = [f"'{cell}' ({place.rpartition(', ')[2]})" for place, cell in wrong[1:]]
            more = f", nor is {_few(others)}" if others else ""
            raise InputError(f"{wrong[0][0]}: '{wrong[0][1]}' is not a valid {column}{more}.", hint)


def _word(cell: object) -> str:
    return str(cell).strip().casefold()


def _verdict(place: str, row: Mapping[str, Any], output: _GivenOut, reviewer: str | None) -> Verdict:
    return Verdict(
        case_id=output.case_id,
        replicate=output.replicate,
        rater=f"reviewer:{_name(place, str(row.get('reviewer', '')).strip() or reviewer)}",
        rater_kind="reviewer",
        grade=next(grade for grade in GRADES if grade == _word(row["grade"])),
        key_finding=_YES[_word(row.get("key_finding", ""))],
        rationale=_plain(str(row.get("comment", ""))).strip() or None,
        judged_text=output.judged,
    )


def _name(place: str, name: str | None) -> str:
    if not name:
        raise UsageError(f"{place}: nobody is named as reviewer.", "--reviewer NAME, or fill in that column")
    plain = " ".join(name.split())
    if not plain.isprintable() or len(plain) > 60:
        raise InputError(f"{place}: '{plain[:60]}' cannot be a name.", "at most 60 letters")
    return plain
