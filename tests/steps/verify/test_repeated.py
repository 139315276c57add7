"""Every pipeline runs once more on the recorded answers: each changed record of a stage is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from scripted import Scripted, model_file
from systems import Quiet

from medbench.api.rescore import verify
from medbench.config import Settings
from medbench.pipelines import pipeline_class
from medbench.registry import names_in
from medbench.schema.base import sealed, split_seal
from medbench.schema.response import Request, Response
from medbench.schema.spec import SystemSpec
from medbench.scoring.findings import METHOD
from medbench.steps.access.probes import PROBES
from medbench.steps.access.systems import prepare
from medbench.steps.rescore.rescore import Rescorer
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all
from medbench.steps.run.run_plan import RunPlan
from medbench.steps.verify.verify import verify_run
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.chain import NOTHING_BEFORE
from medbench.store.jsonl import read_records, write_one
from medbench.store.runs import HEAD, OUTPUTS, RESPONSES, SUMMARY, RunFolder
from medbench.store.seals import SEALS

CASES = 4
ASKING = [name for name in names_in("pipelines") if pipeline_class(name).roles]


class Made(NamedTuple):
    """Runs of every pipeline that asks a model, of probes, and of the baselines."""

    folder: Path
    runs: dict[str, Path]
    """By pipeline or probe, seen from the folder."""


def says(request: Request) -> str:
    """An answer that differs by request."""
    return f"FINDINGS: There is a mass of {int(request.digest[:2], 16)} cm in the left lung."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, write_benchmark: Callable[..., BenchmarkFolder]) -> Made:
    """Runs on four cases, two replicates each, scored."""
    folder = tmp_path_factory.mktemp("made")
    bench = write_benchmark(folder / "bench", CASES)
    (folder / "m.toml").write_text(model_file("m"))
    model = str(folder / "m.toml")
    specs = {name: SystemSpec(model=model, pipeline=name, name=name) for name in ASKING}
    specs["each"] = SystemSpec(model=model, images="each", name="each")
    specs |= {
        probe: SystemSpec(model=model, pipeline="two-stage", probe=probe, name=probe) for probe in PROBES
    }
    systems = prepare([*specs.values()], Settings(), folder / "runs", bench)
    plan = RunPlan(benchmark=bench.address, systems=systems, root=folder / "runs", command="m", replicates=2)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Scripted, "says", staticmethod(says))
        outcomes = run_all(plan, RunHooks(Quiet()))
    for outcome in outcomes:
        Rescorer().rescore(RunFolder(outcome.run.folder))
    baselines = [system.system.name for system in systems[len(specs) :]]
    names = zip([*specs, *baselines], outcomes, strict=True)
    return Made(folder, {name: outcome.run.folder.relative_to(folder) for name, outcome in names})


def _copy(made: Made, name: str, to: Path) -> Path:
    shutil.copytree(made.folder / "bench", to / "bench")
    return shutil.copytree(made.folder / made.runs[name], to / made.runs[name])


def _change(path: Path, number: int, change: Callable[[bytes], bytes]) -> None:
    """Change a line of a run's file and seal all anew, as somebody would who knows how."""
    seal, lines = NOTHING_BEFORE, []
    for place, line in enumerate(path.read_bytes().splitlines()):
        body = split_seal(line)[0]
        changed = change(body) if place == number else body
        assert (changed != body) == (place == number)
        line_sealed, seal = sealed(changed, seal)
        lines.append(line_sealed)
    path.write_bytes(b"".join(lines))
    (path.parent / SEALS).unlink(missing_ok=True)


def _by_stage(run: Path) -> dict[str, tuple[int, Response]]:
    """The first response of each stage, with the number of its line."""
    found: dict[str, tuple[int, Response]] = {}
    for number, response in enumerate(read_records(run / RESPONSES, Response)):
        found.setdefault(response.call_for.stage, (number, response))
    return found


def _problems(run: Path) -> str:
    found = verify_run(RunFolder(run))
    # The scores follow from the texts, so that they are named too, behind the record.
    return "\n".join(problem for problem in found.problems if SUMMARY not in problem)


def test_every_pipeline_and_probe_is_checked_and_holds(made: Made) -> None:
    """Requests, answers and outputs of all of them follow, and nothing was left unchecked."""
    assert {*ASKING, *PROBES, "each", "baseline-retrieval"} <= made.runs.keys()
    for name, path in made.runs.items():
        found = verify_run(RunFolder(made.folder / path))
        assert (found.problems, found.unchecked) == ((), ()), name


@pytest.mark.parametrize("name", ASKING)
def test_a_flipped_byte_of_each_stage_is_located(made: Made, name: str, tmp_path: Path) -> None:
    """In the request and in the answer of each stage, the line is named."""
    run = _copy(made, name, tmp_path)
    path = run / RESPONSES
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    for stage, (number, response) in _by_stage(run).items():
        for part in (response.request_digest, "cm in the left lung"):
            place = sum(map(len, lines[:number])) + lines[number].index(part.encode())
            path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            assert f"{RESPONSES}, line {number + 1}, was changed" in _problems(run), (stage, part)
    path.write_bytes(data)
    assert _problems(run) == ""


@pytest.mark.parametrize("what", ["answer", "prompt", "request"])
@pytest.mark.parametrize("name", ASKING)
def test_a_record_of_each_stage_contradicts_the_rest(
    made: Made, name: str, what: str, tmp_path: Path
) -> None:
    """Though all seals were made anew: the call itself, or what was made of its answer."""
    order = list(_by_stage(made.folder / made.runs[name]))
    for stage, (number, response) in _by_stage(made.folder / made.runs[name]).items():
        run = _copy(made, name, tmp_path / stage)

        def change(line: bytes) -> bytes:
            record = json.loads(line)
            if what == "answer":
                record["text"] = record["text"].replace("mass", "cyst")
            elif what == "prompt":
                record["prompt"] += "."
            else:
                record["request_digest"] = "0" * 64
            return json.dumps(record, separators=(",", ":")).encode()

        _change(run / RESPONSES, number, change)
        problems = _problems(run)
        mine = f"'{response.response_id}' (stage '{stage}')"
        if what == "prompt":
            assert problems == f"{RESPONSES}: {mine} has another prompt than was sent"
        elif what == "request":
            assert problems == (
                f"{RESPONSES}: {mine} answers no request of case '{response.call_for.case_id}'"
            )
        elif stage != order[-1] and name in {"two-stage", "refine"}:
            later = order[order.index(stage) + 1]
            assert f"(stage '{later}') answers no request of case '{response.call_for.case_id}'" in problems
        else:
            words = f"{OUTPUTS}: case '{response.call_for.case_id}' does not follow from its answers"
            assert problems.startswith(words), (stage, problems)


def test_a_baseline_is_made_again(made: Made, tmp_path: Path) -> None:
    """A text that a baseline does not give to the case is named."""
    run = _copy(made, "baseline-retrieval", tmp_path)
    _change(run / OUTPUTS, 1, lambda line: line.replace(b"There is a", b"There is no"))
    assert "does not follow from its answers" in _problems(run)


@pytest.mark.parametrize("name", ["baseline-best-list", "self-consistency"])
def test_what_an_older_metric_read_is_no_change_of_records(made: Made, name: str, tmp_path: Path) -> None:
    """With another engine the commonest findings, and those of most samples, may be others: that is said.

    By the engine that read them it is a contradiction, and so it is of a pipeline that reads no findings.
    """
    run = _copy(made, name, tmp_path)
    _change(run / OUTPUTS, 1, lambda line: line.replace(b'"text":"', b'"text":"Other. '))
    assert "does not follow from its answers" in _problems(run)
    now = METHOD.encode()
    _change(run / OUTPUTS, 1, lambda line: line.replace(now, b"finding:1.0.0|vocab:2026.1.1"))
    assert _problems(run) == ""
    unchecked = "; ".join(verify_run(RunFolder(run)).unchecked)
    words = "1 output: what the finding metric reads decides, which was 'finding:1.0.0|vocab:2026.1.1' then"
    assert f"{words} and is '{METHOD}' now" in unchecked
    _change(run / OUTPUTS, 1, lambda line: line.replace(b"read_by", b"other"))
    assert "which was that of medbench" in "; ".join(verify_run(RunFolder(run)).unchecked)
    other = _copy(made, "baseline-retrieval", tmp_path / "other")
    _change(other / OUTPUTS, 1, lambda line: line.replace(b"There is a", b"There is no"))
    write_one(other / HEAD, RunFolder(other).head.model_copy(update={"medbench": "0.0.9"}))
    assert "does not follow from its answers" in _problems(other)


def test_a_run_that_names_code_or_other_stages_is_said_to_be_unchecked(
    made: Made, tmp_path: Path, module: Callable[[str, str], str]
) -> None:
    """A pipeline from outside is not imported; stages and settings that are not as now are no error."""
    module("evil", "raise SystemExit('imported')")
    run = RunFolder(_copy(made, "self-consistency", tmp_path))
    system = run.head.system
    for changed, words in (
        ({"pipeline": "evil:Thing"}, "pipeline 'evil:Thing' is none of medbench's"),
        ({"pipeline": "refine"}, "pipeline 'refine' has other stages in this version"),
        ({"settings": {}}, "setting 'samples' of pipeline 'self-consistency' is not recorded"),
    ):
        write_one(run.path / HEAD, run.head.model_copy(update={"system": system.model_copy(update=changed)}))
        assert f"requests: {words}" in verify_run(RunFolder(run.path)).unchecked


def test_a_replayed_run_holds(made: Made, tmp_path: Path) -> None:
    """Its answers are another run's; no prompt was recorded, so no request is made anew."""
    from medbench.api.running.run import run

    folder = _copy(made, "single", tmp_path)
    run(str(tmp_path / "bench"), f"replay:{folder}", out=tmp_path / "again", progress=False)
    (replayed,) = (tmp_path / "again" / "bench").glob("replay-*")
    (found,) = verify(replayed).record.runs
    assert found.problems == ()
    assert "requests: the prompt of 'single' is not recorded" in found.unchecked
