"""From what is typed, and from what an experiment file holds, to systems."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from medbench.config import Settings
from medbench.errors import UsageError
from medbench.schema.spec import SystemSpec
from medbench.steps.access.specs import parse_changes, specs_of
from medbench.steps.access.systems import PreparedSystem, prepare
from medbench.store.benchmark import BenchmarkFolder

OWN = Settings(
    models={
        "eyes": {"provider": "echo", "id": "eyes-1", "family": "gemini", "settings": {"temperature": 1.0}},
        "pen": {"provider": "echo", "id": "pen-1", "family": "gemini", "limits": {"images": 0}},
        "odd": {"provider": "echo", "id": "odd-1"},
        "twice": {"provider": "echo", "id": "twice-1", "pipeline": "two_mod:Twice", "settings": {"t": 1.0}},
    }
)
CODE = """
from medbench.pipelines import Pipeline

class Twice(Pipeline):
    roles = ("model",)
    def plan(self, case, replicate):
        return []
    async def answer(self, case, replicate):
        raise NotImplementedError

class Two(Twice):
    roles = ("describer", "reporter")

class Rule(Pipeline):
    async def answer(self, case, replicate):
        raise NotImplementedError
"""


@pytest.fixture(autouse=True)
def _code(module: Callable[[str, str], str]) -> None:
    module("two_mod", CODE)


def _prepared(tmp_path: Path, *specs: SystemSpec) -> list[PreparedSystem]:
    """The systems of the specs, without the baselines."""
    head = SimpleNamespace(pool=0, name="b", digest="0")
    bench = cast("BenchmarkFolder", SimpleNamespace(head=head, pool_digest="0" * 64))
    return [one for one in prepare(specs, OWN, tmp_path, bench) if not one.system.is_floor]


def test_what_is_typed_becomes_specs() -> None:
    """Each model once, with the same settings, prompt and images; all of it plain data."""
    specs = specs_of(["a", "b", "a"], ["t=0.5", "deep=true"], None, "each")
    assert [spec.model_dump(exclude_defaults=True) for spec in specs] == [
        {"model": name, "images": "each", "settings": {"t": 0.5, "deep": True}} for name in "ab"
    ]
    assert specs_of([]) == []


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"changes": ["t=1"]}, "--set t=… has no model"),
        ({"changes": ["t=1"], "models": ["baseline-normal"]}, "--set t=… has no model"),
        ({"prompt": "comprehensiv"}, "no prompt is called 'comprehensiv'"),
        ({"images": "some"}, "'some'"),
        ({"models": ["a"], "changes": ["t=nan"]}, "'t=nan' is not a finite number"),
    ],
)
def test_mistyped_options_are_errors_with_and_without_a_model(typed: dict[str, Any], why: str) -> None:
    """What is typed wrong is said, also where no model would make use of it."""
    with pytest.raises(UsageError, match=why):
        specs_of(**{"models": [], **typed})


def test_values_are_read_as_toml_reads_them() -> None:
    """Numbers, truth values and quoted texts are such; anything else is a plain text."""
    values = parse_changes(["a=1", "b=1.5", "c=true", 'd="x"', "e=plain words", "f=", "g=[1"])
    assert values == {"a": 1, "b": 1.5, "c": True, "d": "x", "e": "plain words", "f": "", "g": "[1"}


def test_a_file_of_systems_makes_them(tmp_path: Path) -> None:
    """An experiment file's tables are specs as they stand: one model, or a model a stage."""
    tables = tomllib.loads("""
        [plain]
        model = "eyes"
        settings = { temperature = 0.5 }
        [two]
        pipeline = "two_mod:Two"
        images = "first"
        stages.describer = { model = "eyes", settings = { temperature = 0.25 } }
        stages.reporter = { model = "pen" }
        [half]
        model = "eyes"
        pipeline = "two_mod:Two"
        stages.reporter = { model = "odd", images = "none" }
    """)
    specs = [SystemSpec.model_validate({"name": name, **table}) for name, table in tables.items()]
    assert [SystemSpec.model_validate_json(spec.model_dump_json()) for spec in specs] == specs
    plain, two, half = _prepared(tmp_path, *specs)
    assert (plain.system.name, plain.system.settings, plain.system.several) == (
        "plain",
        {"temperature": 0.5},
        (),
    )
    assert [(one.role, one.model.name, one.images, one.settings) for one in two.system.stages] == [
        ("describer", "eyes", "first", {"temperature": 0.25}),
        ("reporter", "pen", "none", {}),
    ]
    assert (two.system.family, two.system.settings) == ("gemini", {})
    assert [stage.model.name for stage in half.system.stages] == ["eyes", "odd"]
    assert half.system.family == "gemini", "the file of the system's model says it"
    assert [stage.model.id for stage in half.stages] == ["eyes-1", "odd-1"]


def test_without_a_name_the_models_make_one(tmp_path: Path) -> None:
    """Pipeline and models, and what differs from the defaults, are in the name of a system."""
    stages = {"describer": {"model": "eyes"}, "reporter": {"model": "odd"}}
    spec = SystemSpec.model_validate({"pipeline": "two_mod:Two", "stages": stages, "images": "all"})
    (prepared,) = _prepared(tmp_path, spec)
    assert prepared.system.name == "two_mod-Two-eyes-odd+images=all"
    assert prepared.system.family == "other"


def test_a_model_file_may_name_a_pipeline_of_its_own(tmp_path: Path) -> None:
    """With provider and pipeline the model is asked by that pipeline; its settings are the model's."""
    (prepared,) = _prepared(tmp_path, SystemSpec(model="twice", settings={"t": 2}))
    assert (prepared.system.name, prepared.system.pipeline) == ("twice+t=2", "two_mod:Twice")
    assert [(stage.role, stage.settings) for stage in prepared.system.stages] == [("model", {"t": 2.0})]
    assert prepared.system.model is not None


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"model": "eyes", "pipeline": "two_mod:Rule"}, "'two_mod:Rule' does not ask 'eyes'"),
        ({"model": "eyes", "pipeline": "two_mod:To"}, "'two_mod:To' cannot be loaded"),
        ({"model": "eyes", "stages": {"reader": {}}}, "no stage of pipeline 'single' is called 'reader'"),
        ({"model": "eyes", "stages": {"model": {"model": "pen"}}}, "'single' does not ask 'eyes'"),
        ({"pipeline": "two_mod:Two"}, "stage 'describer' of 'two_mod:Two' has no model"),
        ({"pipeline": "single", "settings": {"t": 1}}, "'t' is not a setting of single"),
    ],
)
def test_a_model_too_many_or_too_few_is_an_error(tmp_path: Path, spec: dict[str, Any], why: str) -> None:
    """What a pipeline does not ask is not ignored, and what it asks is not guessed."""
    with pytest.raises(UsageError, match=why) as caught:
        _prepared(tmp_path, SystemSpec.model_validate(spec))
    assert caught.value.hint
