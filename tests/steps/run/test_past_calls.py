"""What recorded runs of a system say of its next calls, before what its model's file says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from medbench.schema.model import Expect
from medbench.schema.response import MODEL, Response
from medbench.schema.run import ModelUse, System
from medbench.steps.run.past_calls import expected_of
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one, write_records
from medbench.store.runs import HEAD, RESPONSES, new_head

SYSTEM = System(
    name="m", family="gemini", pipeline="single", model=ModelUse(name="m", provider="gemini", id="m")
)
SHIPPED = Expect(
    image_tokens=1081, text_bytes=4.0, output_tokens=421, seconds=9.0, outputs=20, source="February"
)


def _response(number: int, **more: Any) -> Response:
    return Response.model_validate(
        {
            "response_id": str(number),
            "request_digest": "0" * 64,
            "for": {"case_id": f"c{number}", "stage": "single"},
            "asked": "m",
            "text": "a mass",
            **more,
        }
    )


def _answered(number: int, tokens_in: int, output: int, images: int, seconds: float, **more: Any) -> Response:
    usage = {"input": tokens_in, "output": output, "thoughts": 100, "from": "provider"}
    sent = tuple("ab" for _ in range(images))
    return _response(number, usage=usage, images_sent=sent, prompt="x" * 400, latency_s=seconds, **more)


def _recorded(bench: BenchmarkFolder, root: Path, responses: list[Response], system: System = SYSTEM) -> Path:
    folder = root / "bench" / system.name
    folder.mkdir(parents=True)
    write_one(folder / HEAD, new_head(folder, bench, system, "medbench run"))
    write_records(folder / RESPONSES, responses)
    return folder


def test_recorded_answers_go_before_the_file(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Two calls of 400 bytes (100 tokens) with 1 and 3 images: (1,100 + 3,100 - 200) / 4 = 1,000 an image."""
    _recorded(bench, tmp_path, [_answered(1, 1100, 200, 1, 4.0), _answered(2, 3100, 400, 3, 8.0)])
    found = expected_of(SYSTEM, MODEL, SHIPPED, tmp_path)
    assert (found.image_tokens, found.text_bytes) == (1000, 4.0)
    assert (found.output_tokens, found.thoughts_tokens) == (300, 100)
    assert (found.seconds, found.longest_s, found.outputs) == (6.0, 8.0, 2)
    assert found.source == "of this system"


def test_a_texts_tokens_are_counted_where_no_image_was_sent(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """400 bytes in 80 tokens: 5 bytes a token; an image's tokens stay the file's."""
    _recorded(bench, tmp_path, [_answered(1, 80, 200, 0, 4.0)])
    found = expected_of(SYSTEM, MODEL, SHIPPED, tmp_path)
    assert (found.text_bytes, found.image_tokens) == (5.0, 1081)


def test_what_was_not_recorded_stays_the_files(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A server that counted no output and told no time: those numbers are the file's, and it is said."""
    usage = {"input": 100, "from": "provider"}
    _recorded(bench, tmp_path, [_response(1, usage=usage)])
    found = expected_of(SYSTEM, MODEL, SHIPPED, tmp_path)
    assert (found.output_tokens, found.seconds, found.image_tokens) == (421, 9.0, 1081)
    assert (found.outputs, found.source) == (1, "of this system; the rest: February")


def test_without_a_word_of_the_file(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A model of one's own that nothing is said of: 4.5 bytes a token of text, the rest as recorded."""
    _recorded(bench, tmp_path, [_answered(1, 1000, 10, 1, 2.0)])
    found = expected_of(SYSTEM, MODEL, Expect(), tmp_path)
    assert found.image_tokens == pytest.approx(1000 - 400 / 4.5)
    assert (found.output_tokens, found.seconds) == (10, 2.0)


@pytest.mark.parametrize(
    "response",
    [
        _answered(1, 5, 5, 1, 1.0, failure={"kind": "timeout", "reason": "", "final": False}),
        _response(1, usage={"input": 5, "output": 5, "from": "imported"}),
        _response(1, usage={"input": 5, "output": 5, "from": "replay"}),
        _response(1),
    ],
)
def test_only_answers_that_a_provider_counted_say_something(
    bench: BenchmarkFolder, tmp_path: Path, response: Response
) -> None:
    """Failures, and answers whose tokens were counted elsewhere or not at all, change nothing."""
    _recorded(bench, tmp_path, [response])
    assert expected_of(SYSTEM, MODEL, SHIPPED, tmp_path) == SHIPPED


def test_another_system_says_nothing(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Another temperature is another system; no folder of runs at all is no error."""
    other = SYSTEM.model_copy(update={"settings": {"temperature": 0.3}})
    _recorded(bench, tmp_path, [_answered(1, 5, 5, 1, 1.0)], other)
    assert expected_of(SYSTEM, MODEL, SHIPPED, tmp_path) == SHIPPED
    assert expected_of(SYSTEM, MODEL, SHIPPED, tmp_path / "nowhere") == SHIPPED


def test_a_run_that_cannot_be_read_is_passed_over(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A head or a ledger that is broken hides no other run."""
    _recorded(bench, tmp_path, [_answered(1, 1100, 200, 1, 4.0)])
    broken = tmp_path / "bench" / "a-broken-one"
    broken.mkdir()
    (broken / HEAD).write_text("{")
    assert expected_of(SYSTEM, MODEL, SHIPPED, tmp_path).outputs == 1
    (tmp_path / "bench" / "m" / RESPONSES).write_text("{}\n")
    assert expected_of(SYSTEM, MODEL, SHIPPED, tmp_path) == SHIPPED
