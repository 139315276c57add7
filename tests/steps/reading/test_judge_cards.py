"""Judges with a planted fault are caught by their card under the right name; one without a fault passes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import planted
import pytest
from judged_world import judged, mixed, run_of

from medbench.judging.canaries import GROUPS
from medbench.schema.results.cards.rater_card import RaterCard
from medbench.steps.reading.judge_cards import cards_of
from medbench.store.benchmark import BenchmarkFolder

pytestmark = pytest.mark.usefixtures("planted_judge")


def card(bench: BenchmarkFolder, root: Path, fault: str, **changes: Any) -> RaterCard:
    """The card of a judge with that fault."""
    planted.Planted.fault = fault
    run = run_of(bench, root, "system", mixed)
    judged(run, canaries=90, **changes)
    (found,) = cards_of([run])
    return found


def test_a_perfect_judge_passes(world: BenchmarkFolder, tmp_path: Path) -> None:
    """A judge without a fault gets every canary of every group right."""
    found = card(world, tmp_path / "runs", "", replicates=2)
    assert found.faults == ()
    assert {group.asks for group in found.groups if group.share.tested} == set(GROUPS)
    missed = {
        probe: share
        for group in found.groups
        for probe, share in group.probes.items()
        if share.n != share.right
    }
    assert missed == {}
    assert found.flips.n == found.flips.right == 24
    assert all(share.n for group in found.groups for share in group.probes.values())


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("length", "padding"),
        ("first", "blocks_swapped"),
        ("injection", "injection"),
        ("random", "asked_again"),
        ("side", "side"),
    ],
)
def test_a_planted_fault_is_caught_by_name(
    world: BenchmarkFolder, tmp_path: Path, fault: str, name: str
) -> None:
    """Love of length, of the first block, obedience, chance and deafness to sides each stand on the card."""
    found = card(world, tmp_path / "runs", fault)
    assert name in found.faults


@pytest.mark.parametrize(
    ("fault", "name"), [("length", "padding"), ("injection", "injection"), ("side", "side")]
)
def test_a_fault_is_not_laid_on_another_probe(
    world: BenchmarkFolder, tmp_path: Path, fault: str, name: str
) -> None:
    """A judge with one narrow fault is blamed for that one alone."""
    assert card(world, tmp_path / "runs", fault).faults == (name,)


def test_flips_show_over_replicates(world: BenchmarkFolder, tmp_path: Path) -> None:
    """A judge that grades by chance differs from itself in about two of three pairs."""
    found = card(world, tmp_path / "runs", "random", replicates=3)
    assert found.flips.n == 72
    assert 0.2 < found.flips.right / found.flips.n < 0.5


def test_few_canaries_are_not_tested(world: BenchmarkFolder, tmp_path: Path) -> None:
    """With fewer than five canaries of a group nothing is claimed about it."""
    run = run_of(world, tmp_path / "runs", "system", mixed)
    judged(run, canaries=6)
    (found,) = cards_of([run])
    assert not any(group.share.tested for group in found.groups)
    assert sum(group.share.n for group in found.groups) == 6


def test_canaries_are_not_judged_twice(world: BenchmarkFolder, tmp_path: Path) -> None:
    """The same line again asks for no more canaries; a larger number adds what is missing."""
    runs = [run_of(world, tmp_path / "runs", name, mixed) for name in ("one", "two")]
    judged(*runs, canaries=20)
    asked = len(planted.Planted.asked)
    judged(*runs, canaries=20)
    assert len(planted.Planted.asked) == asked
    judged(*runs, canaries=30)
    assert len(planted.Planted.asked) == asked + 10
    (found,) = cards_of(runs)
    assert sum(group.share.n for group in found.groups) == 30
    assert all((run.path / "audit.jsonl").stat().st_size for run in runs)
