"""Write runs as evaluation results of the Hugging Face Hub: YAML for model repositories, ids for a data set.

The Hub shows one number a task, without n or interval: both are in its notes, with what failed. Of the cases
it gets ids and digests, no word and no image.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, NamedTuple

from medbench.api.exports.shared_run import folder_name, model_identity, shared_run
from medbench.errors import InputError, UsageError
from medbench.sentences import counted
from medbench.store.jsonl import atomic_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from medbench.api.exports.shared_run import Measure, SharedRun
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.runs import RunFolder

_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_SHOWN = ("good", "key_finding", "finding.f1", "above_chance.finding.f1")
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
DATA, MODELS = "dataset", "models"


_ENOUGH = 0.95
"""Share of what was attempted below which a number is named: as of the conclusions of `compare`."""


class HubResults(NamedTuple):
    """Files written for the Hub."""

    files: tuple[Path, ...]
    """The files of results, one a run."""
    partial: tuple[str, ...]
    """Numbers that rest on fewer than 95 % of what was attempted, in words: the Hub shows no n."""


def write_hub_results(runs: Sequence[RunFolder], dataset: str, folder: Path) -> HubResults:
    """Write what goes into the repositories of the models, and into that of the data set.

    models/DEVELOPER/MODEL/.eval_results/BENCHMARK.RUN.yaml has the results of a run. dataset/ has eval.yaml,
    with the tasks, and cases.jsonl, with ids and sha256 of cases, references and images.

    Args:
        runs: Runs on one benchmark; baselines among them are no models of the Hub, and left out.
        dataset: Id of the data set at the Hub, as OWNER/NAME.
        folder: Where to write.

    Raises:
        UsageError: The id is none, all runs are baselines, there is no number in one, or two would have one
            file. Nothing was written of them.
        InputError: The runs are on several benchmarks, or theirs is gone.
    """
    if not _ID.fullmatch(dataset):
        raise UsageError(f"'{dataset}' is not an id of a data set at the Hub.", "--hub-dataset OWNER/NAME")
    models = [run for run in runs if not run.head.system.is_floor]
    if not models:
        raise UsageError("the Hub has results of models, and these are baselines.", "name runs of models")
    benchmarks = {run.head.benchmark.digest: run.head.benchmark.name for run in models}
    if len(benchmarks) > 1:
        raise InputError(
            f"these runs are on {len(benchmarks)} benchmarks: {', '.join(benchmarks.values())}.",
            "export the runs of one benchmark at a time: each is a data set of its own at the Hub",
        )
    files = {run.path: _file(run, folder) for run in models}
    _check_apart(files)
    tasks: dict[str, str] = {}
    written: list[Path] = []
    partial: list[str] = []
    for run in models:
        shared = shared_run(run)
        measures = [measure for measure in shared.measures if measure.name in _SHOWN]
        if not measures:
            raise UsageError(f"run '{run.name}' has no number yet.", "the line again that made it")
        tasks |= {_task(measure): _described(measure) for measure in measures}
        partial += [
            f"{run.name}: {_task(measure)} rests on {measure.estimate.n} of "
            f"{counted(shared.summary.wanted, 'output')}."
            for measure in measures
            if measure.estimate.n < _ENOUGH * shared.summary.wanted
        ]
        written.append(_written(files[run.path], _results(shared, measures, dataset)))
    benchmark = models[0].benchmark()
    _written(folder / DATA / "eval.yaml", _tasks(benchmark, tasks))
    _written(folder / DATA / "cases.jsonl", _cases(benchmark))
    return HubResults(tuple(written), tuple(partial))


def _file(run: RunFolder, folder: Path) -> Path:
    """Return the file of a run's results, in the repository of its model."""
    place = folder.joinpath(MODELS, *map(folder_name, model_identity(run.head.system)), ".eval_results")
    return place / f"{folder_name(f'{run.head.benchmark.name}.{run.name}')}.yaml"


def _check_apart(files: Mapping[Path, Path]) -> None:
    """Check that no run's file would be written over that of another, on a disk that minds no case either.

    Raises:
        UsageError: One would.
    """
    runs: dict[str, Path] = {}
    for run, file in files.items():
        other = runs.setdefault(str(file).casefold(), run)
        if other != run:
            raise UsageError(
                f"the results of '{other}' and of '{run}' would be one file, {file.name}.",
                "rename the folder of one of these runs, or export each to a folder of its own",
            )


def _written(path: Path, lines: Iterable[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as file:
        file.writelines(f"{line}\n".encode() for line in lines)
    return path


def _task(measure: Measure) -> str:
    name = measure.name + (f"-by-{measure.rater}" if measure.rater else "")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-")


def _described(measure: Measure) -> str:
    if not measure.rater:
        return f"mean {measure.name}, from 0 to 1"
    what = "graded good" if measure.name == "good" else "with the key finding named"
    return f"share of outputs {what} by {measure.rater}, from 0 to 1"


def _results(shared: SharedRun, measures: Iterable[Measure], dataset: str) -> Iterator[str]:
    for measure in measures:
        yield "- dataset:"
        yield f"    id: {quoted(dataset)}"
        yield f"    task_id: {quoted(_task(measure))}"
        yield f"  value: {measure.estimate.mean!r}"
        yield f"  date: {quoted(shared.run.head.created)}"
        yield f"  notes: {quoted(_notes(shared, measure))}"


def _notes(shared: SharedRun, measure: Measure) -> str:
    """Return what the number rests on, as 'name=value' with semicolons between."""
    interval, head = measure.estimate.interval, shared.run.head
    facts = {"n": f"{measure.estimate.n}"}
    if interval is not None:
        facts["interval_95"] = f"{interval.low:.4f} to {interval.high:.4f} ({interval.method})"
    facts |= {name: told for name, told in shared.denominators(measure).items() if name != "left_out"}
    facts |= {"system": head.system.name, "benchmark_sha256": shared.benchmark.head.digest}
    for stage in head.system.stages:
        if stage.prompt:
            facts[f"prompt_{stage.role}"] = f"{stage.prompt.name} {stage.prompt.digest}"
    facts["medbench"] = head.medbench
    return "; ".join(f"{name}={told.replace(';', ',')}" for name, told in facts.items())


def _tasks(benchmark: BenchmarkFolder, tasks: dict[str, str]) -> Iterator[str]:
    head = benchmark.head
    yield f"name: {quoted(head.name)}"
    about = f"Descriptions of radiology findings on {head.cases} cases ({head.dataset.name}), by medbench."
    yield f"description: {quoted(about)}"
    yield "evaluation_framework: medbench"
    yield "tasks:"
    for task, described in tasks.items():
        yield f"  - id: {quoted(task)}   # {quoted(described)}"


def _cases(benchmark: BenchmarkFolder) -> Iterator[str]:
    references = {reference.case_id: reference.text for reference in benchmark.references()}
    for case in benchmark.cases():
        ids = {
            "case_id": case.case_id,
            "case_sha256": case.digest,
            "reference_sha256": hashlib.sha256(references[case.case_id].encode()).hexdigest(),
            "images_sha256": [image.sha256 for image in case.images],
        }
        yield json.dumps(ids)


def quoted(text: str) -> str:
    """Return a text as a double-quoted scalar of YAML, with all that is not ASCII or not printed escaped."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if " " <= character <= "~":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
