"""The step `import`: answers made elsewhere become runs, with their failures and unknowns as such."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.datasets.answers import read_answers
from medbench.datasets.february import ANSWERS, config_files, read_february, source_files
from medbench.datasets.recorded import RecordedRun
from medbench.errors import InputError, StoreError, UsageError
from medbench.schema.base import digest
from medbench.schema.response import CallFor, Response
from medbench.schema.run import Event, ModelUse, Output, SourceFile, System
from medbench.schema.verdict import Verdict
from medbench.sentences import counted
from medbench.store.benchmark import new_folder
from medbench.store.jsonl import write_one, write_records
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

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from medbench.datasets.recorded import RecordedAnswer, RecordedVerdict
    from medbench.schema.case import Case
    from medbench.store.benchmark import BenchmarkFolder

IMPORTED = "imported"
"""Folder in a run for the files that were copied and not interpreted."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One run that was made, or was there already."""

    folder: Path
    recorded: RecordedRun
    taken: int
    """Answers taken, failures included."""
    answered: int
    """Cases of the benchmark that have one."""
    cases: int
    """Cases of the benchmark."""
    verdicts: int
    left_out: tuple[str, ...]
    """Cases of the source that are not in the benchmark."""
    was_there: bool


def read_source(old: Path, system: str | None) -> list[RecordedRun]:
    """The runs recorded in a folder of an old run, or in a file of answers.

    Raises:
        UsageError: There is no such file or folder; a file of answers without a name for its system, or a
            name for an old run.
        InputError: There is nothing to read, or it is broken.
    """
    if old.is_dir():
        if not (old / ANSWERS).is_file():
            raise InputError(
                f"'{old}' holds no {ANSWERS}.",
                "name the folder of an old run, or a .jsonl or .csv of answers",
            )
        if system:
            raise UsageError(
                f"--system '{system}' does not fit an old run, which names its own.", "leave out --system"
            )
        return read_february(old)
    if not old.is_file():
        raise UsageError(
            f"'{old}' is not there.", "name the folder of an old run, or a .jsonl or .csv of answers"
        )
    fits = re.fullmatch(r"(?!baseline-)[A-Za-z0-9][A-Za-z0-9._+=@-]*", system or "")
    if system and not fits:
        raise UsageError(
            f"'{system}' cannot be a system's name.",
            "--system with letters, digits, . _ - +, not beginning with baseline-",
        )
    if not system:
        raise UsageError(f"'{old}' does not say which system gave the answers.", "--system NAME")
    return [RecordedRun(name=system, family="other", model_id=None, answers=tuple(read_answers(old)))]


def import_runs(
    old: Path, benchmark: BenchmarkFolder, root: Path, recorded: list[RecordedRun], command: str
) -> list[Imported]:
    """Write each recorded run as a run folder, whole or not at all.

    Raises:
        InputError: No recorded case is in the benchmark.
        StoreError: A run of that name is there and came from other files.
    """
    benchmark.check()
    cases = {case.case_id: case for case in benchmark.cases()}
    by_name = {ref.source_id: cases[ref.case_id] for ref in benchmark.references()} | cases
    files = _source_files(old)
    return [_import_one(old, benchmark, root, one, by_name, files, command) for one in recorded]


def _import_one(  # noqa: PLR0913 - what one run is made from
    old: Path,
    benchmark: BenchmarkFolder,
    root: Path,
    recorded: RecordedRun,
    cases: Mapping[str, Case],
    files: tuple[SourceFile, ...],
    command: str,
) -> Imported:
    taken = [answer for answer in recorded.answers if answer.case in cases]
    left_out = tuple(answer.case for answer in recorded.answers if answer.case not in cases)
    if not taken:
        raise InputError(
            f"none of the {counted(len(left_out), 'case')} of '{old}' is in benchmark "
            f"'{benchmark.head.name}' (the first: '{left_out[0]}').",
            "name the benchmark that the answers were made for with --benchmark",
        )
    seen: set[tuple[str, int]] = set()
    for answer in taken:
        key = (cases[answer.case].case_id, answer.replicate)
        if key in seen:
            raise InputError(f"'{old}' answers case '{answer.case}' twice.", "keep one of the answers")
        seen.add(key)
    folder = root / benchmark.head.name / recorded.name
    verdicts = [_verdict(verdict, cases) for verdict in recorded.verdicts if verdict.case in cases]
    was_there = _is_there(folder, benchmark, files)
    if not was_there:
        system = _system(recorded)
        with new_folder(folder) as made:
            lines = [_lines(answer, cases[answer.case], system) for answer in taken]
            write_records(made / RESPONSES, [response for response, _ in lines])
            write_records(made / OUTPUTS, [output for _, output in lines])
            if verdicts:
                write_records(made / VERDICTS, verdicts)
            _copy_settings(old, made)
            write_records(made / EVENTS, [_event(taken)])
            write_one(made / HEAD, new_head(folder, benchmark, system, command, files))
    return Imported(
        folder=folder,
        recorded=recorded,
        taken=len(taken),
        answered=len({case for case, _ in seen}),
        cases=benchmark.head.cases,
        verdicts=len(verdicts),
        left_out=left_out,
        was_there=was_there,
    )


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


def _system(recorded: RecordedRun) -> System:
    model = recorded.model_id
    return System(
        name=recorded.name,
        family=recorded.family,
        pipeline="imported",
        model=ModelUse(name=recorded.name, provider="imported", id=model) if model else None,
    )


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


def _verdict(recorded: RecordedVerdict, cases: Mapping[str, Case]) -> Verdict:
    return Verdict(
        case_id=cases[recorded.case].case_id,
        rater=recorded.rater,
        rater_kind=recorded.rater_kind,
        grade=recorded.grade,
        key_finding=recorded.key_finding,
        rationale=recorded.rationale,
        failure=recorded.failure,
    )


def _source_files(old: Path) -> tuple[SourceFile, ...]:
    paths = [*source_files(old), *config_files(old)] if old.is_dir() else [old]
    return tuple(
        SourceFile(file=path.name, sha256=hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths
    )


def _copy_settings(old: Path, made: Path) -> None:
    found = config_files(old) if old.is_dir() else []
    if found:
        (made / IMPORTED).mkdir()
    for path in found:
        shutil.copyfile(path, made / IMPORTED / path.name)


def _event(taken: list[RecordedAnswer]) -> Event:
    return Event(
        at=now(),
        kind="imported",
        pid=os.getpid(),
        replicates=1 + max(answer.replicate for answer in taken),
    )
