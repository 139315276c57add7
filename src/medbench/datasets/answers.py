"""Reads answers made elsewhere: a CSV or JSON Lines file of case, text, and what is known of the call."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from medbench.datasets.recorded import RecordedAnswer
from medbench.errors import InputError
from medbench.schema.response import Cost, Failure, Usage
from medbench.schema.run import MOST_REPLICATES
from medbench.sentences import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = {
    "case": "case_id",
    "case_id": "case_id",
    "id": "case_id",
    "text": "text",
    "answer": "text",
    "error": "error",
    "replicate": "replicate",
    "prompt": "prompt",
    "finish_reason": "finish_reason",
    "latency_s": "latency_s",
    "latency_ms": "latency_ms",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cost_usd": "cost_usd",
    "model": "model",
}
"""Accepted names of columns, and what each means."""


def read_answers(path: Path) -> list[RecordedAnswer]:
    """The answers of one system, in the file's order.

    A row without text is a failure, with the row's `error` as its reason.

    Raises:
        InputError: A row is broken, has an unknown column, or answers the same case and replicate twice.
    """
    answers: list[RecordedAnswer] = []
    seen: dict[tuple[str, int], int] = {}
    for number, row in _rows(path):
        answer = _answer(path, number, _renamed(path, number, row))
        key = (answer.case, answer.replicate)
        if key in seen:
            raise InputError(
                f"'{path}', line {number}: case '{answer.case}' is answered already in line {seen[key]}.",
                "keep one of them, or give each its own 'replicate' (0, 1, …)",
            )
        seen[key] = number
        answers.append(answer)
    if not answers:
        raise InputError(f"'{path}' has no answers.", "one row a case: case_id, text")
    return answers


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix.lower() == ".csv":
                reader = csv.DictReader(file, strict=True)
                for row in reader:
                    if None in row or None in row.values():
                        raise InputError(
                            f"'{path}', line {reader.line_num}: wrong number of columns.", "mend the line"
                        )
                    yield reader.line_num, {key: value for key, value in row.items() if value}
                return
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _object(path, number, line)
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror}.", "check the path") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"'{path}' cannot be read: {error}.", "save it as UTF-8 CSV or JSON Lines") from None


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{path}', line {number} is not JSON: {error}.", "mend that line") from None
    if not isinstance(found, dict):
        raise InputError(
            f"'{path}', line {number} is no object: '{line.strip()[:40]}'.", '{"case_id": …, "text": …}'
        )
    return found


def _renamed(path: Path, number: int, row: dict[str, Any]) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    for key, value in row.items():
        if key not in COLUMNS:
            close = nearest(key, COLUMNS)
            hint = f"'{close}'?" if close else f"known: {', '.join(COLUMNS)}"
            if ";" in key:
                hint = "separate the columns with commas, not semicolons"
            raise InputError(f"'{path}', line {number}: unknown column '{key}'.", hint)
        if COLUMNS[key] in renamed:
            raise InputError(
                f"'{path}', line {number}: '{key}' says again what another column says.", "keep one of them"
            )
        renamed[COLUMNS[key]] = value
    return renamed


def _answer(path: Path, number: int, row: dict[str, Any]) -> RecordedAnswer:
    where = f"'{path}', line {number}"
    case = row.get("case_id")
    if not isinstance(case, str) or not case:
        raise InputError(f"{where}: no case_id.", "every row names its case")
    text = _text(where, row, "text")
    replicate = _whole(where, row, "replicate") or 0
    if replicate >= MOST_REPLICATES:
        raise InputError(f"{where}: replicate is '{replicate}'.", f"count from 0, below {MOST_REPLICATES:,}")
    failure = None
    if not (text or "").strip():
        reason = str(row.get("error") or "the imported answer is empty")
        failure = Failure(kind="error" if row.get("error") else "empty", reason=reason, final=True)
    seconds = _number(where, row, "latency_s")
    milliseconds = _number(where, row, "latency_ms")
    usd = _number(where, row, "cost_usd")
    return RecordedAnswer(
        case=case,
        text=None if failure else text,
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
        raise InputError(f"{where}: the {key} is no text: '{value}'.", "mend that line")
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
