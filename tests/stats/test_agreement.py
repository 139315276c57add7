"""Agreement: statsmodels' and Gwet's figures, and what intervals do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from medbench.stats.agreement import cohen_kappa, gwet_ac

GRADES = ("poor", "partial", "good")
# Gwet's twelve units and four raters, raw_4raters of irrCAC 0.4.4, which gives AC1 .77544, AC2 linear .85874
# and quadratic .91400.
GWET = [
    (1, 1, None, 1),
    (2, 2, 3, 2),
    (3, 3, 3, 3),
    (3, 3, 3, 3),
    (2, 2, 2, 2),
    (1, 2, 3, 4),
    (4, 4, 4, 4),
    (1, 1, 2, 1),
    (2, 2, 2, 2),
    (None, 5, 5, 5),
    (None, None, 1, 1),
    (None, None, 3, None),
]


@given(st.lists(st.tuples(st.sampled_from(GRADES), st.sampled_from(GRADES)), min_size=4, max_size=40))
def test_kappa_equals_statsmodels(pairs: list[tuple[str, str]]) -> None:
    """Cohen's kappa, plain and quadratic, is that of statsmodels for any grades."""
    table = np.zeros((3, 3))
    for one, other in pairs:
        table[GRADES.index(one), GRADES.index(other)] += 1
    first, second = zip(*pairs, strict=True)
    for quadratic, theirs in ((False, None), (True, "fc")):
        found = cohen_kappa(first, second, GRADES, quadratic=quadratic)
        if found.value is not None:
            expected = cohens_kappa(table, wt=theirs, return_results=False)
            assert found.value == pytest.approx(expected, abs=1e-9)


def test_a_published_kappa() -> None:
    """Fleiss, Levin and Paik 2003, table 18.1: 100 subjects, kappa .68; its standard error .087."""
    counts = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    cells = [(i, j) for i in range(3) for j in range(3) for _ in range(counts[i][j])]
    first, second = zip(*cells, strict=True)
    found = cohen_kappa(first, second, (0, 1, 2))
    assert found.value == pytest.approx(0.676, abs=5e-4)
    assert found.agreed == pytest.approx(0.89)
    assert found.interval is not None
    # Not symmetric as the normal interval is, but as wide: 2 x 1.96 x .087.
    assert found.interval.high - found.interval.low == pytest.approx(2 * 1.96 * 0.087, rel=0.1)


def test_gwets_worked_example() -> None:
    """AC1 of Gwet's four raters, with ratings missing, is his own figure."""
    found = gwet_ac(GWET, (1, 2, 3, 4, 5))
    assert found.value == pytest.approx(0.77544, abs=5e-6)
    assert found.n == 11
    assert found.interval is not None
    assert found.interval.low < 0.77544 < found.interval.high


def test_kappa_falls_where_nearly_all_are_alike_and_ac1_does_not() -> None:
    """The paradox of kappa: 90 of 100 agreed, nearly all of one grade; kappa is below 0, AC1 .89."""
    first, second = [1] * 90 + [1] * 5 + [0] * 5, [1] * 90 + [0] * 5 + [1] * 5
    kappa, ac1 = cohen_kappa(first, second, (0, 1)), gwet_ac([*zip(first, second, strict=True)], (0, 1))
    assert kappa.value == pytest.approx(-0.0526, abs=1e-4)
    assert ac1.value == pytest.approx(0.8895, abs=1e-4)


def test_nothing_to_agree_on_is_not_agreement() -> None:
    """No items, one grade only, and one rater only have no coefficient; none of them is 1 or 0."""
    assert cohen_kappa([], [], GRADES).value is None
    alike = cohen_kappa(["poor"] * 5, ["poor"] * 5, GRADES)
    assert (alike.value, alike.interval, alike.agreed) == (None, None, 1.0)
    lonely = gwet_ac([("good", None), (None, "poor")], GRADES)
    assert (lonely.value, lonely.n) == (None, 0)


def test_kappa_wants_pairs_of_known_grades() -> None:
    """Lists of different length and an unknown grade are errors."""
    with pytest.raises(ValueError, match="1 grades stand beside 2"):
        cohen_kappa(["good"], ["good", "poor"], GRADES)
    with pytest.raises(ValueError, match="not in"):
        cohen_kappa(["excellent"], ["good"], GRADES)


def test_items_of_one_topic_are_drawn_together() -> None:
    """Copies in one group leave the interval of the items themselves."""
    random = np.random.default_rng(1)
    first = random.integers(0, 3, 60).tolist()
    second = [one if random.random() < 0.7 else int(random.integers(0, 3)) for one in first]
    once = cohen_kappa(first, second, (0, 1, 2)).interval
    copies = cohen_kappa(first * 4, second * 4, (0, 1, 2), labels=[*range(60)] * 4).interval
    assert once is not None
    assert copies is not None
    assert (copies.low, copies.high) == pytest.approx((once.low, once.high), abs=1e-9)
    assert copies.clusters == 60


def test_topics_without_a_graded_item_are_no_groups() -> None:
    """Numbers of topics may have gaps, as where few cases of a benchmark are graded by both."""
    first, second = np.random.default_rng(3).integers(0, 3, (2, 18)).tolist()
    dense, gaps = np.arange(18), np.arange(18) * 5 + 2
    kappas = [cohen_kappa(first, second, (0, 1, 2), labels=labels) for labels in (dense, gaps)]
    assert kappas[0].interval is not None
    assert kappas[0].interval.clusters == 18
    assert kappas[1] == kappas[0]
    pairs = list(zip(first, second, strict=True))
    assert gwet_ac(pairs, (0, 1, 2), labels=gaps) == gwet_ac(pairs, (0, 1, 2), labels=dense)


def test_groups_are_drawn_in_the_order_of_their_first_items() -> None:
    """Numbers and names of the same groups give the same interval, whatever the numbers are."""
    first, second = np.random.default_rng(4).integers(0, 3, (2, 60)).tolist()
    numbers = np.random.default_rng(5).permutation(60) // 2
    names = [f"topic {number}" for number in numbers]
    by_number = cohen_kappa(first, second, (0, 1, 2), labels=numbers)
    assert by_number.interval is not None
    assert by_number == cohen_kappa(first, second, (0, 1, 2), labels=names)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 30)), min_size=1, max_size=60))
def test_items_that_share_a_way_to_be_graded_count_each(items: list[tuple[int, int]]) -> None:
    """Given by the place of their grades, in a byte, they have the agreement of items that stand in full."""
    pairs = [(mine, theirs) for mine in range(3) for theirs in range(3)]
    places = np.array([place for place, _ in items], np.int8)
    labels = np.array([label for _, label in items])
    whole = [pairs[place] for place in places]
    one, other = ([pair[side] for pair in pairs] for side in (0, 1))
    first, second = ([pair[side] for pair in whole] for side in (0, 1))
    kappas = (
        cohen_kappa(one, other, (0, 1, 2), labels=labels, places=places),
        cohen_kappa(first, second, (0, 1, 2), labels=labels.tolist()),
    )
    assert kappas[0] == kappas[1]
    coefficients = (
        gwet_ac(pairs, (0, 1, 2), labels=labels, places=places),
        gwet_ac(whole, (0, 1, 2), labels=labels.tolist()),
    )
    assert coefficients[0] == coefficients[1]
