"""Coverage of the corrected interval: a judge that errs, corrected by a reviewed sample.

Prints, for each true rate and each judge, the share of simulations in which the 95 % interval of
`prediction_powered` holds the truth, for each number of reviewed and of all judged outputs; in brackets
that of the normal interval of PPI++. The figures stand in docs/statistics.md.
"""

from __future__ import annotations

import argparse

import numpy as np

from medbench.stats.judge_correction import prediction_powered

RATES = (0.02, 0.05, 0.10, 0.25, 0.50)
JUDGES = {"useless": (0.5, 0.5), "lenient": (0.85, 0.75), "strict": (0.6, 0.98), "good": (0.95, 0.95)}
"""Sensitivity and specificity of each judge."""
SIZES = ((20, 100), (30, 300), (60, 300), (100, 1000))
"""Outputs that people graded, and all that the judge graded."""


def coverage(  # noqa: PLR0913 - one cell of the table
    rate: float, judge: tuple[float, float], size: tuple[int, int], rounds: int, seed: int, shared: int = 1
) -> tuple[float, float]:
    """Return the share of rounds in which the interval holds the rate, and the normal one's.

    Args:
        rate: Of good outputs, to people.
        judge: Sensitivity and specificity.
        size: Outputs that people graded, and all that the judge graded.
        rounds: Simulations.
        seed: Of them.
        shared: Outputs of one patient, all good or all not; people grade whole patients.
    """
    random = np.random.default_rng(seed)
    reviewed, judged = size
    patients = np.arange(judged) // shared
    labels = (patients[:reviewed].tolist(), patients[reviewed:].tolist())
    held = normal = 0
    for _ in range(rounds):
        good = (random.random(judged) < rate)[patients]
        said = np.where(good, random.random(judged) < judge[0], random.random(judged) >= judge[1])
        truth, grades = good.astype(float), said.astype(float)
        found = prediction_powered(truth[:reviewed], grades[:reviewed], grades[reviewed:], labels=labels)
        assert found is not None
        held += found.interval.low <= rate <= found.interval.high
        normal += abs(found.value - rate) <= 1.96 * found.error
    return held / rounds, normal / rounds


def main() -> None:
    """Run the simulations and print them as the table of the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5_000)
    asked = parser.parse_args()
    print("| rate | judge |", " | ".join(f"{n} of {judged}" for n, judged in SIZES), "|")
    print("|---|---|" + "---|" * len(SIZES))
    for rate in RATES:
        for name, judge in JUDGES.items():
            shares = [coverage(rate, judge, size, asked.rounds, seed) for seed, size in enumerate(SIZES, 1)]
            cells = " | ".join(f"{held:.3f} ({normal:.2f})" for held, normal in shares)
            print(f"| {rate:.2f} | {name} {judge[0]:g}, {judge[1]:g} | {cells} |", flush=True)
    for size, shared in (((60, 300), 10), ((60, 300), 3), ((100, 1000), 5)):
        for rate in (0.1, 0.5):
            held, normal = coverage(rate, JUDGES["lenient"], size, asked.rounds, 9, shared)
            print(f"patients of {shared}, {size}, rate {rate}: {held:.3f} ({normal:.2f})", flush=True)


if __name__ == "__main__":
    main()
