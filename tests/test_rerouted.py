"""A service that answers a retired model's requests with a newer one, as Google does from 2026-12-01."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MODELS = """
[models.old-flash]
provider = "gemini"
id = "gemini-2.5-flash"
family = "gemini"
[models.old-pro]
provider = "gemini"
id = "gemini-2.5-pro"
family = "gemini"
[models.new]
provider = "gemini"
id = "{newer}"
family = "gemini"
"""
EXPERIMENT = """
question = "Is the older one as good?"
benchmark = "phantom-40"
primary = "finding.f1"
max_cost = 1
limit = 3
[grid]
model = ["new", "old-flash"]
"""
UNASKED = "3 of 3 outputs were answered by another model than the one asked for: gemini-3.5-flash-lite"


@pytest.fixture
def rerouted(gem: Any, tmp_path: Path) -> Path:
    """A folder whose models are all answered by gemini-3.5-flash-lite."""
    gem.answers(gem.answer(modelVersion="gemini-3.5-flash-lite"))
    (tmp_path / "medbench.toml").write_text(MODELS.format(newer="gemini-3.5-flash-lite"), "utf-8")
    return tmp_path


def test_a_model_that_nobody_asked_for_is_named_in_every_table(
    rerouted: Path, medbench: Callable[..., Any]
) -> None:
    """At the end of a run, of one run, of a comparison and its whole form, and of an experiment."""
    screens = [medbench("run", "phantom-40", "-m", "new,old-flash", "--limit", 3).out]
    runs = [rerouted / "runs" / "phantom-40" / name for name in ("new", "old-flash")]
    screens += [medbench("show", runs[1]).out, medbench("compare", *runs).out]
    screens.append(medbench("compare", *runs, "--full").out)
    (rerouted / "old.toml").write_text(EXPERIMENT, "utf-8")
    screens.append(medbench("run", "old.toml").out)
    for screen in screens:
        said = " ".join(screen.split())
        assert UNASKED in said
        assert "new: 3 of 3" not in said
    assert "3 other model" in medbench("show", runs[1]).out
    assert "complete; 3 by another model" in " ".join(medbench("show").out.split())


def test_a_judge_that_is_another_model_says_so_on_its_card(
    gem: Any, rerouted: Path, medbench: Callable[..., Any]
) -> None:
    """A grade is the grade of whoever gave it."""
    medbench("run", "phantom-40", "-m", "echo", "--limit", 3)
    verdict = '{"grade": "poor", "key_finding": false, "rationale": "none"}'
    part = {"content": {"role": "model", "parts": [{"text": verdict}]}}
    gem.answers(gem.answer(modelVersion="gemini-3.8-flash", candidate=part))
    run = rerouted / "runs" / "phantom-40" / "echo"
    medbench("judge", run, "--judge", "old-pro", "--rubric", "report-like")
    said = " ".join(medbench("compare", run).out.split())
    assert "Answered by another model than the one asked for: 3 gemini-3.8-flash" in said
