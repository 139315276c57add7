"""How often the corrected interval holds the true rate: a judge that errs, corrected by a reviewed sample.

Prints, for a true rate of .40 and of .10, the share of simulations in which the 95 % interval of
prediction-powered inference holds it, beside the judge's own interval and the reviewers' alone. The figures
stand in docs/judging.md.
"""

from __future__ import annotations

import argparse

import numpy as np

from medbench.stats.intervals import wilson
from medbench.stats.judge_correction import prediction_powered, rogan_gladen

SENSITIVITY, SPECIFICITY = 0.85, 0.75


def simulate(truth: float, judged: int, reviewed: int, rounds: int, seed: int) -> dict[str, float]:
    """Share of rounds in which each interval holds the truth, and the mean width of the corrected one."""
    random = np.random.default_rng(seed)
    held = dict.fromkeys(("corrected", "judge alone", "reviewers alone", "rogan-gladen"), 0)
    width = 0.0
    for _ in range(rounds):
        good = random.random(judged) < truth
        said = np.where(good, random.random(judged) < SENSITIVITY, random.random(judged) >= SPECIFICITY)
        human, seen = good[:reviewed], said[:reviewed]
        found = prediction_powered(human.astype(float), seen.astype(float), said[reviewed:].astype(float))
        assert found is not None
        held["corrected"] += found.interval.low <= truth <= found.interval.high
        width += found.interval.high - found.interval.low
        low, high = wilson(int(said.sum()), judged)
        held["judge alone"] += low <= truth <= high
        low, high = wilson(int(human.sum()), reviewed)
        held["reviewers alone"] += low <= truth <= high
        diagnosis = rogan_gladen(
            int(said.sum()),
            judged,
            (int((seen & human).sum()), int(human.sum())),
            (int((~seen & ~human).sum()), int((~human).sum())),
        )
        held["rogan-gladen"] += diagnosis is not None and (
            diagnosis.interval.low <= truth <= diagnosis.interval.high
        )
    return {name: count / rounds for name, count in held.items()} | {"width": width / rounds}


def main() -> None:
    """Run the simulations that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--judged", type=int, default=300, help="outputs that the judge graded")
    parser.add_argument("--reviewed", type=int, default=60, help="of these, graded by people too")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for truth in (0.40, 0.10):
        shares = simulate(truth, asked.judged, asked.reviewed, asked.rounds, asked.seed)
        said = ", ".join(f"{name} {share:.3f}" for name, share in shares.items())
        print(f"truth {truth:.2f}, {asked.judged} judged, {asked.reviewed} reviewed: {said}")


if __name__ == "__main__":
    main()
