"""The rates that a reader would quote, and how often chance alone sets them so far apart."""

from __future__ import annotations

import pytest
from results import comparison, conclusion, difference, graded, graded_pair, pair, system_row

from medbench.report.page.headlines import headlines


@pytest.mark.parametrize(
    ("p", "adjusted", "pairs", "said"),
    [
        (0.19, 0.19, 1, "in about 19 of 100 such comparisons."),
        (0.19, 0.38, 2, "in about 19 of 100 such comparisons; 2 are made here."),
        (0.03, 0.06, 2, "in about 3 of 100 such comparisons; 2 are made here."),
        (0.004, 0.06, 15, "in fewer than 1 of 100 such comparisons; 15 are made here."),
    ],
)
def test_how_often_chance_does_it_is_of_one_comparison(
    p: float, adjusted: float, pairs: int, said: str
) -> None:
    """A p-value raised for many tests counts no single comparison, and none happens in 0 of 100."""
    one = pair(
        graded=graded_pair(good=difference(0.15, test="mcnemar", p=p, p_mid=p)),
        conclusion=conclusion("inconclusive", p=adjusted, tested_pairs=pairs),
    )
    systems = system_row("a", graded=graded(0.35)), system_row("b", graded=graded(0.5))
    ((line, why),) = headlines(comparison(*systems, pairs=(one,)))
    assert line.endswith("this difference does not hold.")
    assert why.endswith(said)
