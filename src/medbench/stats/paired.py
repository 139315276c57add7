"""Two runs on the same cases: differences of case means."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from medbench.schema.comparison import PairedDifference

if TYPE_CHECKING:
    from collections.abc import Mapping


def paired_difference(a: Mapping[str, float], b: Mapping[str, float]) -> PairedDifference | None:
    """The mean difference, second minus first, over the cases in both.

    Args:
        a: Case to value of the first.
        b: Case to value of the second.

    Returns:
        None where no case is in both.
    """
    differences = [b[case] - a[case] for case in a if case in b]
    if not differences:
        return None
    return PairedDifference(
        difference=math.fsum(differences) / len(differences),
        n=len(differences),
        higher=sum(value > 0 for value in differences),
        lower=sum(value < 0 for value in differences),
    )
