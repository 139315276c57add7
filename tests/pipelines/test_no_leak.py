"""No field of a reference can reach a prompt: every pipeline is run with a token in every one of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel
from systems import prepared

from medbench import pipelines
from medbench.config import Settings
from medbench.pipelines import pipeline_class, single
from medbench.prompts import prompt as prompts
from medbench.prompts.prompt import load_prompt
from medbench.registry import names_in, shipped_names
from medbench.schema.case import Case
from medbench.schema.model import ModelFile
from medbench.schema.reference import Reference
from medbench.schema.run import System
from medbench.schema.spec import StageSpec, SystemSpec
from medbench.schema.training import Chat
from medbench.steps.access.probes import PROBES
from medbench.steps.access.systems import prepare
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all
from medbench.steps.run.run_plan import RunPlan
from medbench.steps.training.examples import TrainingPlan, export_training
from medbench.store.benchmark import BenchmarkFolder

ASKING = [name for name in names_in("pipelines") if not name.startswith("baseline-")]
WITHOUT_TEXT = {"schema_version", "case_id", "flags"}
"""Fields that cannot hold words of the source: a number, the name that cases have too, a fixed vocabulary."""
RECORDER = """
import json, os, pathlib
from medbench.schema.response import Reply

SEEN = pathlib.Path(os.environ["SEEN"])

def keep(**what):
    with SEEN.open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\\n")

class Provider:
    def __init__(self, model, pictures):
        keep(made_with=[model.model_dump_json(), repr(model), repr(pictures)])
        self.pictures = pictures
    async def ask(self, request):
        images = [self.pictures.read(image).decode("latin-1") for image in request.images]
        keep(request=request.model_dump_json(), key=request.case_key, whole=repr(request), images=images)
        return Reply(text="FINDINGS: a mass.")
"""


def _filled(kind: type[BaseModel], token: Callable[[str], str], prefix: str = "") -> dict[str, Any]:
    """A value with tokens for every field of a record that can hold a text, however deep."""
    return {
        name: value
        for name, field in kind.model_fields.items()
        if (value := _value(field.annotation, f"{prefix}{name}", token)) is not None
    }


def _value(kind: Any, name: str, token: Callable[[str], str]) -> Any:
    if kind is str:
        return token(name)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind.model_validate(_filled(kind, token, f"{name}."))
    if get_origin(kind) is tuple:
        inner = _value(get_args(kind)[0], name, token)
        return None if inner is None else (inner,)
    if get_origin(kind) is dict:
        return {token(f"{name}.key"): _value(get_args(kind)[1], name, token)}
    values = [
        _value(part, name, token) for part in get_args(kind) if isinstance(part, type) or get_args(part)
    ]
    return next((value for value in values if value is not None), None)


def _token(case_id: str, name: str) -> str:
    return f"canary<{case_id}|{name}>"


def _canaries(case: Case) -> dict[str, Any]:
    filled = _filled(Reference, lambda name: _token(case.case_id, name))
    return filled | {"case_id": case.case_id}


def _reference(case: Case) -> Reference:
    filled = _canaries(case)
    if case.case_id.startswith("pool"):
        filled["text"] = "A pool case may be shown."
    return Reference.model_validate(filled)


def _all_tokens(value: Any) -> Iterator[str]:
    text = json.dumps(value)
    while (start := text.find("canary<")) >= 0:
        end = text.index(">", start) + 1
        yield text[start:end]
        text = text[end:]


@pytest.fixture
def canaries(write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path) -> BenchmarkFolder:
    """A benchmark with a token in every field of every reference, also of the pool's except its texts."""
    return write_benchmark(tmp_path / "canaries", 4, pool=4, reference=_reference)


@pytest.fixture
def look(
    canaries: BenchmarkFolder,
    tmp_path: Path,
    module: Callable[[str, str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., tuple[list[dict[str, Any]], set[str]]]:
    """A function that runs a pipeline with a recorder: what was seen, and the tokens in it."""
    seen = tmp_path / "seen.jsonl"
    monkeypatch.setenv("SEEN", str(seen))
    module("my_mod", RECORDER)

    def run(
        pipeline: str, probe: str | None = None, **stages: StageSpec
    ) -> tuple[list[dict[str, Any]], set[str]]:
        if pipeline.startswith("baseline-"):
            system = System(name=pipeline, family="baseline", pipeline=pipeline)
            who = prepared(system, ModelFile(pipeline=pipeline))
        else:
            spec = SystemSpec(
                model="my_mod:Provider", pipeline=pipeline, images="all", stages=stages, probe=probe
            )
            who = prepare([spec], Settings(), tmp_path, canaries)[0]
            system = who.system
        said: list[str] = []

        class Watcher:
            def __getattr__(self, _: str) -> Callable[..., None]:
                return lambda *what: said.append(str(what))

        root = tmp_path / "runs"
        plan = RunPlan(
            benchmark=canaries.address, systems=(who,), root=root, command="medbench run", replicates=2
        )
        (outcome,) = run_all(plan, RunHooks(Watcher()))
        assert outcome.run.done.texts == (4 if system.is_floor else 8), "or the test would show nothing"
        lines = [json.loads(line) for line in seen.read_text("utf-8").splitlines()] if seen.exists() else []
        files = {
            path.name: path.read_text("utf-8") for path in outcome.run.folder.iterdir() if path.is_file()
        }
        return lines, set(_all_tokens([lines, files, said]))

    return run


def test_every_field_of_a_reference_holds_a_token(canaries: BenchmarkFolder) -> None:
    """Each field that can hold a text does; a new field of another kind fails here until it is covered."""
    reference = next(canaries.references())
    held = set(_all_tokens(reference.model_dump(mode="json")))
    names = {token.partition("|")[2].rstrip(">").partition(".")[0] for token in held}
    assert names == set(Reference.model_fields) - WITHOUT_TEXT
    assert {"canary<case-000|known_findings.kind>", "canary<case-000|known_findings.site>"} <= held


@pytest.mark.parametrize("pipeline", names_in("pipelines"))
def test_no_pipeline_shows_a_reference(
    look: Callable[..., tuple[list[dict[str, Any]], set[str]]], pipeline: str
) -> None:
    """No token is in any request, its key, its images' names and bytes, what the provider was made with,
    nor in anything that the run wrote or said.
    """  # noqa: D205
    lines, tokens = look(pipeline)
    assert tokens == set()
    assert pipeline.startswith("baseline-") or len(lines[0]["made_with"]) == 3
    if pipeline == "single":
        requests = [line for line in lines if "request" in line]
        assert len(requests) == 8
        assert all("History of patient" in line["request"] for line in requests)
        assert all(line["images"] and "PNG" in line["images"][0] for line in requests)


@pytest.mark.parametrize("name", shipped_names("prompts/findings"))
def test_no_prompt_shows_a_reference(
    look: Callable[..., tuple[list[dict[str, Any]], set[str]]], name: str
) -> None:
    """Each shipped prompt, in each stage of each pipeline that fills in what it needs."""
    needs = load_prompt("findings", name).needs
    places = [
        (pipeline, role)
        for pipeline in ASKING
        for role in pipeline_class(pipeline).roles
        if pipeline_class(pipeline).gives.get(role, frozenset()) == needs
    ]
    assert places
    for pipeline, role in places:
        lines, tokens = look(pipeline, **{role: StageSpec(prompt=name)})
        assert tokens == set(), (pipeline, role)
        assert [line for line in lines if "request" in line]


@pytest.mark.parametrize("probe", PROBES)
def test_no_probe_shows_a_reference(
    look: Callable[..., tuple[list[dict[str, Any]], set[str]]], probe: str
) -> None:
    """Each probe of each pipeline that asks a model, whatever is shown in the place of a case."""
    for pipeline in ASKING:
        lines, tokens = look(pipeline, probe)
        assert tokens == set(), pipeline
        assert [line for line in lines if "request" in line]


@pytest.mark.parametrize("chat", get_args(Chat))
def test_no_export_shows_a_reference(canaries: BenchmarkFolder, tmp_path: Path, chat: Chat) -> None:
    """Training examples of the pool, with each prompt that needs no pipeline: in no file, nor in a name."""
    shipped = shipped_names("prompts/findings")
    prompts_alone = [name for name in shipped if not load_prompt("findings", name).needs]
    for name in prompts_alone:
        out = tmp_path / name / "train.jsonl"
        out.parent.mkdir()
        prompt = load_prompt("findings", name)
        export_training(TrainingPlan(canaries, False, (), chat, prompt, "gs://bucket/folder"), out)
        written = [file for file in out.parent.rglob("*") if file.is_file()]
        assert (
            set(_all_tokens([[str(file), file.read_bytes().decode("latin-1")] for file in written])) == set()
        )
        assert "A pool case may be shown." in out.read_text("utf-8")


def test_a_planted_leak_is_found(
    look: Callable[..., tuple[list[dict[str, Any]], set[str]]],
    canaries: BenchmarkFolder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If filling a prompt leaked any one field of a reference, the test above would find exactly that one."""
    real = prompts.fill
    planted: set[str] = set()
    tokens = {
        reference.case_id: sorted(set(_all_tokens(reference.model_dump(mode="json"))))
        for reference in canaries.references()
    }

    def leaking(prompt: Any, case: Case, images: int | None, **_: str) -> str:
        token = tokens[case.case_id][len(planted) % len(tokens[case.case_id])]
        planted.add(token)
        return f"{real(prompt, case, images)} ({token})"

    monkeypatch.setattr(pipelines, "fill", leaking)
    _, found = look("single")
    assert found == planted
    assert len(planted) >= 4


def test_a_leak_by_key_or_image_name_is_found(
    look: Callable[..., tuple[list[dict[str, Any]], set[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The detector reads more than the prompt: a token in the case key or in a setting is found too."""
    real = single.Pipeline.plan

    def leaking(self: single.Pipeline, case: Case, replicate: int) -> Any:
        (call,) = real(self, case, replicate)
        key, setting = _token(case.case_id, "key"), _token(case.case_id, "setting")
        request = call.request.model_copy(update={"case_key": key, "settings": {"a": setting}})
        return [replace(call, request=request)]

    monkeypatch.setattr(single.Pipeline, "plan", leaking)
    _, found = look("single")
    assert found == {_token(f"case-{n:03d}", name) for n in range(4) for name in ("key", "setting")}
