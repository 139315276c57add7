"""The line that says how intervals are computed is raised when their digits change."""

from __future__ import annotations

import numpy as np
import pytest

from medbench.schema.score import Interval
from medbench.stats import bootstrap
from medbench.stats.bootstrap import PART_DRAWS, mean_intervals
from medbench.stats.groups import Groups, grouped
from medbench.stats.intervals import LEVEL, rate_interval
from medbench.stats.method import METHOD

VALUES = np.array([(37 * number % 101) / 100 for number in range(120)])
TOPICS = np.array([number // 2 for number in range(120)])
BITS = np.array([float(number % 7 in {1, 4}) for number in range(120)])
FEW = slice(0, 9)
PINNED = [
    (0.442083333333, 0.544750000000),
    (0.454333333333, 0.533166666667),
    (0.272222222222, 0.675555555556),
    (0.103051013035, 0.188311574518),
    (0.443252652356, 0.544677270295),
    (0.210406280918, 0.369702024531),
    (0.209055494008, 0.371603135253),
    (0.000000000000, 0.087621601197),
]
"""Ends of these intervals."""


def means() -> list[Interval | None]:
    """A mean of cases, of topics, of few, of skewed values, and that of a part."""
    columns: list[Groups] = [
        grouped(VALUES, None),
        grouped(VALUES, TOPICS),
        grouped(VALUES[FEW], None),
        grouped(VALUES**6, None),
    ]
    return mean_intervals([*columns, columns[0]], [None, None, None, None, PART_DRAWS])


def rates() -> list[Interval | None]:
    """A rate of cases, of topics, and one without a hit."""
    zeros = np.zeros(40)
    return [
        rate_interval(each) for each in (grouped(BITS, None), grouped(BITS, TOPICS), grouped(zeros, None))
    ]


def test_other_digits_are_another_method() -> None:
    """A failure here means: raise the number in METHOD, so that summaries of before are computed anew."""
    ends = [(each.low, each.high) for each in (*means(), *rates()) if each]
    assert METHOD.startswith("statistics:1|")
    assert ends == [pytest.approx(pair, abs=1e-9) for pair in PINNED]


def test_the_line_says_what_the_code_does() -> None:
    """Resamples, seed and level are those that are used."""
    said = dict(part.split(":") for part in METHOD.split("|"))
    assert int(said["bca"]) == bootstrap.MOST_DRAWS
    assert int(said["parts"]) == PART_DRAWS
    assert int(said["seed"]) == bootstrap.SEED
    assert float(said["level"]) == LEVEL
    assert {each.method for each in means() if each} == {"bca"}
    assert {each.method for each in rates() if each} == {said["rates"]}
