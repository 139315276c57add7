"""The systems of an experiment and which is compared with which."""

from __future__ import annotations

from typing import Any

import pytest

from medbench.config import Settings
from medbench.errors import UsageError
from medbench.schema.experiment import Experiment
from medbench.steps.experiment.grid import pairs_of, specs_of_grid

HEAD: dict[str, Any] = {"question": "?", "benchmark": "phantom-40", "max_cost": 1, "primary": "finding.f1"}


def specs(**parts: Any) -> Any:
    """The systems of an experiment with these parts."""
    return specs_of_grid(Experiment(**{**HEAD, **parts}), Settings())


def names(count: int) -> list[str]:
    """Names for so many systems."""
    return [f"s{number}" for number in range(count)]


def test_every_combination_is_a_system() -> None:
    """The last key changes fastest; what is not part of a system is a setting, and a stage has its own."""
    grid = {"model": ["echo", "claude-haiku"], "prompt": ["comprehensive", "focused"], "images": ["first"]}
    made = specs(grid=grid, systems={"mine": {"model": "echo", "images": "all"}})
    assert [(spec.model, spec.prompt, spec.images, spec.name) for spec in made] == [
        ("echo", "comprehensive", "first", None),
        ("echo", "focused", "first", None),
        ("claude-haiku", "comprehensive", "first", None),
        ("claude-haiku", "focused", "first", None),
        ("echo", "comprehensive", "all", "mine"),
    ]
    (warm, hot) = specs(grid={"model": ["gemini-flash"], "temperature": [0.3, 1.0]})
    assert (warm.settings, hot.settings) == ({"temperature": 0.3}, {"temperature": 1.0})
    (staged,) = specs(
        grid={"pipeline": ["two"], "stages.second.model": ["echo"], "stages.first.model": ["echo"]}
    )
    assert {role: stage.model for role, stage in staged.stages.items()} == {"second": "echo", "first": "echo"}


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({"model": ["echo"], "promt": ["focused"]}, "promt"),
        ({"model": ["gemini-flash"], "temprature": [0.1]}, "temprature"),
        ({"model": ["echo"], "stages.first.modle": ["echo"]}, "modle"),
        ({"model": ["echo", "echo"]}, "same"),
        ({"model": [3]}, "not a text"),
    ],
)
def test_a_key_that_means_nothing_is_an_error(grid: dict[str, list[Any]], words: str) -> None:
    """A mistyped key changes nothing silently, and a system that stands twice is none."""
    with pytest.raises(UsageError, match=words):
        specs(grid=grid)


def test_a_probe_is_no_competitor() -> None:
    """It says where probes stand, and how to compete without the history."""
    with pytest.raises(UsageError, match=r"is a probe.*\n.*history = false"):
        specs(systems={"a": {"model": "echo"}, "b": {"model": "echo", "probe": "no-history"}})


def test_what_is_changed_gives_the_system_that_one_is_compared_with() -> None:
    """Each model against itself with the other prompt, not against the other model."""
    made = specs(grid={"model": ["echo", "claude-haiku"], "prompt": ["comprehensive", "focused"]})
    assert pairs_of(made, names(4), {"prompt": "comprehensive"}) == (("s0", "s1"), ("s2", "s3"))
    assert pairs_of(made, names(4), "s2") == (("s2", "s0"), ("s2", "s1"), ("s2", "s3"))
    assert pairs_of(made, names(4), None)[0] == ("s0", "s1")


def test_a_setting_of_a_stage_is_part_of_what_is_changed() -> None:
    """Systems that differ in nothing else are not taken for one another."""
    parts: dict[str, dict[str, Any]] = {
        "cold": {"stages": {"first": {"settings": {"temperature": 0.2}}}},
        "warm": {"stages": {"first": {"settings": {"temperature": 0.7}}}},
        "cold-all": {"images": "all", "stages": {"first": {"settings": {"temperature": 0.2}}}},
    }
    systems = {name: {"pipeline": "two-stage", "model": "echo", **more} for name, more in parts.items()}
    made = specs(systems=systems)
    assert pairs_of(made, [*systems], {"stages.first.temperature": 0.2}) == (("cold", "warm"),)
    with pytest.raises(UsageError, match="means no system to compare 'warm'"):
        pairs_of(made, [*systems], {"images": "all"})


def test_an_against_that_means_several_is_an_error() -> None:
    """And not a comparison with the first of them."""
    (one,) = specs(systems={"a": {"model": "echo", "images": "all"}})
    other = one.model_copy(update={"images": "first"})
    with pytest.raises(UsageError, match="means several systems for 'x': y, z"):
        pairs_of([one, other, other], ["x", "y", "z"], {"images": "first"})


@pytest.mark.parametrize(
    "against", [{"prompt": "by-region"}, {"prompt": "focused", "model": "x"}, "nobody", {}]
)
def test_an_against_that_means_none_or_all_is_an_error(against: Any) -> None:
    """Before the first call."""
    made = specs(grid={"model": ["echo", "claude-haiku"], "prompt": ["comprehensive", "focused"]})
    with pytest.raises(UsageError):
        pairs_of(made, names(4), against)
