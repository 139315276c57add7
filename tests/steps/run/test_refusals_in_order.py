"""A dry run ends with the error with which its line ends, whichever of its systems have which faults."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from scripted import PROMPT, Scripted
from systems import Quiet, prepared

from medbench.errors import UsageError
from medbench.schema.model import ModelFile
from medbench.schema.run import ModelUse, PromptUse, System
from medbench.steps.access.systems import PreparedSystem
from medbench.steps.run.dry_run import planned
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all
from medbench.steps.run.run_plan import RunPlan
from medbench.store.benchmark import HEAD, BenchmarkFolder
from medbench.store.jsonl import write_one
from medbench.store.runs import HEAD as RUN_HEAD

FAULTS = ("keyless", "elsewhere", "nobody", "absent", "changed", "foreign", "unpriced", "sound")
"""No key; a host where the cases may not go; no such provider; no such code; begun as another system; begun
on other cases; no price beneath a ceiling; none."""


@pytest.fixture
def models(bench: BenchmarkFolder, chat: Any, medbench: Callable[..., Any], tmp_path: Path) -> None:
    """A model with each fault; the runs of two of them were begun."""
    chat.answers(chat.completion)
    given = {"keyless": 'key_env = "NO_KEY"', "nobody": "", "absent": "", "unpriced": ""}
    providers = {"nobody": "nobody", "absent": "not_there:Thing"}
    for name in FAULTS:
        host = "elsewhere" if name == "elsewhere" else "allowed"
        price = "" if name == "unpriced" else "price = { free = true }\n"
        (tmp_path / f"{name}.toml").write_text(
            f'provider = "{providers.get(name, "openai")}"\nid = "{name}"\n'
            f'base_url = "http://{host}.example/v1"\n{price}{given.get(name, "")}\n'
        )
    for name in ("changed", "foreign"):
        assert medbench("run", "bench", "-m", f"./{name}.toml", "--limit", "1").code == 0
    changed = tmp_path / "changed.toml"
    changed.write_text(f"{changed.read_text()}settings = {{ temperature = 0.5 }}\n")
    foreign = tmp_path / "runs/bench/foreign" / RUN_HEAD
    foreign.write_text(foreign.read_text().replace(bench.head.digest, "0" * 64))


def _error(said: Any) -> str:
    return next((line for line in said.err.splitlines() if line.startswith("Error: ")), "")


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("bound", [True, False])
def test_the_order_of_refusals_is_that_of_the_run(
    bench: BenchmarkFolder,
    medbench: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    *,
    bound: bool,
) -> None:
    """Each two faults in either order, with terms that bind the cases to a host and without."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789abcdef")
    if bound:
        write_one(bench.path / HEAD, bench.head.model_copy(update={"egress": ("allowed.example",)}))
    others = []
    for pair in permutations(FAULTS, 2):
        line = ("run", "bench", "-m", ",".join(f"./{name}.toml" for name in pair), "--max-cost", "1")
        dry, said = (_error(medbench(*words)) for words in ((*line, "--dry-run"), line))
        if dry != said:
            others.append((pair, dry, said))
    assert not others


class HostOfId(Scripted):
    """A provider whose host follows from the id of its model."""

    @classmethod
    def hosts(cls, model: ModelFile) -> tuple[str, ...]:
        """The id's first part, then a domain."""
        return (f"{model.id.partition('-')[0]}.example",)


def _model(identifier: str) -> PreparedSystem:
    provider = f"{__name__}:HostOfId"
    system = System(
        name="a",
        family="other",
        pipeline="single",
        model=ModelUse(name="a", provider=provider, id=identifier),
        prompt=PromptUse(name=PROMPT.name, digest=PROMPT.digest),
        images="all",
    )
    return prepared(system, ModelFile(provider=provider, id=identifier), PROMPT)


def _plan(bench: BenchmarkFolder, root: Path, system: PreparedSystem, **changes: Any) -> RunPlan:
    command = changes.pop("command", "medbench run")
    return RunPlan(benchmark=bench.address, systems=(system,), root=root, command=command, **changes)


@pytest.mark.parametrize(
    ("began", "now", "refused"),
    [("here-1", "there-2", False), ("there-1", "here-2", True), ("here-1", "here-2", False)],
)
def test_hosts_are_those_of_the_model_that_is_asked(
    bench: BenchmarkFolder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    began: str,
    now: str,
    refused: bool,
) -> None:
    """A run goes on with the model that its name meant when it began, wherever that one is asked today."""
    (begun,) = run_all(_plan(bench, tmp_path, _model(began), limit=2), RunHooks(Quiet()))
    assert begun.run.done.texts == 2
    monkeypatch.setattr("medbench.steps.run.run_folder.shipped_models", lambda: {"a": {"id": now}})
    write_one(bench.path / HEAD, bench.head.model_copy(update={"egress": ("here.example",)}))
    plan = _plan(bench, tmp_path, _model(now))
    dry = planned(plan, [], "", Quiet().notice)
    assert bool(dry.refusals) == refused
    if refused:
        with pytest.raises(UsageError, match=r"'a' is asked at 'there\.example'"):
            run_all(plan, RunHooks(Quiet()))
    else:
        (outcome,) = run_all(plan, RunHooks(Quiet()))
        assert outcome.run.left == 0
    # A run that begins takes the model of now.
    fresh = _plan(bench, tmp_path, _model(now), fresh=True, command="another line")
    assert bool(planned(fresh, [], "", Quiet().notice).refusals) == now.startswith("there")
