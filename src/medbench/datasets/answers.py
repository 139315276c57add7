"""Reads answers made elsewhere: a CSV or JSON Lines file of case, text and facts about the call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from medbench.datasets.failed_text import failed_text
from medbench.datasets.recorded import RecordedAnswer
from medbench.datasets.table import read_table, text_of
from medbench.errors import InputError
from medbench.schema.response import Cost, Failure, Usage
from medbench.schema.run import MOST_REPLICATES
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_COLUMNS = {
    name: name
    for name in (
        *("case_id", "text", "error", "replicate", "prompt", "finish_reason", "latency_s", "latency_ms"),
        *("input_tokens", "output_tokens", "cost_usd", "model"),
    )
} | {
    **dict.fromkeys(("case", "id", "image_id", "study_id"), "case_id"),
    **dict.fromkeys(("answer", "prediction", "response", "output", "completion", "generated_text"), "text"),
    **dict.fromkeys(("generation", "model_output", "generated_report", "report", "findings"), "text"),
}

_DECIMAL_COMMA = re.compile(r"\d+,\d+")


def read_answers(path: Path) -> tuple[list[RecordedAnswer], tuple[str, ...]]:
    """Return the answers of one system, in the file's order, and notes on how they were read.

    A row without text is a failure, with the row's `error` as its reason; so is a text that says that a call
    failed, as `failed_text` tells.

    Raises:
        UsageError: There is no such file.
        InputError: A row is broken, has an unknown column, or answers the same case and replicate twice.
    """
    answers: dict[tuple[str, int], RecordedAnswer] = {}
    places: dict[tuple[str, int], str] = {}
    read = read_table(path, _COLUMNS)
    for where, row in read.rows:
        answer = _answer(where, row)
        key = (answer.case, answer.replicate)
        if key in answers:
            earlier = places[key].rpartition(", ")[2]
            raise InputError(
                f"{where}: case '{answer.case}' already has an answer in {earlier}.",
                "keep one of them, or give each its own 'replicate' (0, 1, …)",
            )
        answers[key], places[key] = answer, where
    if not answers:
        raise InputError(f"'{path}' has no answers.", "one row per case: case_id, text")
    return list(answers.values()), (*read.notes, *_failed(answers.values()))


def _failed(answers: Iterable[RecordedAnswer]) -> Iterator[str]:
    """Yield how many texts are failures, and why the first of each kind is one."""
    kinds: dict[str, list[RecordedAnswer]] = {}
    for answer in answers:
        if answer.failure is not None:
            kinds.setdefault(answer.failure.kind, []).append(answer)
    for kind, failed in kinds.items():
        first = failed[0]
        reason = first.failure.reason if first.failure else ""
        words = counted(len(failed), "text counts as a failure", "texts count as failures")
        yield f"{words} ('{kind}') and not as an answer; the first, case '{first.case}': {reason}"


def _answer(where: str, row: dict[str, Any]) -> RecordedAnswer:
    case = row.get("case_id")
    if not isinstance(case, str):
        raise InputError(f"{where}: no case_id.", "every row names its case")
    text = text_of(where, row, "text")
    says_so = failed_text(text) if text is not None else None
    replicate = _whole(where, row, "replicate") or 0
    if replicate >= MOST_REPLICATES:
        raise InputError(f"{where}: replicate is '{replicate}'.", f"count from 0, below {MOST_REPLICATES:,}")
    failure = None
    if text is None:
        reason = str(row.get("error") or "the imported answer is empty")
        failure = Failure(kind="error" if row.get("error") else "empty", reason=reason, final=True)
    elif says_so is not None:
        text, failure = None, Failure(kind=says_so.kind, reason=says_so.reason, final=True)
    seconds = _number(where, row, "latency_s")
    milliseconds = _number(where, row, "latency_ms")
    usd = _number(where, row, "cost_usd")
    return RecordedAnswer(
        case=case.strip(),
        text=text,
        failure=failure,
        replicate=replicate,
        prompt=text_of(where, row, "prompt"),
        finish_reason=text_of(where, row, "finish_reason"),
        answered=text_of(where, row, "model"),
        latency_s=seconds if milliseconds is None else milliseconds / 1000,
        usage=Usage(
            input=_whole(where, row, "input_tokens"),
            output=_whole(where, row, "output_tokens"),
            source="imported",
        ),
        cost=None if usd is None else Cost(usd=usd, basis="imported"),
    )


def _number(where: str, row: dict[str, Any], key: str) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, str) and _DECIMAL_COMMA.fullmatch(value.strip()):
        value = value.replace(",", ".")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = -1.0
    if not 0 <= number < float("inf"):
        raise InputError(
            f"{where}: {key} is '{value}'.", "a number from 0 up, or nothing where it is unknown"
        )
    return number


def _whole(where: str, row: dict[str, Any], key: str) -> int | None:
    number = _number(where, row, key)
    if number is not None and number != int(number):
        raise InputError(f"{where}: {key} is '{row[key]}'.", "a whole number")
    return None if number is None else int(number)
