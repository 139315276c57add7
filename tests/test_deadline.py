"""What a service that does not answer costs in time, and what a slow line may take."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from medbench import deadline
from medbench.client import patience as patience_module
from medbench.client.patience import Patience
from medbench.errors import ProviderError


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the patience: nobody waits for real."""
    monkeypatch.setattr(deadline, "ANSWER_S", 0.01)


async def _silent() -> None:
    await asyncio.Event().wait()


def test_an_answer_is_handed_on_and_silence_is_a_failure() -> None:
    """A question without an answer may have been worked on."""

    async def five() -> int:
        return 5

    assert asyncio.run(deadline.in_time(five(), "answer")) == 5
    with pytest.raises(ProviderError, match="no answer within 0 s") as raised:
        asyncio.run(deadline.in_time(_silent(), "answer"))
    assert (raised.value.kind, raised.value.sent, raised.value.final) == ("timeout", True, False)


def test_silence_counts_for_all_questions_to_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has what the first left, and never less than a little, so that it may be answered."""
    given: list[float] = []

    async def in_time(call: Coroutine[Any, Any, int], what: str, seconds: float) -> int:
        given.append(seconds)
        return await whole(call, what, 0.01)

    async def answered() -> int:
        return 5

    async def never() -> int:
        clock.append(clock[-1] + given[-1])
        await asyncio.Event().wait()
        return 0

    whole, clock = deadline.in_time, [0.0]
    monkeypatch.setattr(deadline, "in_time", in_time)
    monkeypatch.setattr(deadline, "ANSWER_S", 120.0)
    monkeypatch.setattr(patience_module, "monotonic", lambda: clock[-1])
    patience = Patience()
    for call in (never, answered, never, answered):
        if call is answered:
            assert asyncio.run(patience.in_time(call(), "state")) == 5
        else:
            with pytest.raises(ProviderError, match="no state within"):
                asyncio.run(patience.in_time(call(), "state"))
    assert given == [120.0, 5.0, 5.0, 5.0]
    assert clock[-1] == 125.0


def test_a_large_file_has_the_time_of_a_slow_line() -> None:
    """Two hundred megabytes have three and a half hours, and none has less than a question."""
    assert deadline.upload_s(200_000_000) == pytest.approx(12_500, rel=0.01)
    assert deadline.upload_s(0) == deadline.ANSWER_S


def test_a_download_goes_on_as_long_as_its_file_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes many times the patience here; bytes that trickle do not keep it alive."""
    monkeypatch.setattr(deadline, "LEAST_BYTES_S", 1_000)
    file = tmp_path / "answers"

    async def written(part: bytes, times: int) -> str:
        with file.open("wb", buffering=0) as opened:
            for _ in range(times):
                await asyncio.sleep(0.001)
                opened.write(part)
        return "done"

    whole = written(b"x" * 100_000, 60)
    assert asyncio.run(deadline.downloaded_in_time(whole, file)) == "done"
    assert file.stat().st_size == 6_000_000
    with pytest.raises(ProviderError, match=r"bytes of a download in 0 s") as raised:
        asyncio.run(deadline.downloaded_in_time(written(b"", 10_000), file))
    assert raised.value.kind == "timeout"


def test_what_fails_by_itself_keeps_its_reason(tmp_path: Path) -> None:
    """A deadline adds nothing to it."""

    async def refused() -> None:
        raise ProviderError("not_found", "no such file", final=False, status=404)

    for call in (deadline.in_time(refused(), "x"), deadline.downloaded_in_time(refused(), tmp_path / "a")):
        with pytest.raises(ProviderError, match="no such file"):
            asyncio.run(call)


def test_a_download_that_is_broken_off_leaves_nothing_running(tmp_path: Path) -> None:
    """Ctrl-C ends what writes the file, too."""

    async def both() -> tuple[bool, set[asyncio.Task[object]]]:
        task = asyncio.ensure_future(deadline.downloaded_in_time(_silent(), tmp_path / "a"))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        return task.cancelled(), asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(both()) == (True, set())
