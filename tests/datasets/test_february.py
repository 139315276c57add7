"""The files of the runs of February 2026: what a broken one is, and what a failure was."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from medbench.datasets.february import read_february
from medbench.errors import InputError


def _old(folder: Path, cases: Any, scored: Any = None) -> Path:
    (folder / "old").mkdir(exist_ok=True)
    (folder / "old" / "raw_responses.json").write_text(json.dumps(cases))
    if scored is not None:
        (folder / "old" / "scored_results.json").write_text(json.dumps(scored))
    return folder / "old"


@pytest.mark.parametrize(
    ("cases", "why"),
    [
        ([], "has no answers"),
        ({}, "not a list"),
        ([1], "not a list"),
        ([{"uid": "a"}], "has no answers"),
        ([{"gemini_raw": "x"}], "without 'uid'"),
        ([{"uid": 7, "gemini_raw": "x"}], "without 'uid'"),
        (
            [{"uid": "a", "gemini_raw": "x", "gemini_latency_ms": "5"}],
            "'gemini_latency_ms' of case 'a' is '5'",
        ),
        ([{"uid": "a", "gemini_raw": "x", "gemini_latency_ms": -5}], "is '-5'"),
        ([{"uid": "a", "gemini_raw": "x", "gemini_latency_ms": math.inf}], "is 'inf'"),
        ([{"uid": "a", "gemini_raw": "x", "gemini_cost": [1]}], "'gemini_cost'"),
        ([{"uid": "a", "gemini_raw": "x", "gemini_prompt": 5}], "'gemini_prompt'"),
        ([{"uid": "a", "gemini_raw": "x", "gemini_output_tokens": 1.5}], "'gemini_output_tokens'"),
        ([{"uid": "a", "gemini_raw": {}}], "'gemini_raw'"),
    ],
)
def test_a_broken_old_run_is_named(tmp_path: Path, cases: Any, why: str) -> None:
    """A file that is no old run, or has a value of another kind, is refused with the value in quotes."""
    with pytest.raises(InputError) as caught:
        read_february(_old(tmp_path, cases))
    assert why in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe\x00", b"[" * 100_000])
def test_an_old_run_that_is_not_json_is_named(tmp_path: Path, content: bytes) -> None:
    """Broken JSON is a sentence with the file's name."""
    folder = _old(tmp_path, [])
    (folder / "raw_responses.json").write_bytes(content)
    with pytest.raises(InputError, match=r"raw_responses\.json' is not JSON"):
        read_february(folder)


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ({"findings_judge_score": "excellent"}, "unknown grade 'excellent'"),
        ({"findings_judge_score": None}, "unknown grade 'None'"),
        ({"findings_judge_score": ["good"]}, "unknown grade"),
        (
            {"findings_judge_score": "good", "findings_judge_key_finding": "maybe"},
            "key finding of 'a' is 'maybe'",
        ),
        ({"findings_judge_score": "good", "findings_judge_key_finding": [1]}, "key finding"),
    ],
)
def test_an_unknown_grade_is_refused(tmp_path: Path, block: dict[str, Any], why: str) -> None:
    """A grade or key finding that is none is never taken for 'poor' or for 'no'."""
    folder = _old(tmp_path, [{"uid": "a", "gemini_raw": "x"}], [{"uid": "a", "gemini": block}])
    with pytest.raises(InputError) as caught:
        read_february(folder)
    assert why in caught.value.message


def test_an_old_run_of_one_model_is_one_run(tmp_path: Path) -> None:
    """A model that the old run never asked does not become a run full of failures."""
    runs = read_february(_old(tmp_path, [{"uid": "a", "gemini_raw": "x"}, {"uid": "b", "error": "boom"}]))
    assert [run.name for run in runs] == ["gemini"]
    assert [answer.failure.reason if answer.failure else None for answer in runs[0].answers] == [None, "boom"]
