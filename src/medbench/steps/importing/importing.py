"""The step `import`: answers made elsewhere become runs, with their failures and unknowns as such."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from medbench.datasets.answers import read_answers
from medbench.datasets.february import ANSWERS, config_files, read_february, source_files
from medbench.datasets.recorded import RecordedRun
from medbench.errors import InputError, StoreError, UsageError
from medbench.schema.base import digest
from medbench.schema.response import CallFor, Response
from medbench.schema.run import Event, ModelUse, Output, SourceFile, System
from medbench.store.benchmark import new_folder
from medbench.store.jsonl import file_digest, write_one, write_sealed
from medbench.store.runs import (
    EVENTS,
    HEAD,
    OUTPUTS,
    RESPONSES,
    VERDICTS,
    RunFolder,
    check_same,
    new_head,
    now,
)
from medbench.store.seals import write_seals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from medbench.datasets.recorded import RecordedAnswer
    from medbench.schema.case import Case
    from medbench.store.benchmark import BenchmarkFolder

IMPORTED = "imported"
"""Folder in a run for the files that were copied and not interpreted."""
_HINT = "name the folder of an old run, or a .jsonl or .csv of answers"


@dataclass(frozen=True, slots=True)
class Imported:
    """A run that was imported, now or earlier."""

    folder: Path
    """The run folder."""
    recorded: RecordedRun
    taken: int
    """Number of answers taken, failures included."""
    failures: int
    """Number of those taken that are failures and no answers."""
    answered: int
    """Number of cases of the benchmark that have an answer."""
    failed: int
    """Number of those that have a failure alone."""
    cases: int
    """Number of cases of the benchmark."""
    verdicts: int
    """Number of verdicts taken that have a grade."""
    ungraded: int
    """Number of those taken that are failures and no grades."""
    left_out: tuple[str, ...]
    """Cases of the source that are not in the benchmark."""
    was_there: bool
    """True if the run existed already, from the same files, and nothing was written."""


def read_source(old: Path, system: str | None) -> list[RecordedRun]:
    """Return the runs recorded in a folder of an old run, or in a file of answers.

    Raises:
        UsageError: There is no such file or folder; the system of a file of answers has no name or a wrong
            one; or an old run was given a name.
        InputError: There is nothing to read, or it is broken.
    """
    if old.is_dir():
        if not (old / ANSWERS).is_file():
            raise InputError(f"'{old}' holds no {ANSWERS}.", _HINT)
        if system:
            raise UsageError(
                f"--system '{system}' does not fit an old run, which names its own.", "leave out --system"
            )
        return read_february(old)
    if not old.is_file():
        raise UsageError(f"'{old}' is not there.", _HINT)
    if not system:
        raise UsageError(f"'{old}' does not say which system gave the answers.", "--system NAME")
    if not re.fullmatch(r"(?!baseline-)[A-Za-z0-9][A-Za-z0-9._+=@-]*", system):
        raise UsageError(
            f"'{system}' cannot be a system's name.",
            "--system with letters, digits, . _ - +, not beginning with baseline-",
        )
    answers, notes = read_answers(old)
    return [RecordedRun(name=system, family="other", model_id=None, answers=tuple(answers), notes=notes)]


def import_runs(
    old: Path, benchmark: BenchmarkFolder, root: Path, recorded: list[RecordedRun], command: str
) -> list[Imported]:
    """Write each recorded run as a run folder, whole or not at all.

    Raises:
        InputError: No recorded case is in the benchmark, or one is answered twice.
        StoreError: A run of that name exists and came from other files.
    """
    benchmark.check()
    cases = {case.case_id: case for case in benchmark.cases()}
    by_name = {ref.source_id: cases[ref.case_id] for ref in benchmark.references()} | cases
    copied = config_files(old) if old.is_dir() else []
    read = source_files(old) if old.is_dir() else [old]
    files = tuple(SourceFile(file=path.name, sha256=file_digest(path).sha256) for path in (*read, *copied))
    imported = []
    for run in recorded:
        result = _matched(old, benchmark, root / benchmark.head.name / run.name, run, by_name)
        if not _is_there(result.folder, benchmark, files):
            _write(result, benchmark, by_name, files, copied, command)
            result = replace(result, was_there=False)
        imported.append(result)
    return imported


def _matched(
    old: Path, benchmark: BenchmarkFolder, folder: Path, run: RecordedRun, cases: Mapping[str, Case]
) -> Imported:
    """Match the answers with the cases of the benchmark."""
    taken = [answer for answer in run.answers if answer.case in cases]
    left_out = tuple(answer.case for answer in run.answers if answer.case not in cases)
    if not taken:
        of = "the one case" if len(left_out) == 1 else f"none of the {len(left_out):,} cases"
        verb = "is not" if len(left_out) == 1 else "is"
        raise InputError(
            f"{of} of '{old}' {verb} in benchmark '{benchmark.head.name}' (the first: '{left_out[0]}').",
            "name the benchmark that the answers were made for with --benchmark",
        )
    by_key: dict[tuple[str, int], RecordedAnswer] = {}
    for answer in taken:
        key = (cases[answer.case].case_id, answer.replicate)
        if by_key.setdefault(key, answer) is not answer:
            raise InputError(f"'{old}' answers case '{answer.case}' twice.", "keep one of the answers")
    answered = {case for (case, _), answer in by_key.items() if answer.failure is None}
    taken_verdicts = [verdict for verdict in run.verdicts if verdict.case_id in cases]
    ungraded = sum(verdict.grade is None for verdict in taken_verdicts)
    return Imported(
        folder=folder,
        recorded=run,
        taken=len(taken),
        failures=sum(answer.failure is not None for answer in taken),
        answered=len(answered),
        failed=len({case for case, _ in by_key} - answered),
        cases=benchmark.head.cases,
        verdicts=len(taken_verdicts) - ungraded,
        ungraded=ungraded,
        left_out=left_out,
        was_there=True,
    )


def _write(  # noqa: PLR0913 - all that a run folder is made from
    imported: Imported,
    benchmark: BenchmarkFolder,
    cases: Mapping[str, Case],
    files: tuple[SourceFile, ...],
    copied: Sequence[Path],
    command: str,
) -> None:
    run = imported.recorded
    model = ModelUse(name=run.name, provider="imported", id=run.model_id) if run.model_id else None
    system = System(name=run.name, family=run.family, pipeline="imported", model=model)
    answers = [answer for answer in run.answers if answer.case in cases]
    lines = [_lines(answer, cases[answer.case], system) for answer in answers]
    verdicts = [
        verdict.model_copy(update={"case_id": cases[verdict.case_id].case_id})
        for verdict in run.verdicts
        if verdict.case_id in cases
    ]
    replicates = 1 + max(answer.replicate for answer in answers)
    with new_folder(imported.folder) as folder:
        write_sealed(folder / RESPONSES, [response for response, _ in lines])
        write_sealed(folder / OUTPUTS, [output for _, output in lines])
        if verdicts:
            write_sealed(folder / VERDICTS, verdicts)
        for path in copied:
            (folder / IMPORTED).mkdir(exist_ok=True)
            shutil.copyfile(path, folder / IMPORTED / path.name)
        event = Event(at=now(), kind="imported", pid=os.getpid(), replicates=replicates)
        write_sealed(folder / EVENTS, [event])
        write_one(folder / HEAD, new_head(imported.folder, benchmark, system, command, files))
        write_seals(folder)


def _is_there(folder: Path, benchmark: BenchmarkFolder, files: tuple[SourceFile, ...]) -> bool:
    if not (folder / HEAD).is_file():
        return False
    run = RunFolder(folder)
    check_same(benchmark, run)
    if run.head.imported_from != files:
        raise StoreError(
            f"{folder} is there already, and came from elsewhere.",
            "another name with --system, or another folder with --out",
        )
    return True


def _lines(answer: RecordedAnswer, case: Case, system: System) -> tuple[Response, Output]:
    key = {"imported": system.digest, "case": case.digest, "replicate": answer.replicate}
    response = Response(
        response_id=secrets.token_hex(8),
        request_digest=digest(key),
        sample=answer.replicate,
        call_for=CallFor(case_id=case.case_id, replicate=answer.replicate, stage="imported"),
        asked=system.model.id if system.model else system.name,
        answered=answer.answered,
        prompt=answer.prompt,
        text=answer.text,
        finish_reason=answer.finish_reason,
        failure=answer.failure,
        usage=answer.usage,
        latency_s=answer.latency_s,
        cost=answer.cost,
    )
    output = Output(
        case_id=case.case_id,
        case_digest=case.digest,
        replicate=answer.replicate,
        text=answer.text,
        failure=answer.failure,
        responses=(response.response_id,),
    )
    return response, output
