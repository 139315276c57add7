"""The step `run` with several servers, several images, a budget, and answers that were paid for before."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from systems import Quiet, prepared

from medbench.client.retry import Policy
from medbench.errors import BudgetError, ProviderError, UsageError
from medbench.prompts.prompt import Prompt
from medbench.schema.model import Limits, ModelFile, Price
from medbench.schema.response import Reply, Request, Response, Usage
from medbench.schema.run import Event, ModelUse, Output, PromptUse, System
from medbench.scoring.parsing.text import parse
from medbench.steps.access.systems import PreparedSystem
from medbench.steps.compare.compare import compare_runs
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all
from medbench.steps.run.run_plan import RunPlan
from medbench.steps.run.unit import Outcome
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.outputs import outputs_that_count
from medbench.store.runs import EVENTS, OUTPUTS, RESPONSES, RunFolder

PROMPT = Prompt(kind="findings", uses=("history", "images"), text="$history $images", name="short")


class Server:
    """A provider outside the package; what it is asked is kept for the whole test."""

    asked: list[Request]
    servers_in_flight: dict[str, int]
    together: set[frozenset[str]]
    peak: int
    """Most calls in flight at any time, on all servers."""
    meeting: asyncio.Barrier | None
    """Where the first call of each server waits for that of the other one."""
    says: Callable[[Request], Reply]

    def __init__(self, model: ModelFile, pictures: object) -> None:
        self.name = model.base_url or ""

    async def ask(self, request: Request) -> Reply:
        """Log the request and who else is being asked, then answer."""
        cls = type(self)
        cls.asked.append(request)
        is_first = self.name not in cls.servers_in_flight
        cls.servers_in_flight[self.name] = cls.servers_in_flight.get(self.name, 0) + 1
        if is_first and cls.meeting is not None:
            async with asyncio.timeout(30):
                await cls.meeting.wait()
        for _ in range(3):
            await asyncio.sleep(0)
            cls.together.add(frozenset(name for name, many in cls.servers_in_flight.items() if many))
            Server.peak = max(Server.peak, sum(cls.servers_in_flight.values()))
        cls.servers_in_flight[self.name] -= 1
        return cls.says(request)


def _mass(request: Request) -> Reply:
    text = f"FINDINGS:\nThere is a mass in {request.case_key}."
    return Reply(text=text, usage=Usage(input=10, output=100, source="provider"))


@pytest.fixture(autouse=True)
def _server() -> Iterator[None]:
    """Give the provider an empty memory."""
    Server.asked, Server.servers_in_flight, Server.together, Server.peak = [], {}, set(), 0
    Server.says, Server.meeting = staticmethod(_mass), None
    yield
    Server.asked = []


def _server_system(
    name: str = "a", *, images: str = "all", server: str = "one", price: Price | None = None
) -> PreparedSystem:
    way = f"{__name__}:Server"
    system = System(
        name=name,
        family="other",
        pipeline="single",
        model=ModelUse(name=name, provider=way, id="m-1"),
        prompt=PromptUse(name=PROMPT.name, digest=PROMPT.digest),
        images=images,
        settings={"max_tokens": 100},
    )
    model = ModelFile(
        provider=way, id="m-1", base_url=server, price=price, limits=Limits(concurrency=2, image_tokens=0)
    )
    return prepared(system, model, PROMPT)


def _run(bench: BenchmarkFolder, root: Path, *systems: PreparedSystem, **changes: Any) -> list[Outcome]:
    hooks = RunHooks(changes.pop("watcher", Quiet()), policy=Policy(patience_s=0, refused_s=0))
    plan = RunPlan(
        benchmark=bench.address,
        systems=systems or (_server_system(),),
        root=root,
        command="medbench run",
        **changes,
    )
    return run_all(plan, hooks)


def _responses(folder: Path) -> list[Response]:
    return list(read_records(folder / RESPONSES, Response))


def test_systems_on_different_servers_run_at_the_same_time(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Two servers are asked together; two systems on one server are not."""
    Server.meeting = asyncio.Barrier(2)
    _run(bench, tmp_path, _server_system("a", server="one"), _server_system("b", server="two"))
    assert frozenset({"one", "two"}) in Server.together
    Server.meeting = None
    first = _server_system("c", server="one")
    changed = first.system.model_copy(update={"name": "d", "settings": {"max_tokens": 7}})
    _run(bench, tmp_path, first, prepared(changed, first.stages[0].model, PROMPT))
    order = [request.settings["max_tokens"] for request in Server.asked[-12:]]
    assert order == [100] * 6 + [7] * 6


@pytest.mark.parametrize("interleaved", [False, True])
@pytest.mark.parametrize("most", [1, 3])
def test_what_is_asked_for_is_the_most_of_all_servers(
    bench: BenchmarkFolder, tmp_path: Path, most: int, interleaved: bool
) -> None:
    """Three systems on two servers, as in a run or in an experiment: so many calls and never one more."""
    systems = [_server_system(name, server=server) for name, server in (("a", "one"), ("b", "two"))]
    other = systems[0].system.model_copy(update={"name": "c", "settings": {"max_tokens": 7}})
    model = systems[0].stages[0].model.model_copy(update={"id": "m-2"})
    systems.append(prepared(other, model, PROMPT))
    _run(bench, tmp_path, *systems, concurrency=most, interleaved=interleaved)
    assert len(Server.asked) == (12 if interleaved else 18), "an experiment asks what is the same once"
    assert Server.peak == most


def test_one_server_that_fails_does_not_stop_the_other(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A server that is given up leaves its own cases not run; the other one's outputs are complete."""

    def says(request: Request) -> Reply:
        if request.settings["max_tokens"] == 7:
            raise ProviderError("unauthorized", "wrong key", final=False, status=401, stops=True)
        return _mass(request)

    Server.says = staticmethod(says)
    broken = _server_system("b", server="two")
    system = broken.system.model_copy(update={"settings": {"max_tokens": 7}})
    good, bad = _run(bench, tmp_path, _server_system("a"), prepared(system, broken.stages[0].model, PROMPT))
    assert (good.run.left, good.given_up) == (0, None)
    assert bad.run.left == 6
    assert bad.given_up is not None
    assert "wrong key" in bad.given_up.message
    kinds = [event.kind for event in read_records(bad.run.folder / EVENTS, Event)]
    assert kinds == ["started", "breaker", "ended"]


@pytest.mark.parametrize(("images", "sent"), [("all", [1, 2]), ("first", [1, 1]), ("none", [0, 0])])
def test_the_chosen_images_are_sent_and_counted_in_the_prompt(
    bench: BenchmarkFolder, tmp_path: Path, images: str, sent: list[int]
) -> None:
    """A request has the images that the system sends, and the prompt says how many."""
    _run(bench, tmp_path, _server_system(images=images), limit=2)
    found = sorted((request.case_key, len(request.images), request.text[-1]) for request in Server.asked)
    assert [many for _, many, _ in found] == sent
    assert [said for _, _, said in found] == [str(many) for many in sent]


def test_each_image_in_a_call_of_its_own(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """With 'each', a case of two images makes two calls; their findings are parsed as one output."""
    numbers = iter(range(1, 99))

    def says(request: Request) -> Reply:
        return Reply(text=f"FINDINGS:\nMass number {next(numbers)} is seen.\n\nIMPRESSION:\nTumour.")

    Server.says = staticmethod(says)
    (outcome,) = _run(bench, tmp_path, _server_system(images="each"))
    assert [len(request.images) for request in Server.asked] == [1] * 9
    outputs = {output.case_id: output for output in outputs_that_count(RunFolder(outcome.run.folder))}
    two = outputs["case-001"]
    assert len(two.responses) == 2
    assert two.text is not None
    assert two.text.startswith("=== answer 1 of 2 ===\n")
    parsed = parse(two.text)
    assert parsed.section == "findings"
    assert parsed.findings.count("is seen.") == 2
    assert "answer" not in parsed.findings
    assert "Tumour" not in parsed.findings
    assert outputs["case-000"].text == "FINDINGS:\nMass number 1 is seen.\n\nIMPRESSION:\nTumour."


def test_without_an_answer_to_one_image_there_is_no_output(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """With 'each', one call that failed fails the case; the answer that came is kept and not asked again."""
    failing = [True]

    def says(request: Request) -> Reply:
        if failing[0] and request.images[0].file.endswith("-2.png"):
            raise ProviderError("timeout", "too slow", final=False)
        return _mass(request)

    Server.says = staticmethod(says)
    (outcome,) = _run(bench, tmp_path, _server_system(images="each"), limit=2)
    assert outcome.open_failures == {"timeout": 1}
    failing[0] = False
    before = len(Server.asked)
    (outcome,) = _run(bench, tmp_path, _server_system(images="each"), limit=2)
    assert (outcome.run.left, len(Server.asked) - before) == (0, 1)


def _larger(write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path) -> BenchmarkFolder:
    return write_benchmark(tmp_path / "larger", 9)


def test_a_larger_draw_costs_only_the_new_cases(
    bench: BenchmarkFolder, write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Answers of the same system to the same cases are taken from the run that paid, and marked with it."""
    root = tmp_path / "runs"
    (small,) = _run(bench, root)
    assert len(Server.asked) == 6
    (large,) = _run(_larger(write_benchmark, tmp_path), root)
    assert (len(Server.asked), large.reused, large.run.left) == (9, 6, 0)
    outputs = list(read_records(large.run.folder / OUTPUTS, Output))
    assert sorted(output.reused_from or "" for output in outputs) == [""] * 3 + ["bench/a"] * 6
    paid = {response.response_id: response for response in _responses(small.run.folder)}
    for response in _responses(large.run.folder):
        if response.reused_from:
            assert response.model_copy(update={"reused_from": None}) == paid[response.response_id]
    shutil.rmtree(small.run.folder)
    (again,) = _run(_larger(write_benchmark, tmp_path / "again"), root)
    assert (again.answered, again.run.left) == (0, 0), (
        "what was taken is whole without the run that it came from"
    )


def test_what_is_not_the_same_is_asked(
    bench: BenchmarkFolder, write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Another prompt, a case that was changed, a failure and --fresh are asked anew."""
    root = tmp_path / "runs"

    def says(request: Request) -> Reply:
        if request.case_key == "case-000/0" and len(Server.asked) < 7:
            raise ProviderError("blocked", "safety", final=True)
        return _mass(request)

    Server.says = staticmethod(says)
    _run(bench, root)
    older = write_benchmark(
        tmp_path / "changed",
        6,
        changed=lambda case: (
            case.model_copy(update={"age": "61", "digest": ""}) if case.case_id == "case-001" else case
        ),
    )
    (outcome,) = _run(older, root)
    assert outcome.reused == 4
    assert {request.case_key for request in Server.asked[6:]} == {"case-000/0", "case-001/0"}
    other = prepared(
        _server_system().system.model_copy(update={"settings": {"max_tokens": 9}}),
        _server_system().stages[0].model,
        PROMPT,
    )
    (outcome,) = _run(write_benchmark(tmp_path / "third", 7), root, other)
    assert outcome.reused == 0
    (outcome,) = _run(write_benchmark(tmp_path / "fourth", 8), root, fresh=True)
    assert outcome.reused == 0


def test_an_alias_that_moved_keeps_its_exact_model(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that began with one exact model goes on with it when the shipped name means a newer one."""
    _run(bench, tmp_path, limit=2)
    moved = _server_system()
    system = moved.system.model_copy(update={"model": moved.system.model.model_copy(update={"id": "m-2"})})  # type: ignore[union-attr]
    newer = prepared(system, moved.stages[0].model.model_copy(update={"id": "m-2"}), PROMPT)
    monkeypatch.setattr("medbench.steps.run.run_folder.shipped_models", lambda: {"a": {"id": "m-2"}})
    watcher = Quiet()
    (outcome,) = _run(bench, tmp_path, newer, watcher=watcher)
    assert outcome.run.left == 0
    assert {response.asked for response in _responses(outcome.run.folder)} == {"m-1"}
    assert "goes on with m-1" in watcher.notices[0]
    (fresh,) = _run(bench, tmp_path, newer, fresh=True)
    assert fresh.run.folder.name == "a@2"
    assert {response.asked for response in _responses(fresh.run.folder)} == {"m-2"}


def test_another_model_that_answers_is_flagged_and_named(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """An answer of a model that nobody asked for has a flag, and its name stands in the row."""

    def says(request: Request) -> Reply:
        other = request.case_key in {"case-001/0", "case-002/0"}
        return _mass(request).model_copy(update={"answered": "m-9-mini" if other else "m-1-001"})

    Server.says = staticmethod(says)
    (outcome,) = _run(bench, tmp_path)
    comparison = compare_runs([RunFolder(outcome.run.folder)])
    assert comparison.systems[0].flags == {"other_model": 2}
    assert comparison.systems[0].other_models == ("m-9-mini",)


def test_systems_that_were_sent_other_images_are_told(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Two systems of which one saw more images than the other stand side by side with a notice."""
    outcomes = _run(bench, tmp_path, _server_system("a"), _server_system("b", images="first"))
    comparison = compare_runs([RunFolder(outcome.run.folder) for outcome in outcomes])
    assert comparison.notices == ("The systems were not sent the same images of a case: all, first.",)


def test_what_cannot_be_bounded_is_said(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A ceiling that cannot hold is refused before anything is sent; without one the run goes on."""
    priced, unknown = _server_system(price=Price(input=0.0, output=1000.0)), _server_system()
    model = priced.stages[0].model.model_copy(update={"limits": Limits(concurrency=1)})
    with pytest.raises(UsageError, match=r"a ceiling of \$0\.25 cannot hold"):
        _run(bench, tmp_path, prepared(priced.system, model, PROMPT), max_cost=0.25)
    with pytest.raises(UsageError, match=r"a ceiling of \$0 cannot hold"):
        _run(bench, tmp_path, unknown, max_cost=0.0)
    assert not Server.asked
    watcher = Quiet()
    (outcome,) = _run(bench, tmp_path, unknown, max_cost=0.25, must_hold=False, watcher=watcher)
    assert "the ceiling of $0.25 cannot hold for its calls" in watcher.notices[0]
    assert outcome.run.left == 0


def test_a_budget_ends_the_run_and_the_same_line_goes_on(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """What could cost too much is not sent; what was answered is kept, priced, and never paid again."""
    price = Price(input=0.0, output=1000.0)  # a tenth of a dollar for each answer of 100 tokens
    (outcome,) = _run(bench, tmp_path, _server_system(price=price), max_cost=0.35)
    assert (outcome.run.done.texts, outcome.run.left) == (3, 3)
    assert isinstance(outcome.given_up, BudgetError)
    assert [response.cost.usd for response in _responses(outcome.run.folder) if response.cost] == [0.1] * 3
    (outcome,) = _run(bench, tmp_path, _server_system(price=price), max_cost=0.35)
    assert (outcome.run.left, len(Server.asked)) == (0, 6)
