"""What a person is told while nothing is answered: for how long, what is waited for, and why."""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from medbench.api.progress import JudgingLines, RunLines, run_watcher
from medbench.api.waiting import SaidWaits, in_full, in_short
from medbench.client.budget import Budget
from medbench.client.client import Client
from medbench.client.limit import Controller, Pacer, Slots
from medbench.client.retry import Policy
from medbench.client.waits import WaitFor, Waiting, Waits
from medbench.errors import ProviderDownError, ProviderError
from medbench.pricing.prices import Prices
from medbench.providers import Provider
from medbench.report.terminal import console_for
from medbench.schema.model import Limits, ModelFile, Price
from medbench.schema.response import CallFor, Reply, Request
from medbench.steps.access import waiting as ticks
from medbench.store.ledger import Ledger

FAULT = "the server cannot answer now (500): 'out of memory'"


class _Model(Provider):
    """Answers never, or fails each call."""

    def __init__(self, error: ProviderError | None = None) -> None:
        self._error = error

    async def ask(self, request: Request) -> Reply:
        """Raise the error, or wait."""
        if self._error is not None:
            raise self._error
        await asyncio.Event().wait()
        raise AssertionError


def _failing(**facts: Any) -> _Model:
    return _Model(ProviderError("unavailable", FAULT, final=False, **facts))


PRICED = ModelFile(
    provider="x",
    id="m",
    price=Price(input=1000.0, output=1000.0),
    limits=Limits(image_tokens=1),
    settings={"max_tokens": 1000},
)


async def _asleep(_: float) -> None:
    await asyncio.Event().wait()


def _waiting(folder: Path, model: _Model, calls: int = 1, after_s: float = 12.0, **parts: Any) -> Waiting:
    """What calls of a model wait for, some seconds after they were made, with a clock that stood still."""
    now = 100.0
    waits = Waits(lambda: now)

    async def look() -> Waiting:
        nonlocal now
        with Ledger(folder) as ledger:
            client = Client(model, PRICED, ledger, policy=Policy(), sleep=_asleep, waits=waits, **parts)
            requests = [Request(model="m", text=str(n), settings={"max_tokens": 1000}) for n in range(calls)]
            for_case = CallFor(case_id="c", stage="s")
            asked = [asyncio.create_task(client.ask(each, for_case, 0)) for each in requests]
            for _ in range(5):
                await asyncio.sleep(0)
            now += after_s
            found = waits.now()
            for each in asked:
                each.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        return found

    return asyncio.run(look())


def test_each_wait_of_a_call_is_known(tmp_path: Path) -> None:
    """A slow answer, another try, a turn of the minute, the budget, and a place that others have."""
    taken = Slots(Controller(limit=1, most=1, fixed=True))
    asyncio.run(taken.enter())
    budget = Budget(2.0, set_aside=1.5)
    later = Pacer(1)
    later.wait_s(0.0)
    cases: list[tuple[WaitFor, _Model, dict[str, Any]]] = [
        ("answer", _Model(), {}),
        ("retry", _failing(), {}),
        ("retry", _failing(status=429, wait_s=40.0, limited=True), {}),
        ("turn", _Model(), {"pacer": later}),
        ("budget", _Model(), {"budget": budget, "prices": Prices(PRICED, deadline_s=300)}),
        ("others", _Model(), {"slots": taken}),
    ]
    later.wait_s(10**9)  # of any clock: the next turn is a minute away
    for number, (what, model, parts) in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = _waiting(folder, model, 3, **parts)
        assert found.calls == Counter({what: 3}), what
        assert found.silent_s == 12.0
        assert (found.reason, found.failed) == ((FAULT, 3) if what == "retry" else ("", 0))


def test_words_say_how_long_how_many_why_and_until_when(tmp_path: Path) -> None:
    """Of a server that fails, and of one that asks for a long wait, all that a person can act on."""
    found = in_full(_waiting(tmp_path, _failing(status=500), 2))
    assert found == (
        "no answer for 12 s (given up at 300 s): 2 calls to be tried again; "
        f"2 tries failed, the last: {FAULT}"
    )
    (tmp_path / "b").mkdir()
    limited = _waiting(tmp_path / "b", _failing(status=429, wait_s=60.0, limited=True))
    assert "1 call to be tried again, the next in 4" in in_full(limited)
    assert in_short(limited) == "no answer for 12 s, 1 try failed"
    (tmp_path / "c").mkdir()
    slow = _waiting(tmp_path / "c", _Model(), 2)
    assert in_full(slow) == "no answer for 12 s: 2 calls in flight"
    assert in_short(slow) == "no answer for 12 s, 2 calls in flight"


def test_an_answer_ends_what_was_said_to_have_failed(tmp_path: Path) -> None:
    """Tries are counted since the last answer, as is the silence."""
    now = 0.0
    waits = Waits(lambda: now)
    with waits.on("retry", 5.0):
        waits.failed(FAULT, 300.0, given_up=False)
        now = 20.0
        assert (waits.now().silent_s, waits.now().failed) == (20.0, 1)
        waits.answered()
        assert (waits.now().silent_s, waits.now().failed, waits.now().reason) == (0.0, 0, "")
    now = 50.0
    with waits.on("answer"):
        assert waits.now().silent_s == 0.0, "nobody waited meanwhile"


def test_a_model_that_was_given_up_is_said_to_be(tmp_path: Path) -> None:
    """Calls that are under way are waited for: that is said as well."""
    waits = Waits()

    async def look() -> str:
        with Ledger(tmp_path) as ledger:
            error = ProviderError("unauthorized", "wrong key", final=False, stops=True, status=401)
            client = Client(_Model(error), PRICED, ledger, waits=waits)
            for text in "ab":
                with suppress(ProviderDownError):
                    await client.ask(Request(model="m", text=text), CallFor(case_id="c", stage="s"), 0)
        with waits.on("answer"):
            return in_full(waits.now())

    assert asyncio.run(look()) == (
        "no answer for 0 s: given up, and what is under way is waited for; 1 call in flight; "
        "1 try failed, the last: wrong key"
    )


def _of(silent_s: float, *, failed: int = 0) -> Waiting:
    return Waiting(Counter({"answer": 1}), silent_s, silent_s, 0.0, failed, "", 300.0, given_up=False)


def test_a_line_is_due_after_ten_seconds_and_then_more_seldom() -> None:
    """At 10, 20, 40, 80 s and once a minute from then on; a first failure is not put off by that."""
    now = 0.0
    said = SaidWaits(lambda: now)
    due = []
    for second in range(1, 301):
        now = float(second)
        if said.is_due("m", _of(now)):
            due.append(second)
    assert due == [10, 20, 40, 80, 140, 200, 260]
    now = 301.0
    assert said.is_due("m", _of(now, failed=1))
    assert not said.is_due("m", _of(now, failed=2))
    assert said.is_due("n", _of(now)), "each name has its own"


class _Done:
    texts, final_failures = 0, Counter[str]()


def test_logs_of_runs_and_of_judging_say_it(capsys: pytest.CaptureFixture[str]) -> None:
    """In the line of the name, with what is done so far."""
    run, judging, done = RunLines(console_for(sys.stderr)), JudgingLines(console_for(sys.stderr)), _Done()
    run.begin("m", "", done, 4)  # type: ignore[arg-type] # it is asked for two numbers
    judging.begin("judged", 1, 4)
    run.waiting("m", _of(9.0))
    judging.waiting(_of(9.0))
    assert capsys.readouterr().err == ""
    run.waiting("m", _of(10.0))
    judging.waiting(_of(10.0))
    assert [" ".join(line.split()) for line in capsys.readouterr().err.splitlines()] == [
        "m 0/4 no answer for 10 s: 1 call in flight",
        "judged 1/4 no answer for 10 s: 1 call in flight",
    ]


def test_it_is_told_until_the_work_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a second, and no more after it; an error of the one who is told is not lost."""
    monkeypatch.setattr(ticks, "EVERY_S", 0.0)
    told: list[Waiting] = []

    async def work() -> int:
        often = asyncio.Event()

        def tell(waiting: Waiting) -> None:
            told.append(waiting)
            if len(told) == 3:
                often.set()

        async with ticks.telling(Waits(), tell):
            await often.wait()
        before = len(told)
        await asyncio.sleep(0.01)
        return len(told) - before

    assert asyncio.run(work()) == 0

    async def broken() -> None:
        def tell(_: Waiting) -> None:
            raise BrokenPipeError

        async with ticks.telling(Waits(), tell):
            await asyncio.sleep(0.01)

    with pytest.raises(BrokenPipeError):
        asyncio.run(broken())


def test_a_silent_service_of_batches_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """With what it has not sent yet, in a log and beside a bar; the next question is said anew."""
    now = 0.0
    waits = Waits(lambda: now)
    judging = JudgingLines(console_for(sys.stderr), lambda: now)
    with waits.on("batch", 120.0, words="state"):
        now = 12.0
        assert in_full(waits.now()) == (
            "no answer for 12 s: no state yet from the service of batches, which has 108 s more"
        )
        assert in_short(waits.now()).startswith("no answer for 12 s, no state yet from the service")
        judging.waiting(waits.now())
        now = 21.0
        judging.waiting(waits.now())
    with waits.on("batch", words="end of the download"):
        now = 30.0
        judging.waiting(waits.now())
        now = 32.0
        judging.waiting(waits.now())
    assert " ".join(capsys.readouterr().err.split()) == (
        "no answer for 12 s: no state yet from the service of batches, which has 108 s more "
        "no answer for 11 s: no end of the download yet from the service of batches"
    )


def test_what_was_waited_for_does_not_stay_on_the_screen() -> None:
    """When the work ends, the bar says again what it said before the silence."""
    screen = StringIO()
    with run_watcher(Console(file=screen, force_terminal=True, width=120, color_system=None)) as bars:
        bars.begin("m", "about it", _Done(), 4)  # type: ignore[arg-type] # it is asked for two numbers
        bars.waiting("m", _of(12.0))
        bars.end("m")
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).split()
    assert "about" in drawn[-6:]
    assert "answer" not in drawn[-6:]
