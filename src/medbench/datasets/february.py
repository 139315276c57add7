"""Reads the runs of February 2026: raw_responses.json and every scored_results*.json beside it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, get_args

from medbench.datasets.recorded import RecordedAnswer, RecordedRun, RecordedVerdict
from medbench.errors import InputError
from medbench.schema.response import Cost, Failure, Usage
from medbench.schema.verdict import Grade
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANSWERS = "raw_responses.json"
_MODELS: tuple[Literal["medgemma", "gemini"], ...] = ("medgemma", "gemini")
_FAILED = "Judge failed:"
_GPU_HOUR = 1.15


def source_files(folder: Path) -> list[Path]:
    """The files that are read, then those that are only copied."""
    return [folder / ANSWERS, *_scored_files(folder)]


def config_files(folder: Path) -> list[Path]:
    """Settings of the old run: kept with the imported one, not interpreted."""
    return sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"})


def read_february(folder: Path) -> list[RecordedRun]:
    """The old run as one recorded run a model.

    Zeros that stood for a failed call become failures; token counts that were made up from the length of
    the text become unknown, and so does a cost that was computed from them.

    Raises:
        InputError: The folder holds no such run, or a file is broken.
    """
    cases = _list(folder / ANSWERS)
    known = _known_names(hashlib.sha256((folder / ANSWERS).read_bytes()).hexdigest())
    runs = []
    models = [model for model in _MODELS if any(f"{model}_raw" in case for case in cases)]
    if not models:
        raise InputError(f"'{folder / ANSWERS}' has no answers.", "is this the file of an old run?")
    for model in models:
        name = known.get(model, {"name": model, "id": None})
        made_up = _tokens_are_made_up(cases, model)
        answers = tuple(_answer(case, model, folder / ANSWERS, made_up=made_up) for case in cases)
        verdicts, left = _verdicts(folder, model)
        runs.append(
            RecordedRun(
                name=name["name"],
                family=model,
                model_id=name["id"],
                answers=answers,
                verdicts=verdicts,
                notes=tuple(_notes(answers, left, made_up=made_up)),
            )
        )
    return runs


def _notes(answers: tuple[RecordedAnswer, ...], left: int, *, made_up: bool) -> Iterator[str]:
    failed = sum(answer.failure is not None for answer in answers)
    if failed:
        yield (
            f"{failed} of {counted(len(answers), 'answer')} {'is' if failed == 1 else 'are'} empty: a "
            "failure, not an answer that says nothing"
        )
    if made_up:
        yield "token counts were made up from the length of the text (length / 4): unknown"
    no_cost = sum(answer.cost is None and answer.failure is None for answer in answers)
    if no_cost:
        yield f"{counted(no_cost, 'cost rests', 'costs rest')} on made-up token counts: unknown"
    if left:
        yield f"{counted(left, 'verdict is', 'verdicts are')} about the diagnosis, not the findings: left out"


def _answer(case: dict[str, Any], model: str, path: Path, *, made_up: bool) -> RecordedAnswer:
    uid = case.get("uid")
    if not isinstance(uid, str):
        raise InputError(f"'{path}' has an entry without 'uid'.", "is this the file of an old run?")
    _check_types(case, model, path)
    if f"{model}_raw" not in case:
        reason = str(case.get("error") or "the old run has no answer of this model here")
        return RecordedAnswer(case=uid, text=None, failure=Failure(kind="error", reason=reason, final=True))
    text, latency_ms = str(case[f"{model}_raw"] or ""), case.get(f"{model}_latency_ms") or None
    if not text.strip():
        reason = "the old run stored an empty text" + (
            "" if latency_ms else ", zero seconds and no error: the call failed"
        )
        kind = "empty" if latency_ms else "unrecorded"
        return RecordedAnswer(
            case=uid,
            text=None,
            failure=Failure(kind=kind, reason=reason, final=True),
            prompt=case.get(f"{model}_prompt"),
        )
    usage = Usage(source="imported")
    if not made_up:
        usage = Usage(
            input=case.get(f"{model}_input_tokens"),
            output=case.get(f"{model}_output_tokens"),
            source="imported",
        )
    return RecordedAnswer(
        case=uid,
        text=text,
        prompt=case.get(f"{model}_prompt"),
        latency_s=latency_ms / 1000 if latency_ms else None,
        usage=usage,
        cost=_cost(case.get(f"{model}_cost"), latency_ms, made_up=made_up),
    )


def _check_types(case: dict[str, Any], model: str, path: Path) -> None:
    expected = {"raw": str, "prompt": str, "latency_ms": float, "cost": float}
    for name, kind in {**expected, "input_tokens": int, "output_tokens": int}.items():
        value = case.get(f"{model}_{name}")
        if value is None or (kind is str and isinstance(value, str)):
            continue
        fits = isinstance(value, int) or (kind is float and isinstance(value, float))
        if kind is str or not fits or not 0 <= value < float("inf"):
            raise InputError(
                f"'{path}': '{model}_{name}' of case '{case['uid']}' is '{value}'.",
                "is this the file of an old run?",
            )


def _cost(usd: float | None, latency_ms: float | None, *, made_up: bool) -> Cost | None:
    if not usd:
        return None
    if latency_ms and abs(usd - latency_ms / 3_600_000 * _GPU_HOUR) < 1e-9:
        return Cost(
            usd=usd, basis=f"imported: seconds of one call at ${_GPU_HOUR} an hour, idle time left out"
        )
    if made_up:
        return None
    return Cost(usd=usd, basis="imported: tokens at the old run's own prices, thoughts left out")


def _tokens_are_made_up(cases: list[dict[str, Any]], model: str) -> bool:
    counted = [
        (len(str(case[f"{model}_raw"])) // 4, case.get(f"{model}_output_tokens"))
        for case in cases
        if case.get(f"{model}_raw")
    ]
    return bool(counted) and all(quarter == tokens for quarter, tokens in counted)


def _verdicts(folder: Path, model: str) -> tuple[tuple[RecordedVerdict, ...], int]:
    found: list[RecordedVerdict] = []
    left = 0
    for path in _scored_files(folder):
        rater = path.stem.removeprefix("scored_results").strip("._-") or "scored_results"
        for case in _list(path):
            block = case.get(model)
            if not isinstance(block, dict):
                continue
            if "findings_judge_score" in block:
                found.append(_verdict(str(case.get("uid")), rater, block, path))
            elif "llm_judge_score" in block:
                left += 1
    return tuple(found), left


def _verdict(uid: str, rater: str, block: dict[str, Any], path: Path) -> RecordedVerdict:
    grade, why = block["findings_judge_score"], str(block.get("findings_judge_explanation") or "")
    failed = grade == "error" or why.startswith(_FAILED)
    if not failed and grade not in get_args(Grade):
        raise InputError(
            f"'{path}' has an unknown grade '{grade}' for '{uid}'.", "expected good, partial, poor or error"
        )
    key_finding = block.get("findings_judge_key_finding")
    if not (key_finding is None or isinstance(key_finding, bool)):
        raise InputError(f"'{path}': key finding of '{uid}' is '{key_finding}'.", "expected true or false")
    reason = why.removeprefix(_FAILED).strip() or "no reason recorded"
    return RecordedVerdict(
        case=uid,
        rater=rater,
        grade=None if failed else grade,
        key_finding=None if failed else key_finding,
        rationale=None if failed else why,
        failure=Failure(kind=_failure_kind(reason), reason=reason, final=True) if failed else None,
    )


def _failure_kind(reason: str) -> str:
    return "timeout" if reason == "timeout" else "connection"


def _scored_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("scored_results*.json"))


def _list(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(
            f"'{path}' cannot be read: {error.strerror}.", f"name a folder with {ANSWERS} in it"
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{path}' is not JSON: {error}.", "restore the file from a copy") from None
    if not isinstance(content, list) or not all(isinstance(entry, dict) for entry in content):
        raise InputError(f"'{path}' is not a list of cases.", "is this the file of an old run?")
    return content


@cache
def _all_known() -> dict[str, Any]:
    return tomllib.loads(files("medbench.datasets").joinpath("february.toml").read_text("utf-8"))


def _known_names(sha256: str) -> dict[str, dict[str, Any]]:
    return _all_known().get(sha256, {})  # type: ignore[no-any-return] # TOML gives untyped tables
