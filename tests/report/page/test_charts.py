"""Plots of differences: which systems a row sets against each other."""

from __future__ import annotations

from results import comparison, conclusion, difference, estimate, graded_pair, pair, system_row

from medbench.report.page.charts import against_the_first, forests
from medbench.schema.results.comparison import Pair, StratumDifference, StratumTable


def _decided(a: str, b: str, value: float) -> Pair:
    grades = graded_pair(good=difference(value, (value - 0.1, value + 0.1)))
    return pair(a=a, b=b, graded=grades, conclusion=conclusion("inconclusive", value))


def test_systems_are_held_against_the_one_that_all_are_paired_with() -> None:
    """One plot has a row for each of the others."""
    plot = against_the_first(
        comparison(*map(system_row, "abc"), pairs=(_decided("a", "b", -0.13), _decided("a", "c", 0.02)))
    )
    assert plot is not None
    assert plot.title == "Each system minus a: good"
    assert [row.cells[0] for row in plot.rows] == ["b", "c"]


def test_declared_pairs_of_different_systems_have_a_plot_each() -> None:
    """What is d minus c is never drawn as d minus a."""
    two = comparison(*map(system_row, "abcd"), pairs=(_decided("a", "b", -0.13), _decided("c", "d", 0.02)))
    assert against_the_first(two) is None
    assert [plot.title for plot in forests(two)] == ["b minus a: good", "d minus c: good"]


def _by_modality(p_holm: float | None) -> StratumTable:
    parts = tuple(
        StratumDifference(
            value=name,
            n=20,
            a=estimate(0.5),
            b=estimate(0.5),
            difference=difference(0.1, p_holm=p_holm),
            pooled=0.1,
        )
        for name in ("CT", "MR")
    )
    return StratumTable(by="modality", a="a", b="b", metric="good", parts=parts, p=None, p_holm=None)


def test_the_note_says_over_what_each_p_value_is_adjusted() -> None:
    """Overall over all metrics and pairs, as in `compare`; for a part that has one, over those beside it."""
    told = "; for a part, over the parts beside it."
    for systems, overall in (("ab", "all metrics, 9 tests"), ("abc", "all metrics and pairs, 9 tests")):
        for strata, ends in (((), "."), ((_by_modality(None),), "."), ((_by_modality(0.04),), told)):
            (plot,) = forests(
                comparison(
                    *map(system_row, systems), pairs=(_decided("a", "b", 0.1),), strata=strata, tests=9
                )
            )
            assert plot.note.endswith(f"shows no difference. Holm over {overall}{ends}")
            assert bool(plot.parts) == bool(strata)
