"""The step `run` with its calls made on a cluster: the same outputs, and each call once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_cluster import FakeCluster, Shown
from systems import Quiet, prepared

from medbench.executors.cluster import ray_cluster
from medbench.executors.cluster.placement import Placement
from medbench.prompts.prompt import Prompt
from medbench.schema.model import Limits, ModelFile
from medbench.schema.response import Response
from medbench.schema.run import ModelUse, Output, PromptUse, System
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all
from medbench.steps.run.run_plan import RunPlan
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import OUTPUTS, RESPONSES

CASES = 40
PROMPT = Prompt(kind="findings", uses=("history", "images"), text="$history $images", name="short")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """Two machines in the place of Ray."""
    made = FakeCluster()
    monkeypatch.setattr(ray_cluster, "RayCluster", made)
    return made


@pytest.fixture(name="plan")
def _plan(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> Callable[[str, Placement], RunPlan]:
    """A function that plans a run of 'fake_cluster:Shown' on forty cases, in a folder of its own."""
    benchmark = write_benchmark(tmp_path / "many", CASES, pool=0)
    name = "fake_cluster:Shown"
    system = System(
        name="shown",
        family="other",
        pipeline="single",
        model=ModelUse(name="shown", provider=name, id="m"),
        prompt=PromptUse(name=PROMPT.name, digest=PROMPT.digest),
        images="all",
    )
    one = prepared(system, ModelFile(provider=name, id="m", limits=Limits(concurrency=8)), PROMPT)

    def plan(root: str, placement: Placement) -> RunPlan:
        return RunPlan(
            benchmark=benchmark.address,
            systems=(one,),
            root=tmp_path / root,
            command="run",
            replicates=2,
            placement=placement,
        )

    return plan


def _texts(plan: RunPlan) -> dict[tuple[str, int], str | None]:
    outputs = read_records(plan.root / "many" / "shown" / OUTPUTS, Output)
    return {(output.case_id, output.replicate): output.text for output in outputs}


def _run(plan: RunPlan) -> Quiet:
    quiet = Quiet()
    (outcome,) = run_all(plan, RunHooks(quiet))
    assert not outcome.run.left
    assert not outcome.open_failures
    return quiet


def test_the_outputs_are_those_of_this_machine(
    cluster: FakeCluster, plan: Callable[[str, Placement], RunPlan]
) -> None:
    """Each text says which case and bytes were shown; the plan goes through JSON with its placement."""
    local, there = plan("local", Placement()), plan("there", Placement(executor="ray", address="h:1"))
    assert RunPlan.model_validate_json(there.model_dump_json()) == there
    _run(local)
    quiet = _run(there)
    assert _texts(there) == _texts(local)
    assert len(_texts(there)) == CASES * 2
    assert cluster.address == "h:1"
    assert "Calls are made by 2 workers on 2 machines: node-0, node-1." in quiet.notices
    asked = Counter(key for worker in cluster.workers for key in worker.asked)
    assert set(asked) == {f"{case}/{replicate}" for case, replicate in _texts(there)}


def test_a_worker_that_dies_costs_what_was_in_flight(
    cluster: FakeCluster, plan: Callable[[str, Placement], RunPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every case has its answer in the ledger, once; only calls of the dead worker were made twice."""
    answered: list[str] = []
    usual = Shown.ask

    async def counted(self: Shown, request: object) -> object:
        answered.append(request.case_key)  # type: ignore[attr-defined]
        return await usual(self, request)  # type: ignore[arg-type]

    monkeypatch.setattr(Shown, "ask", counted)
    cluster.shares_disk, cluster.kills_at = True, 30
    there = plan("there", Placement(executor="ray"))
    quiet = _run(there)
    assert len(_texts(there)) == CASES * 2
    ledger = list(read_records(there.root / "many" / "shown" / RESPONSES, Response))
    assert Counter((one.call_for.case_id, one.sample) for one in ledger) == Counter(_texts(there).keys())
    again = [each for one in ledger for each in one.attempts if each.outcome == "worker_lost"]
    assert 0 < len(again) <= 8
    assert len(answered) - CASES * 2 <= len(again)
    assert all(one.cost is None or one.cost.usd is not None for one in ledger)
    assert any("is gone" in notice for notice in quiet.notices)


def test_there_are_workers_for_all_calls_at_a_time(
    cluster: FakeCluster, plan: Callable[[str, Placement], RunPlan]
) -> None:
    """A model that takes 48 calls at a time has three of five cores on two machines, each with 16."""
    cluster.core_count = 5
    there = plan("there", Placement(executor="ray"))
    (system,) = there.systems
    (stage,) = system.stages
    model = stage.model.model_copy(update={"limits": Limits(concurrency=48)})
    wide = system.model_copy(update={"stages": (stage.model_copy(update={"model": model}),)})
    _run(there.model_copy(update={"systems": (wide,)}))
    assert len(cluster.workers) == 3


def test_a_complete_run_joins_no_cluster(
    cluster: FakeCluster, plan: Callable[[str, Placement], RunPlan]
) -> None:
    """The same line again sends nothing, and starts nothing."""
    there = plan("there", Placement(executor="ray"))
    _run(there)
    begun = len(cluster.workers)
    _run(there)
    assert len(cluster.workers) == begun
    assert not cluster.is_connected


def test_with_no_worker_left_the_run_stops_and_goes_on_here(
    cluster: FakeCluster, plan: Callable[[str, Placement], RunPlan]
) -> None:
    """What came is kept; the same run is completed by another executor."""
    cluster.machines, cluster.rooms, cluster.kills_at = 1, 1, 20
    there = plan("there", Placement(executor="ray"))
    (outcome,) = run_all(there, RunHooks(Quiet()))
    assert outcome.given_up is not None
    assert "no worker of the cluster is left" in outcome.given_up.message
    kept = {key: text for key, text in _texts(there).items() if text is not None}
    assert 0 < len(kept) < CASES * 2
    _run(there.model_copy(update={"placement": Placement()}))
    now = _texts(there)
    assert len(now) == CASES * 2
    assert kept.items() <= now.items()
