"""How often intervals are right and tests are wrong, by 10,000 simulations each; prints, and judges nothing.

python tools/bench/bench_coverage.py           all of it, some minutes of one core
python tools/bench/bench_coverage.py --quick   a tenth of the rounds
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binom

from medbench.stats import omnibus as omnibus_module
from medbench.stats import sign_flips
from medbench.stats import strata as strata_module
from medbench.stats.bootstrap import mean_intervals
from medbench.stats.groups import Groups, grouped
from medbench.stats.intervals import clopper_pearson, rate_interval, wilson
from medbench.stats.paired import rate_difference_interval
from medbench.stats.sign_flips import flip_numbers, flip_whole_numbers, mcnemar

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

ROUNDS = 1_000 if "--quick" in sys.argv else 10_000
DRAWS = 4_000
BATCH = 500


def main() -> None:
    """Print one line a figure."""
    for n in (10, 16, 20, 50, 100, 200, 400):
        rates = np.linspace(0.05, 0.95, 181)
        print(f"Wilson n={n}: mean coverage over p = .05 … .95 {_enumerated(wilson, n, rates).mean():.4f}")
        fine = np.linspace(0.005, 0.995, 397)
        print(
            f"Clopper-Pearson n={n}: lowest coverage {_enumerated(clopper_pearson, n, fine).min():.4f}",
            flush=True,
        )
    for pairs in (6, 8, 10, 13, 20, 50, 100, 200):
        exact, mid = _mcnemar_sizes(pairs)
        print(
            f"McNemar {pairs} pairs, largest size over all discordances: exact {exact.max():.4f}, "
            f"mid-p {mid.max():.4f}, mid-p up to discordance .60 {mid[:30].max():.4f}"
        )
    for name, draw, truth in (
        ("normal", lambda r, n: r.normal(size=n), 0.0),
        ("beta(2,4)", lambda r, n: r.beta(2, 4, n), 1 / 3),
        ("exponential", lambda r, n: r.exponential(size=n), 1.0),
        ("lognormal(1)", lambda r, n: r.lognormal(size=n), float(np.exp(0.5))),
    ):
        for n in (20, 50, 100, 200):
            _bca(name, draw, truth, n)
    for clusters in (30, 60, 120):
        _clustered(clusters)
    _sizes()


def _enumerated(interval: Callable[[float, float], tuple[float, float]], n: int, rates: Array) -> Array:
    bounds = np.array([interval(hits, n) for hits in range(n + 1)])
    chances = binom.pmf(np.arange(n + 1)[None], n, rates[:, None])
    holds = (bounds[:, 0][None] <= rates[:, None]) & (rates[:, None] <= bounds[:, 1][None])
    covered: Array = (chances * holds).sum(axis=1)
    return covered


def _mcnemar_sizes(pairs: int) -> tuple[Array, Array]:
    conditional = np.zeros((2, pairs + 1))
    for discordant in range(1, pairs + 1):
        for wins in range(discordant + 1):
            found = mcnemar(wins, discordant - wins)
            rejected = np.array([found.exact <= 0.05, found.mid_p <= 0.05])
            conditional[:, discordant] += binom.pmf(wins, discordant, 0.5) * rejected
    discordances = np.linspace(0.02, 1.0, 50)
    chances = binom.pmf(np.arange(pairs + 1)[None], pairs, discordances[:, None])
    return chances @ conditional[0], chances @ conditional[1]


def _bca(name: str, draw: Callable[[np.random.Generator, int], Array], truth: float, n: int) -> None:
    random = np.random.default_rng(1)
    held = marked = held_unmarked = 0
    for _ in range(ROUNDS // BATCH):
        # Samples of one batch share their resamples, as the metrics of a run do.
        for found in mean_intervals([grouped(draw(random, n), None) for _ in range(BATCH)], [DRAWS] * BATCH):
            assert found is not None
            right = found.low <= truth <= found.high
            held += right
            marked += found.approximate is not None
            held_unmarked += right and found.approximate is None
    said = f"; of {ROUNDS - marked} not marked approximate {held_unmarked / max(1, ROUNDS - marked):.4f}"
    print(f"BCa {name} n={n}: coverage {held / ROUNDS:.4f}, marked {marked / ROUNDS:.2f}{said}", flush=True)


def _clustered(clusters: int) -> None:
    random = np.random.default_rng(2)
    sizes = 1 + np.arange(clusters) % 4
    labels = np.repeat(np.arange(clusters), sizes)
    held = np.zeros(3)
    for _ in range(ROUNDS // BATCH):
        columns = []
        for _ in range(BATCH):
            shared = random.beta(2, 4, clusters)[labels]
            columns.append(grouped(0.5 * shared + 0.5 * random.beta(2, 4, len(labels)), labels))
            hits = (random.random(len(labels)) < random.beta(0.9, 2.1, clusters)[labels]).astype(float)
            rates = rate_interval(
                Groups(np.bincount(labels, weights=hits).astype(np.float64), sizes.astype(np.float64))
            )
            lean, chance = random.random(clusters)[labels], random.random(len(labels))
            wins = np.where(chance < 0.5 * lean, 1.0, np.where(chance > 1 - 0.3 * lean, -1.0, 0.0))
            paired = rate_difference_interval(wins, labels)
            for place, (found, truth) in enumerate(((rates, 0.3), (paired, 0.1)), 1):
                assert found is not None
                held[place] += found.low <= truth <= found.high
        held[0] += sum(
            found is not None and found.low <= 1 / 3 <= found.high
            for found in mean_intervals(columns, [DRAWS] * BATCH)
        )
    mean, rate, difference = held / ROUNDS
    print(
        f"{clusters} groups of 1 to 4: BCa mean {mean:.4f}, Wilson rate {rate:.4f}, "
        f"Bonett-Price difference {difference:.4f}",
        flush=True,
    )


def _sizes() -> None:
    """Sizes of the tests on groups of dependent cases without a true difference."""
    # 199 flips and shuffles: p can be .05 exactly, and the size does not depend on their number.
    for module, name in (
        (omnibus_module, "draws_for"),
        (strata_module, "draws_for"),
        (sign_flips, "draws_for"),
    ):
        setattr(module, name, lambda _: 199)
    random = np.random.default_rng(3)
    labels = np.repeat(np.arange(40), 3)
    parts = np.repeat(np.arange(40) % 4, 3).astype(str)
    hits = np.zeros(5)
    for _ in range(ROUNDS):
        lean = random.choice([-1, 1], 40)[labels]
        wins = np.where(random.random(120) < 0.4, lean, 0)
        sums = [int(total) for total in np.bincount(labels, weights=wins)]
        found = flip_whole_numbers(sums)
        numbers = np.bincount(labels, weights=random.normal(size=120) + 0.8 * random.normal(size=40)[labels])
        values = (random.normal(size=(120, 3)) + random.normal(size=(40, 3))[labels] > 0).astype(float)
        overall = omnibus_module.omnibus(values, labels)
        (between,) = strata_module.interactions([wins.astype(float)], parts.tolist(), labels)
        assert overall is not None
        assert between is not None
        (flipped,) = flip_numbers([numbers.astype(np.float64)])
        hits += [
            found.exact <= 0.05,
            found.mid_p <= 0.05,
            flipped <= 0.05,
            overall.p <= 0.05,
            between <= 0.05,
        ]
    names = ("clustered McNemar, exact", "clustered McNemar, mid-p", "sign-flip", "omnibus", "interaction")
    for name, count in zip(names, hits, strict=True):
        print(f"size of {name}, 40 groups of 3 dependent cases: {count / ROUNDS:.4f}")


if __name__ == "__main__":
    main()
