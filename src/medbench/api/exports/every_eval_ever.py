"""Write a run in the format of Every Eval Ever, a public collection of evaluation results (its schema 0.3.0).

The format has no place for an output without a numeric score, so only graded outputs become its samples. What
failed, was not run or not graded is counted and named in the details of each result.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.api.exports.eval_samples import SCHEMA, Json, eval_samples, evaluation_id, model_id, result_id
from medbench.api.exports.shared_run import folder_name, maker_and_name, model_identity, shared_run
from medbench.errors import UsageError
from medbench.prompts.prompt import load_prompt
from medbench.prompts.rubrics import load_rubric
from medbench.store.jsonl import atomic_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.api.exports.shared_run import Measure, SharedRun
    from medbench.prompts.prompt import Prompt
    from medbench.prompts.rubrics import Rubric
    from medbench.schema.run import ModelUse, Stage
    from medbench.schema.verdict import Verdict
    from medbench.store.runs import RunFolder

_CLOSED, _OPEN = {"gemini", "claude", "gpt"}, {"medgemma", "qwen", "internvl"}
_MANAGED = {"gemini", "anthropic"}
_BELOW, _ABOVE = "-Infinity", "Infinity"
_UNITS = {"latency_ms": "ms", "cost_usd": "USD", "words": "words"}


def write_every_eval_ever(run: RunFolder, folder: Path) -> int:
    """Write a run below a folder, as data/BENCHMARK/DEVELOPER/MODEL/UUID.json and its samples beside it.

    The same run has the same UUID, so that it is replaced when it is written again.

    Returns:
        The number of samples: a graded output is one for each thing that its rater says of it.

    Raises:
        InputError: The benchmark of the run is gone or was changed.
        UsageError: There is no number in it.
    """
    shared = shared_run(run)
    if not shared.measures:
        raise UsageError(f"run '{run.name}' has no number yet.", "the line again that made it")
    developer, model = model_identity(shared.system)
    parts = [folder_name(part) for part in (shared.benchmark.head.name, developer, model)]
    name = _uuid(run.head.run_id)
    place = Path("data", *parts)
    (folder / place).mkdir(parents=True, exist_ok=True)
    samples = place / f"{name}_samples.jsonl"
    record, hasher, written = _results(shared), hashlib.sha256(), 0
    with atomic_file(folder / samples) as file:
        for line in map(_line, eval_samples(shared)):
            file.write(line)
            hasher.update(line)
            written += 1
    if written:
        record["detailed_evaluation_results"] = {
            "format": "jsonl",
            "file_path": samples.as_posix(),
            "hash_algorithm": "sha256",
            "checksum": hasher.hexdigest(),
            "total_rows": written,
        }
    else:
        (folder / samples).unlink()
    with atomic_file(folder / place / f"{name}.json") as file:
        file.write(json.dumps(record, indent=1, allow_nan=False).encode() + b"\n")
    return written


def _uuid(run_id: str) -> str:
    return str(uuid.UUID(bytes=hashlib.sha256(run_id.encode()).digest()[:16], version=4))


def _line(record: Json) -> bytes:
    """Return a record as one line; in ASCII, since some readers take other characters for the end of one."""
    return json.dumps(record, allow_nan=False).encode() + b"\n"


def _results(shared: SharedRun) -> Json:
    head, system = shared.run.head, shared.system
    stages = [stage.model_dump(mode="json", exclude_none=True) for stage in system.stages]
    return {
        "schema_version": SCHEMA,
        "evaluation_id": evaluation_id(shared),
        "evaluation_timestamp": head.created,
        "retrieved_timestamp": f"{int(time.time())}",
        "source_metadata": {
            "source_name": "medbench",
            "source_type": "evaluation_run",
            "source_organization_name": "unknown",
            "evaluator_relationship": "other",
        },
        "eval_library": {
            "name": "medbench",
            "version": head.medbench,
            "additional_details": {"parser": shared.summary.parser, "run_id": head.run_id},
        },
        "model_info": _model_info(
            model_id(shared),
            system.name,
            system.family,
            system.stages[0].model if len({stage.model for stage in system.stages}) == 1 else None,
            {
                "system": system.name,
                "system_digest": head.system_digest,
                "pipeline": system.pipeline,
                "stages": json.dumps(stages),
            },
        ),
        "evaluation_results": [_result(shared, measure) for measure in shared.measures],
    }


def _model_info(id_: str, name: str, family: str, model: ModelUse | None, details: dict[str, str]) -> Json:
    known = {"developer": id_.partition("/")[0]} | ({"inference_platform": model.provider} if model else {})
    return {
        "name": name,
        "id": id_,
        **known,
        "additional_details": details
        | {
            "deployment_type": "externally_managed" if model and model.provider in _MANAGED else "unknown",
            "model_availability": _availability(family),
        },
    }


def _availability(family: str) -> str:
    return "closed_weights" if family in _CLOSED else "open_weights" if family in _OPEN else "unknown"


def _result(shared: SharedRun, measure: Measure) -> Json:
    estimate, interval = measure.estimate, measure.estimate.interval
    uncertainty: Json = {"num_samples": estimate.n}
    if interval is not None:
        uncertainty["confidence_interval"] = {
            "lower": interval.low,
            "upper": interval.high,
            "confidence_level": interval.level,
            "method": interval.method,
        }
    return {
        "evaluation_result_id": result_id(shared, measure),
        "evaluation_name": shared.benchmark.head.name,
        "source_data": _source(shared),
        "metric_config": _metric(shared, measure),
        "score_details": {
            "score": estimate.mean,
            "details": shared.denominators(measure),
            "uncertainty": uncertainty,
        },
        "generation_config": _generation(shared),
    }


def _source(shared: SharedRun) -> Json:
    head = shared.benchmark.head
    details = {
        "dataset": head.dataset.name,
        "revision": head.dataset.commit or "unknown",
        "benchmark_digest": head.digest,
        "cases": f"{head.cases}",
        "images": f"{head.images}",
        "draw": head.draw.model_dump_json(),
        "left_out_of_the_benchmark": json.dumps(head.left_out),
    }
    if head.dataset.source:
        place = head.dataset.source
        kind: Json = {"source_type": "url", "url": [place if "://" in place else f"https://{place}"]}
    else:
        kind = {"source_type": "other"}
    return {"dataset_name": head.name, **kind, "additional_details": details}


def _metric(shared: SharedRun, measure: Measure) -> Json:
    name = measure.name
    unit = _UNITS.get(name, "proportion")
    low: float | str = _BELOW if name.startswith("above_chance.") else 0
    config: Json = {
        "metric_id": f"medbench.{name}",
        "metric_name": name.replace("_", " "),
        "metric_unit": unit,
        "evaluation_description": _described(measure),
        "lower_is_better": name in {"latency_ms", "cost_usd"},
        "score_type": "continuous",
        "min_score": low,
        "max_score": 1 if unit == "proportion" else _ABOVE,
    }
    if measure.kind in {"judge", "panel"}:
        config["llm_scoring"] = _judging(measure, shared.verdicts[measure.rater])
    return config


def _described(measure: Measure) -> str:
    if measure.rater:
        what = "graded good" if measure.name == "good" else "in which the key finding is named"
        return f"Share of outputs {what} by {measure.rater} ({measure.kind})."
    return f"Mean of {measure.name} over the outputs that have it."


def _judging(measure: Measure, verdict: Verdict) -> Json:
    rubric = measure.rater.partition(" ")[0].rpartition("/")[2]
    asked = sorted(verdict.members) or [verdict.asked or measure.rater.partition("/")[0]]
    judges = []
    for name in asked:
        maker, model = maker_and_name(name)
        details = {"settings": json.dumps(verdict.settings or {}), "rater_digest": f"{verdict.rater_digest}"}
        judges.append({"model_info": _model_info(f"{maker}/{model}", name, "", None, details)})
    return {
        "judges": judges,
        "input_prompt": _words("rubric", rubric, verdict.rubric_digest, load_rubric),
        "additional_details": {"rubric": rubric, "rubric_digest": f"{verdict.rubric_digest}"},
    }


def _words(what: str, name: str, sha256: str | None, load: Callable[[str], Prompt | Rubric]) -> str:
    """Return the words of a prompt or rubric that came with medbench, or which one it is."""
    with suppress(UsageError):
        found = load(name)
        if sha256 in {None, found.digest}:
            return found.text
    return f"{what} '{name}', sha256 {sha256}"


def _generation(shared: SharedRun) -> Json:
    head, system = shared.run.head, shared.system
    arguments: Json = {"execution_command": head.command}
    details = {"settings": json.dumps(system.settings), "python": head.python}
    if len(system.stages) == 1:
        (stage,) = system.stages
        arguments |= _sampling(stage)
        if stage.prompt:
            name, sha256 = stage.prompt.name, stage.prompt.digest
            arguments["prompt_template"] = _words("prompt", name, sha256, partial(load_prompt, "findings"))
            details |= {"prompt": name, "prompt_digest": sha256}
        details |= {"settings": json.dumps(stage.settings), "images": stage.images or "unknown"}
    return {"generation_args": arguments, "additional_details": details}


def _sampling(stage: Stage) -> Json:
    """Return those of a stage's settings that have a place of their own in the format."""
    numbers = {
        name: value
        for name in ("temperature", "top_p", "top_k")
        if isinstance(value := stage.settings.get(name), (int, float)) and not isinstance(value, bool)
    }
    most = stage.settings.get("max_tokens")
    return numbers | ({"max_tokens": most} if isinstance(most, int) and most > 0 else {})
