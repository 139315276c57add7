"""Reads answers made elsewhere: a CSV or JSON Lines file of case, text and facts about the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medbench.datasets.recorded import RecordedAnswer
from medbench.datasets.table import read_table
from medbench.errors import InputError
from medbench.schema.response import Cost, Failure, Usage
from medbench.schema.run import MOST_REPLICATES

if TYPE_CHECKING:
    from pathlib import Path

_COLUMNS = {
    name: name
    for name in (
        *("case_id", "text", "error", "replicate", "prompt", "finish_reason", "latency_s", "latency_ms"),
        *("input_tokens", "output_tokens", "cost_usd", "model"),
    )
} | {"case": "case_id", "id": "case_id", "answer": "text"}


def read_answers(path: Path) -> list[RecordedAnswer]:
    """Return the answers of one system, in the file's order.

    A row without text is a failure, with the row's `error` as its reason.

    Raises:
        UsageError: There is no such file.
        InputError: A row is broken, has an unknown column, or answers the same case and replicate twice.
    """
    answers: dict[tuple[str, int], RecordedAnswer] = {}
    places: dict[tuple[str, int], str] = {}
    for where, row in read_table(path, _COLUMNS):
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
    return list(answers.values())


def _answer(where: str, row: dict[str, Any]) -> RecordedAnswer:
    case = row.get("case_id")
    if not isinstance(case, str):
        raise InputError(f"{where}: no case_id.", "every row names its case")
    text = _text(where, row, "text")
    replicate = _whole(where, row, "replicate") or 0
    if replicate >= MOST_REPLICATES:
        raise InputError(f"{where}: replicate is '{replicate}'.", f"count from 0, below {MOST_REPLICATES:,}")
    failure = None
    if text is None:
        reason = str(row.get("error") or "the imported answer is empty")
        failure = Failure(kind="error" if row.get("error") else "empty", reason=reason, final=True)
    seconds = _number(where, row, "latency_s")
    milliseconds = _number(where, row, "latency_ms")
    usd = _number(where, row, "cost_usd")
    return RecordedAnswer(
        case=case,
        text=text,
        failure=failure,
        replicate=replicate,
        prompt=_text(where, row, "prompt"),
        finish_reason=_text(where, row, "finish_reason"),
        answered=_text(where, row, "model"),
        latency_s=seconds if milliseconds is None else milliseconds / 1000,
        usage=Usage(
            input=_whole(where, row, "input_tokens"),
            output=_whole(where, row, "output_tokens"),
            source="imported",
        ),
        cost=None if usd is None else Cost(usd=usd, basis="imported"),
    )


def _text(where: str, row: dict[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{where}: {key} is not a text: '{value}'.", "put it in quotes")
    return value


def _number(where: str, row: dict[str, Any], key: str) -> float | None:
    value = row.get(key)
    if value is None:
        return None
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
