"""A comparison in words: what each pair shows, what the floors say, what to be careful with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Paragraph, flush
from medbench.report.compare.comparison import floor_of
from medbench.report.numbers import between, metric_name, percent, points, share
from medbench.schema.results.system_row import RAW, in_order
from medbench.scoring.controls import ABOVE
from medbench.sentences import alpha_text, counted, p_text, rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.results.comparison import Comparison, Conclusion, GradedPair, Pair, PairedDifference

LOOKS = "baseline-retrieval"
"""The one baseline that looks at the images."""


def conclusions(comparison: Comparison) -> Iterator[Paragraph]:
    """Yield the first lines of the result: for each pair of systems a conclusion and what it rests on."""
    yield from (flush(premise) for premise in premises(comparison))
    yield from pair_conclusions(comparison)


def pair_conclusions(comparison: Comparison) -> Iterator[Paragraph]:
    """Yield what each pair shows, with its reasons."""
    for line in _conclusions(comparison):
        yield flush(line)


def premises(comparison: Comparison) -> Iterator[str]:
    """Yield what was forced, who graded if that does not decide, and the test of all systems at once."""
    for reason in comparison.forced:
        yield f"Forced: {reason}."
    if look := comparison.look:
        yield (
            f"Look {look} of a plan to look again as cases come in: tests at p ≤ "
            f"{alpha_text(comparison.alpha)} (.05 / ({look} x {look + 1})), intervals of differences "
            f"{100 * (1 - comparison.alpha):.1f} %; all looks together make at most 5 % false claims. Next "
            f"time: look {look + 1}."
        )
    if comparison.rater == "rules":
        yield "Graded by the rules, as asked: they do not agree with judges enough to decide by themselves."
    if comparison.omnibus is not None:
        overall = comparison.omnibus
        outcome = "not all alike" if overall.p <= comparison.alpha else "not shown to differ"
        yield (
            f"All {len(comparison.systems)} systems, {metric_name(overall.metric)} over "
            f"{counted(overall.n, 'case')}: {outcome} ({p_text(overall.p)})."
        )


def _conclusions(comparison: Comparison) -> Iterator[str]:
    if len(comparison.systems) == 1:
        yield "No conclusion: that takes two systems."
    for pair in comparison.pairs:
        if pair.conclusion is not None:
            yield sentence(pair, pair.conclusion)
            for reason in pair_basis(pair, comparison):
                yield f"  {reason}"


def sentence(pair: Pair, conclusion: Conclusion) -> str:
    """Return what a pair shows, in one sentence."""
    metric = metric_name(conclusion.metric)
    if conclusion.outcome == "nothing":
        return f"No conclusion: no case has {metric} for both {pair.a} and {pair.b}."
    assert conclusion.difference is not None
    high, low = (pair.b, pair.a) if conclusion.difference >= 0 else (pair.a, pair.b)
    size, none = _size(conclusion), _shows_none(conclusion)
    match conclusion.outcome:
        case "withheld":
            return (
                f"No conclusion yet: {conclusion.n} of "
                f"{counted(conclusion.wanted, 'case has', 'cases have')} {metric} for both {high} and {low} "
                f"(--min-coverage). So far {'' if none else f'{high} is '}{size}."
            )
        case "better" | "worse":
            return f"{high} is better than {low}: {size}."
        case "equivalent":
            return f"{high} and {low} are equivalent within {_margin(conclusion)}: {size}."
    if none:
        return f"Inconclusive: {size} between {high} and {low}."
    of_points = conclusion.metric == "good"
    return f"Inconclusive: {high} " + (f"{size} than {low}." if of_points else f"against {low}, {size}.")


def _shows_none(conclusion: Conclusion) -> bool:
    """Return True if a difference that is not shown to be one rounds to nothing."""
    assert conclusion.difference is not None
    return conclusion.outcome not in {"better", "worse"} and rounded(conclusion.difference, 2) == "0.00"


def _size(conclusion: Conclusion) -> str:
    """Describe the size of a difference, seen from the system that is ahead."""
    assert conclusion.difference is not None
    interval = conclusion.interval
    if interval is not None and conclusion.difference < 0:
        interval = interval.model_copy(update={"low": -interval.high, "high": -interval.low})
    of_points = conclusion.metric == "good"
    ends = between(interval, of_points=of_points)
    size = abs(conclusion.difference)
    if _shows_none(conclusion):
        return f"no difference in {metric_name(conclusion.metric)} {ends}".rstrip()
    if of_points:
        cases = percent(size)
        cases = f"{100 * size:.1g}" if cases == "0" else cases
        return f"good on {cases} more case{'s' * (cases != '1')} in 100 {ends}".rstrip()
    value = share(size, 4 if rounded(size, 2) == "0.00" else 2)
    return f"{metric_name(conclusion.metric)} {value} higher {ends}".rstrip()


def _margin(conclusion: Conclusion) -> str:
    if conclusion.metric == "good":
        return f"{percent(conclusion.margin)} points"
    return share(conclusion.margin, 2)


def pair_basis(pair: Pair, comparison: Comparison) -> Iterator[str]:
    """Yield what the conclusion about a pair rests on, and why it is not more."""
    conclusion = pair.conclusion
    assert conclusion is not None
    graded = pair.graded if conclusion.metric == "good" else None
    if graded is not None:
        yield (
            f"{graded.n} of {counted(conclusion.wanted, 'case')}{_groups(conclusion, comparison.topics)} "
            f"judged for both{_grades(pair, graded)}{_tests(graded.good, conclusion)}."
        )
        if graded.if_missing is not None and not graded.if_missing.turns:
            others = "case" if graded.unpaired == 1 else f"{graded.unpaired:,} cases"
            yield f"The {others} not judged for both cannot change this."
    elif conclusion.n:
        tests = _tests(pair.metrics.get(conclusion.metric), conclusion)
        yield (
            f"{conclusion.n} of {counted(conclusion.wanted, 'case')}{_groups(conclusion, comparison.topics)} "
            f"{'has' if conclusion.wanted == 1 else 'have'} it for both"
            f"{_counts(pair, conclusion.metric)}{tests}. "
            "No judge graded them: this is about the metric alone."
        )
    for reason in conclusion.reasons:
        yield f"{reason[0].upper()}{reason[1:]}."
    if graded is not None and graded.reviewed is not None:
        yield (
            f"Corrected by the {counted(graded.reviewed.n, 'case')} that people graded for both: "
            f"{points(graded.reviewed.difference)} {between(graded.reviewed.interval, of_points=True)}."
        )
    if conclusion.pairs_needed is not None:
        one = graded is not None and graded.good.test != "sign-flip"
        yield from _more(conclusion, comparison.look, of_one_answer=one)
    elif conclusion.outcome == "inconclusive":
        yield "No number of cases can be named that would settle it: the difference seen is too small."


def _grades(pair: Pair, graded: GradedPair) -> str:
    """Return on how many cases each system is good; of several answers a case, where the larger share is."""
    if graded.good.test == "sign-flip":
        return (
            f", several answers each: a larger share good of {pair.b} on {graded.good.higher}, of {pair.a} "
            f"on {graded.good.lower}, tied on {graded.good.tied} of {graded.n}"
        )
    return (
        f": only {pair.a} good {len(graded.only_a)}, only {pair.b} {len(graded.only_b)}, "
        f"both {graded.both}, neither {len(graded.neither)} (tied on {graded.good.tied} of {graded.n})"
    )


def _more(conclusion: Conclusion, look: int | None, *, of_one_answer: bool) -> Iterator[str]:
    """Yield how many cases would settle it, and what looking again costs.

    Args:
        conclusion: The conclusion.
        look: Number of this planned look.
        of_one_answer: True if it is about grades, of one answer to a case.
    """
    assert conclusion.pairs_needed is not None
    more = max(0, conclusion.pairs_needed - conclusion.n)
    power = f"80 % power at look {look + 1}" if look else "80 % power"
    if conclusion.tested_pairs > 1:
        power += f", Holm over {conclusion.tested_pairs} pairs"
    yield (
        f"If the difference seen is the true one, about {counted(conclusion.pairs_needed, 'case')} "
        f"with both would settle it ({power}): {more:,} more."
    )
    if conclusion.needed_range is not None:
        ends = ("over 20,000" if n is None else f"{n:,}" for n in conclusion.needed_range)
        unknown = "discordance" if of_one_answer else "spread of the differences"
        yield f"As the {unknown} is uncertain: from {' to '.join(ends)} cases."
    if look is None:
        yield (
            "Testing again costs: two looks at p < .05 make up to 8 % false claims; "
            "planned looks (--look 1, then 2, …) together at most 5 %."
        )


def _groups(conclusion: Conclusion, topics: int) -> str:
    """Return the number of independent groups where cases are dependent: ' (n 60 / 6 groups)'."""
    groups = conclusion.interval.clusters if conclusion.interval else 1 if topics == 1 else conclusion.n
    return f" (n {conclusion.n:,} / {counted(groups, 'group')})" if groups != conclusion.n else ""


def _counts(pair: Pair, metric: str) -> str:
    """Return on how many cases each system is ahead; of one above chance, in the metric itself."""
    found = pair.metrics.get(raw := metric.removeprefix(ABOVE))
    if found is None:
        return ""
    return (
        f"; {metric_name(raw)} higher for {pair.b} on {found.higher}, for {pair.a} on {found.lower}, "
        f"tied on {found.tied} of {found.n}"
    )


def _tests(found: PairedDifference | None, conclusion: Conclusion) -> str:
    """Return the p-values of a difference, and the one over all pairs where there are several."""
    if found is None:
        return ""
    values = [("mid-p", found.p_mid), ("exact p" if found.p_mid is not None else "p", found.p)]
    texts = [p_text(p, name) for name, p in values if p is not None]
    if texts and conclusion.tested_pairs > 1 and conclusion.p is not None:
        texts.append(f"{p_text(conclusion.p)} by Holm over {conclusion.tested_pairs} pairs, which decides")
    name = {"mcnemar": "McNemar ", "sign-flip": "sign-flip "}.get(found.test or "", "")
    if conclusion.interval and conclusion.interval.clusters != conclusion.n:
        name += "by group "  # from the counts alone a reader would get another p
    return f"; {name}{', '.join(texts)}" if texts else ""


def floors(comparison: Comparison) -> Iterator[Paragraph]:
    """Yield what is reached without looking at an image, and whether rows can be read side by side."""
    rows = [row for row in (*comparison.floors, *comparison.systems) if row.name.startswith("baseline-")]
    blind = [row for row in rows if row.name != LOOKS]
    floor = floor_of(comparison)
    for metric, of_what in zip(RAW, ("finding F1", "share of right answers"), strict=True):
        in_table = floor is not None and floor.row in blind and len(comparison.floors) > 1
        told = share(floor.row.mean(metric), 2) if floor and in_table else ""
        for row in in_order(blind, metric)[:1]:
            if (reached := share(row.mean(metric), 2)) != told:
                yield flush(
                    f"Without looking at an image {row.name} reaches a {of_what} of {reached}: read every "
                    "raw number against that."
                )
    if any(pair.only_a or pair.only_b for pair in comparison.pairs):
        yield Paragraph("The rows rest on different cases: only the pairs of compare are on the same ones.")


def cautions(comparison: Comparison) -> Iterator[Paragraph]:
    """Yield what a reader of the tables would get wrong: latency, other cases' texts, marks."""
    lines = [*_latency(comparison)]
    if comparison.swap_mixed:
        have = "have" if len(comparison.swap_mixed) > 1 else "has"
        lines.append(
            f"Other cases: {' and '.join(comparison.swap_mixed)} {have} none, so that other regions stand in."
        )
    lines.append(
        "[ ]: 95 % intervals, cases of one topic drawn as one, Wilson for rates, BCa for means; "
        "~: may miss its level (fewer than 50 topics, or heavy tails)."
    )
    for line in lines:
        yield flush(line)


def _latency(comparison: Comparison) -> Iterator[str]:
    """Warn where one system has the higher mean latency and the lower median."""
    latencies = [
        (row, latency.mean, latency.median)
        for row in comparison.systems
        if (latency := row.metrics.get("latency_ms")) and latency.mean and latency.median
    ]
    for row, mean, median in latencies:
        others = [other.name for other, *than in latencies if mean > than[0] and median < than[1]]
        if others:
            against = f" than {', '.join(others)}" if len(latencies) > 2 else ""
            loops = row.flags.get("loop", 0)
            of_these = f" ({counted(loops, 'loop')})" * bool(loops)
            yield (
                f"{row.name} has the higher mean latency and the lower median{against}: a few slow answers"
                f"{of_these} make its mean. Quote the medians."
            )
