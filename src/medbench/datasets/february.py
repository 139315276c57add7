"""Reads the runs of February 2026: raw_responses.json and every scored_results*.json beside it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from medbench.datasets.recorded import RecordedAnswer, RecordedRun
from medbench.errors import InputError
from medbench.schema.response import Cost, Failure, Usage
from medbench.schema.verdict import GRADES, Verdict
from medbench.sentences import counted
from medbench.toml_input import packaged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANSWERS: Final = "raw_responses.json"
_MODELS: Final = ("medgemma", "gemini")
_FAILED: Final = "Judge failed:"
_GPU_HOUR: Final = 1.15
_HINT: Final = "is this the file of an old run?"
_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "raw": (str,),
    "prompt": (str,),
    "latency_ms": (int, float),
    "cost": (int, float),
    "input_tokens": (int,),
    "output_tokens": (int,),
}


def source_files(folder: Path) -> list[Path]:
    """Return the files that answers and verdicts are read from."""
    return [folder / ANSWERS, *sorted(folder.glob("scored_results*.json"))]


def config_files(folder: Path) -> list[Path]:
    """Return the settings of the old run, which are kept with the imported one but not interpreted."""
    return sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"})


def read_february(folder: Path) -> list[RecordedRun]:
    """Return the old run as one recorded run per model.

    Zeros that stood for a failed call become failures. Token counts that were made up from the length of the
    text become unknown, and so does a cost that was computed from them.

    Raises:
        InputError: The folder holds no such run, or a file is broken.
    """
    path = folder / ANSWERS
    cases = _entries(path)
    models = [model for model in _MODELS if any(f"{model}_raw" in case for case in cases)]
    if not models:
        raise InputError(f"'{path}' has no answers.", _HINT)
    # Some old runs do not name their models; february.toml does, by the digest of the answers.
    known = packaged("medbench.datasets", "february.toml")
    names = known.get(hashlib.sha256(path.read_bytes()).hexdigest(), {})
    return [_run(folder, cases, model, names.get(model, {"name": model, "id": None})) for model in models]


def _run(folder: Path, cases: list[dict[str, Any]], model: str, name: dict[str, Any]) -> RecordedRun:
    made_up = _tokens_are_made_up(cases, model)
    answers = tuple(_answer(case, model, folder / ANSWERS, made_up=made_up) for case in cases)
    verdicts, left_out = _verdicts(folder, model)
    return RecordedRun(
        name=name["name"],
        family=model,
        model_id=name["id"],
        answers=answers,
        verdicts=verdicts,
        notes=tuple(_notes(answers, left_out, made_up=made_up)),
    )


def _notes(answers: tuple[RecordedAnswer, ...], left_out: int, *, made_up: bool) -> Iterator[str]:
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
    if left_out:
        about = "about the diagnosis, not the findings: left out"
        yield f"{counted(left_out, 'verdict is', 'verdicts are')} {about}"


def _answer(case: dict[str, Any], model: str, path: Path, *, made_up: bool) -> RecordedAnswer:
    uid = case.get("uid")
    if not isinstance(uid, str):
        raise InputError(f"'{path}' has an entry without 'uid'.", _HINT)
    fields = _fields(case, uid, model, path)
    latency_ms = fields["latency_ms"] or None
    if f"{model}_raw" not in case:
        reason = str(case.get("error") or "the old run has no answer of this model here")
        return RecordedAnswer(case=uid, text=None, failure=Failure(kind="error", reason=reason, final=True))
    if not (fields["raw"] or "").strip():
        kind, reason = "empty", "the old run stored an empty text"
        if not latency_ms:
            kind, reason = "unrecorded", f"{reason}, zero seconds and no error: the call failed"
        failure = Failure(kind=kind, reason=reason, final=True)
        return RecordedAnswer(case=uid, text=None, failure=failure, prompt=fields["prompt"])
    return RecordedAnswer(
        case=uid,
        text=fields["raw"],
        prompt=fields["prompt"],
        latency_s=latency_ms / 1000 if latency_ms else None,
        usage=Usage(
            input=None if made_up else fields["input_tokens"],
            output=None if made_up else fields["output_tokens"],
            source="imported",
        ),
        cost=_cost(fields["cost"], latency_ms, made_up=made_up),
    )


def _fields(case: dict[str, Any], uid: str, model: str, path: Path) -> dict[str, Any]:
    fields = {name: case.get(f"{model}_{name}") for name in _FIELDS}
    for name, value in fields.items():
        fits = value is None or isinstance(value, _FIELDS[name])
        if not fits or (isinstance(value, int | float) and not 0 <= value < float("inf")):
            raise InputError(f"'{path}': '{model}_{name}' of case '{uid}' is '{value}'.", _HINT)
    return fields


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
    counts = [
        (len(str(case[f"{model}_raw"])) // 4, case.get(f"{model}_output_tokens"))
        for case in cases
        if case.get(f"{model}_raw")
    ]
    return bool(counts) and all(quarter == tokens for quarter, tokens in counts)


def _verdicts(folder: Path, model: str) -> tuple[tuple[Verdict, ...], int]:
    """Return the verdicts on the findings, and the number of those that are about something else."""
    verdicts: list[Verdict] = []
    left_out = 0
    for path in source_files(folder)[1:]:
        rater = path.stem.removeprefix("scored_results").strip("._-") or "scored_results"
        for case in _entries(path):
            block = case.get(model)
            if not isinstance(block, dict):
                continue
            if "findings_judge_score" in block:
                verdicts.append(_verdict(str(case.get("uid")), rater, block, path))
            elif "llm_judge_score" in block:
                left_out += 1
    return tuple(verdicts), left_out


def _verdict(uid: str, rater: str, block: dict[str, Any], path: Path) -> Verdict:
    grade, why = block["findings_judge_score"], str(block.get("findings_judge_explanation") or "")
    key_finding = block.get("findings_judge_key_finding")
    if key_finding is not None and not isinstance(key_finding, bool):
        raise InputError(f"'{path}': key finding of '{uid}' is '{key_finding}'.", "expected true or false")
    if grade == "error" or why.startswith(_FAILED):
        reason = why.removeprefix(_FAILED).strip() or "no reason recorded"
        failure = Failure(kind="timeout" if reason == "timeout" else "connection", reason=reason, final=True)
        return Verdict(case_id=uid, rater=rater, rater_kind="judge", failure=failure)
    if grade not in GRADES:
        raise InputError(
            f"'{path}' has an unknown grade '{grade}' for '{uid}'.", "expected good, partial, poor or error"
        )
    return Verdict(
        case_id=uid, rater=rater, rater_kind="judge", grade=grade, key_finding=key_finding, rationale=why
    )


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(
            f"'{path}' cannot be read: {error.strerror}.", f"name a folder with {ANSWERS} in it"
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{path}' is not JSON: {error}.", "restore the file from a copy") from None
    if not isinstance(content, list) or not all(isinstance(entry, dict) for entry in content):
        raise InputError(f"'{path}' is not a list of cases.", _HINT)
    return content
