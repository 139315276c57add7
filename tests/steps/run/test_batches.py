"""`run --batch`: sent by one line, collected by the next, whatever the service does wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from batch_server import BatchServer, words_in
from batch_world import BatchWorld, batched_system

from medbench.errors import BudgetError, StoreError, UsageError
from medbench.prompts.prompt import load_prompt
from medbench.report.dry_run import plan_screen
from medbench.report.show.run import one_run
from medbench.schema.batch import CHECK
from medbench.schema.case import Case
from medbench.steps.run.dry_run import planned
from medbench.steps.show.run_view import show_run
from medbench.steps.verify.verify import verify_run
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.runs import RunFolder


@pytest.fixture
def world(bench: BenchmarkFolder, tmp_path: Path, batch_server: BatchServer) -> BatchWorld:
    """Six cases, and a server of batches in the network's place."""
    assert batch_server.batches == {}
    return BatchWorld(bench, tmp_path / "runs")


def test_one_line_sends_and_the_same_line_collects(world: BatchWorld, batch_server: BatchServer) -> None:
    """Nothing is asked one by one; answers come in any order and stand under their cases."""
    outcome = world.line()
    assert (outcome.run.left, outcome.waiting, outcome.given_up) == (6, 1, None)
    assert "sent 6 calls in 1 batch for $0.0079 at most, with 3 checks" in world.said[-1]
    outcome = world.line()
    assert (outcome.run.left, outcome.waiting) == (6, 1), "it has not ended"
    assert "in_progress" in world.said[-1]
    assert len(batch_server.batches) == 1
    batch_server.end()
    outcome = world.line()
    assert (outcome.run.left, outcome.waiting, outcome.answered) == (0, 0, 6)
    world.check_complete()
    assert "(completed, 9 of 9 done): 9 of 9 requests answered." in world.said[-1]
    assert batch_server.live == []
    assert len(batch_server.billed) == 9
    assert world.line().answered == 0, "complete: nothing is sent"
    assert len(batch_server.batches) == 1


def test_what_the_ledger_says_of_an_answer(world: BatchWorld, batch_server: BatchServer) -> None:
    """Its batch, half the price, and no seconds: nobody knows when it was worked on."""
    world.line()
    batch_server.end()
    outcome = world.line()
    one = next(one for one in world.responses() if one.call_for.case_id == "case-000")
    (batch,) = world.batches()
    assert (one.batch, one.latency_s, one.attempts[0].took_s) == (batch.name, None, None)
    assert one.attempts[0].start == world.time.isoformat(timespec="milliseconds")
    usage = one.usage
    assert usage.input is not None
    assert one.cost is not None
    assert one.cost.usd == pytest.approx((usage.input * 2.0 + 8 * 8.0) / 1e6 / 2)
    assert one.cost.basis == "tokens, price of the model file, batch"
    assert len(one.images_sent or ()) == 1
    assert one.prompt == "History of patient 0."
    checks = [one for one in world.responses() if one.call_for.stage == CHECK]
    assert len(checks) == 3
    assert outcome.spent.total().usd == pytest.approx(sum(r.cost.usd for r in world.responses() if r.cost))
    assert outcome.spent.total("canaries").calls == 0, "nothing of it is judging"


def test_it_counts_a_doubled_answer_once_and_leaves_a_dropped_one_not_run(
    world: BatchWorld, batch_server: BatchServer
) -> None:
    """The line that sees it sends nothing; the next one sends what is missing."""
    batch_server.drops, batch_server.doubles = {1}, {2}
    world.line()
    batch_server.end()
    outcome = world.line()
    assert (outcome.run.left, outcome.open_failures, outcome.waiting) == (1, {}, 0)
    assert "1 not worked on, 1 came twice, counted once" in world.said[-1]
    assert len(batch_server.batches) == 1
    batch_server.drops, batch_server.doubles = set(), set()
    assert world.line().waiting == 1
    assert len(batch_server.requests(batch_server.batches["batch_1"])) == 1 + 3
    batch_server.end()
    world.line()
    world.check_complete()


def test_an_expired_batch_keeps_what_came(world: BatchWorld, batch_server: BatchServer) -> None:
    """What expired has no failure: it was not run, and the same line sends it."""
    batch_server.expires = {1, 2, 3}
    world.line()
    batch_server.end()
    outcome = world.line()
    assert outcome.open_failures == {}
    assert outcome.answered == 6 - outcome.run.left > 0
    assert "batch_0" not in world.said[-1]
    assert "(expired, 6 of 9 done): 6 of 9 requests answered, 3 not worked on" in world.said[-1]
    batch_server.expires = set()
    world.line()
    batch_server.end()
    world.line()
    world.check_complete()
    assert len(batch_server.billed) == len(set(batch_server.billed)), "nothing was billed twice"


def test_a_batch_of_nothing_but_errors(world: BatchWorld, batch_server: BatchServer) -> None:
    """Each error has its kind; none is final where the model never answered, and the next line asks again."""
    batch_server.all_fail = (400, "Request contains an invalid argument.")
    world.line()
    batch_server.end()
    outcome = world.line()
    assert outcome.open_failures == {"bad_request": 6}
    assert "invalid argument" in outcome.first_reason
    assert "0 of 9 requests answered, 9 failed" in world.said[-1]
    assert len(batch_server.batches) == 1, "it does not ask again by itself"
    assert outcome.spent.total().usd == 0.0
    batch_server.all_fail = None
    world.line()
    batch_server.end()
    world.line()
    world.check_complete()


def test_errors_have_their_kind_and_one_of_the_request_is_final(
    world: BatchWorld, batch_server: BatchServer
) -> None:
    """A refused prompt stays refused where others are answered; an overload may pass."""
    batch_server.fails = {1: (400, "content_policy violation"), 2: (503, "overloaded")}
    world.line()
    batch_server.end()
    outcome = world.line()
    assert outcome.open_failures == {"unavailable": 1}
    assert outcome.run.done.final_failures == {"blocked_prompt": 1}
    assert outcome.run.left == 1


def test_a_refused_creation_sends_nothing_and_costs_nothing(
    world: BatchWorld, batch_server: BatchServer
) -> None:
    """429 at create: the line says so and ends; the same line sends it."""
    batch_server.refuses = 1
    outcome = world.line()
    assert outcome.waiting == 0
    assert outcome.given_up is not None
    assert "the service took no batch: too many requests (429)" in outcome.given_up.message
    assert [batch.is_open for batch in world.batches()] == [False]
    world.line()
    batch_server.end()
    world.line()
    world.check_complete()
    assert len(batch_server.batches) == 1
    assert not list(world.folder.glob("batches/*.requests.jsonl"))
    assert not list(world.folder.glob("batches/*.answers.jsonl"))


@pytest.mark.parametrize("step", ["state", "download"])
def test_a_service_that_is_down_is_asked_by_the_next_line(
    world: BatchWorld, batch_server: BatchServer, step: str
) -> None:
    """Nothing is lost and nothing is sent again."""

    def fail(at: str) -> None:
        if at == step:
            raise httpx.ConnectError("refused")

    world.line()
    batch_server.end()
    batch_server.before = fail
    outcome = world.line()
    assert (outcome.waiting, outcome.run.left) == (1, 6)
    assert "not known: no connection" in world.said[-1]
    batch_server.before = lambda _: None
    world.line()
    world.check_complete()
    assert len(batch_server.batches) == 1


def test_a_dry_run_counts_no_call_that_is_under_way(world: BatchWorld, batch_server: BatchServer) -> None:
    """Half the price, no minutes; what was sent is not counted again, and nothing is written."""
    (before,) = planned(world.plan(), (), "", lambda _: None).systems
    (live,) = planned(world.plan(batch=False), (), "", lambda _: None).systems
    assert before.forecast is not None
    assert live.forecast is not None
    assert before.forecast.most_usd == pytest.approx((live.forecast.most_usd or 0.0) / 2)
    assert (before.waiting, before.forecast.calls, before.forecast.minutes) == (0, 6, None)
    world.line(limit=4)
    there = {path: path.stat().st_mtime_ns for path in world.folder.rglob("*")}
    screen = planned(world.plan(), (), "", lambda _: None)
    (after,) = screen.systems
    assert after.forecast is not None
    assert (after.left, after.waiting, after.forecast.calls) == (6, 4, 2)
    words = str(list(plan_screen(screen)))
    assert "a: 4 calls are under way in batches." in words
    assert "In batches: at the price of batches" in words
    assert there == {path: path.stat().st_mtime_ns for path in world.folder.rglob("*")}
    assert len(batch_server.batches) == 1


def test_show_says_what_is_under_way(world: BatchWorld, batch_server: BatchServer) -> None:
    """Until it is collected."""
    world.line(limit=4)
    batch_server.end()
    words = str(list(one_run(show_run(RunFolder(world.folder)))))
    assert "4 calls are under way in batches: the line that sent them collects." in words
    world.line()
    assert "under way" in str(list(one_run(show_run(RunFolder(world.folder))))), "the other two are"
    batch_server.end()
    world.line()
    assert "under way" not in str(list(one_run(show_run(RunFolder(world.folder)))))


def test_one_swapped_pair_in_a_thousand_is_found(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, batch_server: BatchServer
) -> None:
    """By the tokens of the two, though no check is among them; nothing of the batch counts."""
    chance = random.Random(17)

    def with_history(case: Case) -> Case:
        words = chance.choices(["fever", "cough", "pain", "smoker", "fall"], k=chance.randint(2, 60))
        history = f"{case.case_id}: {' '.join(words)}"
        return Case(case_id=case.case_id, region=case.region, history=history, images=case.images)

    bench = write_benchmark(tmp_path / "large", 980, pool=0, changed=with_history)
    world = BatchWorld(bench, tmp_path / "runs")
    world.line()
    (batch,) = batch_server.batches.values()
    lines = batch_server.requests(batch)
    assert len(lines) == 1000
    calls = [n for n, line in enumerate(lines) if "image_url" in str(line["body"])]
    sizes = {n: words_in(lines[n]["body"]) for n in calls}
    one = chance.choice(calls)
    other = next(n for n in chance.sample(calls, 980) if abs(len(sizes[n][0]) - len(sizes[one][0])) > 60)
    batch_server.swaps = [(one, other)]
    batch_server.end()
    outcome = world.line()
    assert outcome.open_failures == {"mixed_up": 980}
    assert "the tokens of 2 answers fit each other's requests" in world.said[-1]


def test_a_batch_that_its_service_forgot_is_given_up_after_a_week(
    world: BatchWorld, batch_server: BatchServer
) -> None:
    """Before that, another key may be set than that of its account; nothing is sent in the meantime."""
    world.line()
    batch_server.end()
    batch_server.forgets = True
    outcome = world.line()
    assert (outcome.waiting, outcome.run.left) == (1, 6)
    assert "not known: " in world.said[-1]
    world.wait(days=8)
    assert world.line().waiting == 0
    assert "is no longer at the service, and its answers are lost" in world.said[0]
    assert len(batch_server.batches) == 1
    batch_server.forgets = False
    world.line()
    batch_server.end()
    world.line()
    world.check_complete()


def test_items_that_are_gone_stop_it_before_anything_is_closed(
    world: BatchWorld, batch_server: BatchServer
) -> None:
    """Without them no answer could be told from another; with them back, all is collected."""
    world.line()
    batch_server.end()
    (items,) = world.folder.glob("batches/*.items.jsonl")
    content = items.read_bytes()
    items.write_bytes(content[: content.index(b"\n") + 1])
    with pytest.raises(StoreError, match="has 1 of 9 items"):
        world.line()
    items.write_bytes(content)
    world.line()
    world.check_complete()


def test_it_splits_by_bytes_and_by_number(
    world: BatchWorld, batch_server: BatchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file is larger than the service takes; each has its own checks."""
    from medbench.client import batch_file
    from medbench.providers._openai.batches import OpenAIBatches

    monkeypatch.setattr(OpenAIBatches, "most_items", 5)
    world.line()
    assert [len(batch_server.requests(one)) for one in batch_server.batches.values()] == [5, 5, 5]
    assert world.line().waiting == 3
    batch_server.end()
    world.line()
    world.check_complete()

    monkeypatch.setattr(OpenAIBatches, "most_items", 50_000)
    monkeypatch.setattr(batch_file, "_KEPT_BYTES", 2_000)
    largest = max(len(line) for line in batch_server.files["file-0"].splitlines())
    monkeypatch.setattr(OpenAIBatches, "most_bytes", 2_000 + 2 * largest + 500)
    batch_server.batches.clear()
    world.line(replicates=2)
    sizes = [len(batch_server.files[one["input_file_id"]]) for one in batch_server.batches.values()]
    assert len(sizes) >= 3
    assert all(size <= OpenAIBatches.most_bytes for size in sizes)
    batch_server.end()
    assert world.line(replicates=2).run.left == 0


def test_a_request_that_no_batch_takes_is_a_failure(
    world: BatchWorld, batch_server: BatchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case is told so in the line that finds it; the others are sent."""
    from medbench.client import batch_file
    from medbench.providers._openai.batches import OpenAIBatches

    world.line(limit=1)
    smallest = max(len(line) for line in batch_server.files["file-0"].splitlines())
    batch_server.end()
    monkeypatch.setattr(batch_file, "_KEPT_BYTES", 2_000)
    monkeypatch.setattr(OpenAIBatches, "most_bytes", 2_000 + smallest + 60)
    outcome = world.line()
    assert outcome.run.done.final_failures == {"too_large": 3}, "every second case has two images"
    batch_server.end()
    assert world.line().run.left == 0
    assert len(world.outputs()) == 6


@pytest.mark.parametrize(("ceiling", "sent"), [(0.0, 0), (0.004, 2), (1.0, 6)])
def test_the_ceiling_holds_before_a_batch_is_created(
    world: BatchWorld, batch_server: BatchServer, ceiling: float, sent: int
) -> None:
    """Only so many are sent as can cost no more, at the price of batches; the rest is not run."""
    outcome = world.line(max_cost=ceiling)
    lines = [line for one in batch_server.batches.values() for line in batch_server.requests(one)]
    assert len(lines) == (sent + 3 if sent else 0)
    assert isinstance(outcome.given_up, BudgetError) == (sent < 6)
    batch_server.end()
    world.line(max_cost=0.0)
    assert sum(one.cost.usd for one in world.responses() if one.cost) <= ceiling
    assert len(world.outputs()) == sent


def test_a_provider_without_batches_is_refused(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Before anything is written."""
    world = BatchWorld(bench, tmp_path / "runs", batched_system("echo", None))
    with pytest.raises(UsageError, match="provider 'echo' has none"):
        world.line()
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("provider", "model", "says"),
    [
        (
            "vertex",
            {"endpoint": "7", "project": "p", "location": "us-central1"},
            "in place of each answer",
        ),
        ("openai", {"addresses": ("http://a.test/v1", "http://b.test/v1")}, "it has several addresses, and"),
    ],
)
def test_why_a_model_has_no_batches_is_said(
    provider: str, model: dict[str, Any], says: str, bench: BenchmarkFolder, tmp_path: Path
) -> None:
    """Where somebody may expect some; nothing is sent one by one in their place."""
    url = "http://a.test" if provider == "vertex" else None
    world = BatchWorld(bench, tmp_path / "runs", batched_system(provider, url, **model))
    with pytest.raises(UsageError, match=says):
        world.line()
    assert not (tmp_path / "runs").exists()


def test_a_line_without_batches_asks_nothing_that_is_under_way(
    world: BatchWorld, batch_server: BatchServer
) -> None:
    """What a batch may answer is not paid for a second time; the rest is asked one by one."""
    world.line(limit=4)
    outcome = world.line(batch=False)
    assert len(batch_server.live) == 2
    assert (outcome.run.left, outcome.waiting) == (4, 1)
    batch_server.end()
    world.line(batch=False)
    world.check_complete()
    assert len(batch_server.live) == 2


@pytest.mark.parametrize("then", ["live", "stop"])
def test_a_batch_is_given_up_after_its_deadline(
    world: BatchWorld, batch_server: BatchServer, then: str
) -> None:
    """It is cancelled, what it has done is kept, and the rest is asked one by one, or not at all."""
    options = {"batch_then": then, "batch_deadline_h": 26.0}
    world.line(**options)
    world.wait(hours=25.9)
    world.line(**options)
    assert batch_server.batches["batch_0"]["status"] == "in_progress"
    world.wait(hours=0.2)
    assert world.line(**options).waiting == 1, "it is being cancelled"
    assert batch_server.batches["batch_0"]["status"] == "cancelling"
    assert batch_server.live == []
    batch_server.drops, batch_server.status = {1, 2}, "cancelled"
    batch_server.end()
    outcome = world.line(**options)
    assert len(batch_server.batches) == 1
    if then == "live":
        assert len(batch_server.live) == 2
        world.check_complete()
    else:
        assert (outcome.run.left, batch_server.live) == (2, [])
        assert world.line(**options).run.left == 2, "nor does the next line"
        assert "2 calls are not asked any more: a batch was given up." in world.said[-1]
        assert len(batch_server.batches) == 1
        world.line()
        assert len(batch_server.batches) == 2, "without --then it goes on"


def test_a_swapped_pair_with_a_check_quarantines_the_batch(
    world: BatchWorld, batch_server: BatchServer
) -> None:
    """None of its answers counts, they are kept aside and were paid for; the next line asks again."""
    batch_server.swaps = [(0, 1)]
    world.line()
    batch_server.end()
    outcome = world.line()
    assert outcome.open_failures == {"mixed_up": 6}
    assert "is quarantined: 1 of 3 checks have another answer than their own" in world.said[-1]
    (kept,) = world.folder.glob("batches/*.answers.jsonl")
    assert len(kept.read_text().splitlines()) == 9
    assert str(kept) in world.said[-1]
    assert outcome.spent.total().usd > 0
    assert all(one.text is None for one in world.responses())
    assert len(batch_server.batches) == 1, "it is not sent again unasked"
    batch_server.swaps = []
    world.line()
    batch_server.end()
    world.line()
    world.check_complete()


def test_metadata_that_is_lost_does_no_harm(world: BatchWorld, batch_server: BatchServer) -> None:
    """The batch is known by its id, and by its file."""
    batch_server.loses_metadata = True
    world.line()
    batch_server.end()
    world.line()
    world.check_complete()


def test_a_batched_run_verifies(bench: BenchmarkFolder, tmp_path: Path, batch_server: BatchServer) -> None:
    """Each answer is to a request of its case; the checks are of no case, and no fault."""
    prompt = load_prompt("findings", "comprehensive")
    world = BatchWorld(bench, tmp_path / "runs", batched_system(prompt=prompt))
    world.line()
    batch_server.end()
    assert world.line().run.left == 0
    verified = verify_run(RunFolder(world.folder))
    assert (verified.problems, verified.unchecked) == ((), ("scores: it was not scored yet",))
    (path,) = world.folder.glob("batches.jsonl")
    path.write_bytes(path.read_bytes().replace(b'"items":9', b'"items":8'))
    assert "batches.jsonl, line 1" in str(verify_run(RunFolder(world.folder)).problems)
