"""What every pipeline has: its calls, its results, its plan, and its class by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medbench.config import Settings
from medbench.errors import UsageError
from medbench.images.recorded import Pictures
from medbench.pipelines import Pipeline, Result, Tools, pipeline_class
from medbench.prompts.prompt import Prompt
from medbench.registry import find_part, names_in
from medbench.schema.response import CallFor, Failure, Response
from medbench.schema.run import ModelUse, Stage, System
from medbench.schema.spec import StageSpec, SystemSpec
from medbench.steps.access.systems import prepare
from medbench.steps.run.calls import new_pipeline
from medbench.store.benchmark import BenchmarkFolder

PROMPT = Prompt(kind="findings", uses=("history", "images"), text="$history $images", name="short")


def _stage(role: str, **settings: Any) -> Stage:
    return Stage(
        role=role, model=ModelUse(name=role, provider="echo", id=f"{role}-1"), images="all", settings=settings
    )


def _tools(bench: BenchmarkFolder, *stages: Stage) -> Tools:
    system = System.of_stages(stages, name="s", family="other", pipeline="p", settings={"rounds": 2})
    pictures = Pictures(bench.path)
    return Tools(system, pictures, bench.pool, pictures, prompts={stage.role: PROMPT for stage in stages})


def test_a_call_is_made_of_its_roles_model_and_settings(bench: BenchmarkFolder) -> None:
    """Model and settings are the role's, the stage is named after it, the sample is the replicate."""
    tools = _tools(bench, _stage("reader", t=0.5), _stage("writer", t=1.0))
    case = list(bench.cases())[1]
    call = tools.call("writer", case, 3, tools.filled("writer", case, case.images), case.images)
    assert (call.request.model, call.request.settings) == ("writer-1", {"t": 1.0})
    assert call.request.text == "History of patient 1. 2"
    assert call.request.case_key == "case-001/3"
    assert call.call_for == CallFor(case_id="case-001", replicate=3, stage="writer", role="writer")
    assert (call.sample, call.bounded) == (3, True)
    named = tools.call("reader", case, 0, "x", stage="draft-2", sample=7, bounded=False)
    assert (named.call_for.stage, named.sample, named.bounded) == ("draft-2", 7, False)


@pytest.mark.parametrize(("settings", "length", "bounded"), [({"max_tokens": 70}, 70, True), ({}, 0, False)])
def test_an_answer_to_come_is_as_long_as_it_may_be(
    bench: BenchmarkFolder, settings: dict[str, Any], length: int, bounded: bool
) -> None:
    """A byte for each token that the settings allow; without a limit it is unbounded."""
    text, is_bounded = _tools(bench, _stage("reader", **settings), _stage("writer")).answer_to_come("reader")
    assert (len(text.encode()), is_bounded) == (length, bounded)


def _response(name: str, source: str | None = None, *, failed: bool = False) -> Response:
    return Response(
        response_id=name,
        request_digest="0" * 64,
        call_for=CallFor(case_id="c", stage="s"),
        asked="m",
        text=None if failed else "t",
        failure=Failure(kind="blocked", reason="r", final=True) if failed else None,
        reused_from=source,
    )


def test_a_result_names_its_responses_and_where_all_of_them_are_from() -> None:
    """It is reused where every response is, from one run; without a text it fails as the last one did."""
    reused = Result.of([_response("a", "x/y"), _response("b", "x/y")], "text")
    assert (reused.text, reused.responses, reused.reused_from) == ("text", ("a", "b"), "x/y")
    assert Result.of([_response("a", "x/y"), _response("b")], "text").reused_from is None
    assert Result.of([_response("a", "x/y"), _response("b", "z")], "text").reused_from is None
    failed = Result.of([_response("a", "x/y"), _response("b", "x/y", failed=True)], None)
    assert failed.failure is not None
    assert (failed.failure.kind, failed.responses, failed.reused_from) == ("blocked", ("a", "b"), None)


CODE = """
from medbench.pipelines import Pipeline

class Plain:
    async def answer(self, case, replicate):
        return None

class Unplanned(Pipeline):
    roles = ("model",)
    async def answer(self, case, replicate):
        return None

def function(tools):
    return None
"""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("pipe_mod:function", "is not a class"),
        ("pipe_mod:Unplanned", "asks models and has no `plan`"),
        ("pipe_mod:Nothing", "cannot be loaded"),
        ("singel", "no pipeline is called 'singel'"),
    ],
)
def test_what_is_no_pipeline_is_refused(module: Callable[[str, str], str], name: str, why: str) -> None:
    """A function, a class that asks models without saying how many calls, a name that is not there."""
    module("pipe_mod", CODE)
    with pytest.raises(UsageError, match=why) as caught:
        pipeline_class(name)
    assert caught.value.hint


def test_a_plain_class_gets_the_defaults(module: Callable[[str, str], str], bench: BenchmarkFolder) -> None:
    """A class outside the package that derives from nothing asks no model, and plans no call."""
    module("pipe_mod", CODE)
    kind = pipeline_class("pipe_mod:Plain")
    assert issubclass(kind, Pipeline)
    case = next(bench.cases())
    assert (kind.roles, list(kind(_tools(bench)).plan(case, 0))) == ((), [])


@pytest.mark.parametrize("name", names_in("pipelines"))
def test_a_plan_has_the_roles_of_its_pipeline(name: str, bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Each shipped pipeline plans calls for each of its roles, and makes none without a role."""
    kind = find_part("pipelines", "pipeline", name)
    if kind.roles:
        model = tmp_path / "m.toml"
        model.write_text('provider = "echo"\nid = "m"\n[settings]\nmax_tokens = 9\n', "utf-8")
        stages = {role: StageSpec(model=str(model)) for role in kind.roles}
        prepared = prepare([SystemSpec(pipeline=name, stages=stages)], Settings(), tmp_path, bench)[0]
        pipeline = new_pipeline(prepared, bench)
    else:
        pipeline = kind(_tools(bench))
    planned = [call for case in bench.cases() for call in pipeline.plan(case, 0)]
    assert {call.call_for.role for call in planned} == set(kind.roles)
    assert all(call.bounded for call in planned)
