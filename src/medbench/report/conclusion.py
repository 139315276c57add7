"""A comparison in words: what each pair shows, what the floors say, what to be careful with."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from medbench.report.numbers import between, p_value, percent, points, share
from medbench.report.table import printable
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.results.comparison import Comparison, Conclusion, Pair, SystemRow

WIDTH = 98
RECALL = "rouge_l.recall"
NAMES = {
    "good": "good",
    "key_finding": "key finding",
    "finding.f1": "finding F1",
    "finding.recall": "finding recall",
    "finding.precision": "finding precision",
    "rouge_l.recall": "ROUGE-L recall",
    "rouge_l.f1": "ROUGE-L F1",
}
_BLIND = {
    "baseline-generic": "a fixed text",
    "baseline-random": "a random text of the same region",
}


def conclusions(comparison: Comparison) -> list[str]:
    """The first lines of the result: one paragraph a pair of systems."""
    lines = [f"Forced: {said}." for said in comparison.forced]
    if comparison.omnibus is not None:
        overall = comparison.omnibus
        lines.append(
            f"All {len(comparison.systems)} systems, {_name(overall.metric)} over "
            f"{counted(overall.n, 'case')}: "
            + (
                f"not all alike (p = {p_value(overall.p)})."
                if overall.p <= 0.05
                else f"not shown to differ (p = {p_value(overall.p)})."
            )
        )
    if len(comparison.systems) == 1:
        lines.append(
            f"No conclusion: that takes two systems. Another one: medbench run {comparison.benchmark} -m NAME"
        )
    for pair in comparison.pairs:
        if pair.conclusion is not None:
            lines.append(_sentence(pair, pair.conclusion))
            lines += [f"  {line}" for line in _basis(pair, pair.conclusion)]
    return [part for line in lines for part in _wrapped(line)]


def _wrapped(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(printable(line), WIDTH, subsequent_indent=indent, break_on_hyphens=False) or [""]


def _sentence(pair: Pair, found: Conclusion) -> str:
    if found.outcome == "nothing":
        return f"No conclusion: no case has {_name(found.metric)} for both {pair.a} and {pair.b}."
    assert found.difference is not None
    high, low = (pair.b, pair.a) if found.difference >= 0 else (pair.a, pair.b)
    size = _size(found)
    if found.outcome == "withheld":
        return (
            f"No conclusion yet: {found.n} of {counted(found.wanted, 'case has', 'cases have')} "
            f"{_name(found.metric)} for both {high} and {low} (--min-coverage). So far {high} is {size}."
        )
    if found.outcome in {"better", "worse"}:
        return f"{high} is better than {low}: {size}."
    if found.outcome == "equivalent":
        return f"{high} and {low} are equivalent within {_margin(found)}: {size}."
    return (
        f"Inconclusive: {high} {size} than {low}."
        if found.metric == "good"
        else (f"Inconclusive: {high} against {low}, {size}.")
    )


def _size(found: Conclusion) -> str:
    assert found.difference is not None
    sign = 1 if found.difference >= 0 else -1
    interval = found.interval
    if interval is not None and sign < 0:
        interval = interval.model_copy(update={"low": -interval.high, "high": -interval.low})
    ends = between(interval, of_points=found.metric == "good")
    if found.metric == "good":
        return f"good on {points(abs(found.difference)).removeprefix('+')} more cases in 100 {ends}".rstrip()
    return f"{_name(found.metric)} {share(abs(found.difference), 2)} higher {ends}".rstrip()


def _margin(found: Conclusion) -> str:
    return f"{percent(found.margin)} points" if found.metric == "good" else share(found.margin, 2)


def _basis(pair: Pair, found: Conclusion) -> Iterator[str]:
    """What the conclusion rests on, and why it is not more."""
    graded = pair.graded if found.metric == "good" else None
    if graded is not None:
        tests = (
            f"McNemar mid-p {p_value(graded.good.p_mid)}, exact {p_value(graded.good.p)}"
            if pair.graded and graded.good.test
            else ""
        )
        yield (
            f"{graded.n} of {counted(found.wanted, 'case')} judged for both: only {pair.a} good "
            f"{len(graded.only_a)}, "
            f"only {pair.b} {len(graded.only_b)}, both {graded.both}, neither {len(graded.neither)}; {tests}."
        )
        if graded.if_missing is not None and not graded.if_missing.turns:
            others = "case" if graded.unpaired == 1 else f"{graded.unpaired:,} cases"
            yield f"The {others} not judged for both cannot change this."
    elif found.n:
        yield (
            f"{found.n} of {counted(found.wanted, 'case has', 'cases have')} it for both. Nothing is "
            "graded: this is about the metric alone."
        )
    for reason in found.reasons:
        yield f"{reason[0].upper()}{reason[1:]}."
    if graded is not None and graded.reviewed is not None:
        yield (
            f"Corrected by the {counted(graded.reviewed.n, 'case')} that people graded for both: "
            f"{points(graded.reviewed.difference)} {between(graded.reviewed.interval, of_points=True)}."
        )
    if found.pairs_needed is not None:
        more = max(0, found.pairs_needed - found.n)
        yield (
            f"If the difference seen is the true one, about {counted(found.pairs_needed, 'case')} "
            f"with both would settle it (80 % power): {more:,} more."
        )
    elif found.outcome == "inconclusive":
        yield "No number of cases can be named that would settle it: the difference seen is too small."


def teaching(comparison: Comparison) -> str:
    """What the floors say, in words; empty where there is none."""
    rows = {row.name: row for row in (*comparison.floors, *comparison.systems)}
    blind = [
        f"{what} reaches {share(_mean(rows[name], RECALL))}"
        for name, what in _BLIND.items()
        if name in rows and _mean(rows[name], RECALL) is not None
    ]
    if not blind:
        return ""
    looks = "Of the baselines only retrieval looks at the images. " if "baseline-retrieval" in rows else ""
    words = (
        f"{looks}Without looking, {' and '.join(blind)} of ROUGE-L recall: "
        "read every other number against these floors."
    )
    return textwrap.fill(words, 80)


def uneven(comparison: Comparison) -> str:
    """That the rows rest on different cases; empty where they do not."""
    if not any(pair.only_a or pair.only_b for pair in comparison.pairs):
        return ""
    return "The rows rest on different cases: only the pairs of compare are on the same ones."


def cautions(comparison: Comparison) -> list[str]:
    """What a reader of the tables would get wrong: length, latency, loops, marks."""
    lines = [*_length(comparison), *_latency(comparison)]
    if comparison.swap_mixed:
        lines.append(
            "Other cases' text: fewer than five other cases of "
            f"{', '.join(comparison.swap_mixed)}, so other regions stand in too."
        )
    lines.append(
        f"95 % intervals over {counted(comparison.topics, 'topic')}: Wilson for rates, BCa for means; "
        "~ marks one that may miss its level (fewer than 50 topics, or heavy tails)."
    )
    return [textwrap.fill(line, WIDTH, break_on_hyphens=False) for line in lines]


def _length(comparison: Comparison) -> Iterator[str]:
    for pair in comparison.pairs:
        whole = pair.metrics.get(RECALL)
        cut = next((one for name, one in pair.metrics.items() if name.startswith("first")), None)
        if (
            pair.conclusion is None
            or whole is None
            or cut is None
            or whole.interval is None
            or cut.interval is None
        ):
            continue
        apart = whole.interval.low > 0 or whole.interval.high < 0
        if apart and cut.interval.low <= 0 <= cut.interval.high:
            yield (
                f"ROUGE-L recall pays for length: {pair.b} minus {pair.a} is "
                f"{share(whole.difference, 2)}, at equal length {share(cut.difference, 2)} "
                f"{between(cut.interval, of_points=False)}. Do not quote it."
            )


def _latency(comparison: Comparison) -> Iterator[str]:
    rows = [row for row in comparison.systems if "latency_ms" in row.metrics and row.metrics["latency_ms"].n]
    for one in rows:
        for other in rows:
            first, second = one.metrics["latency_ms"], other.metrics["latency_ms"]
            assert first.mean is not None
            assert second.mean is not None
            assert first.median is not None
            assert second.median is not None
            if first.mean > second.mean and first.median < second.median:
                yield (
                    f"{one.name} has the higher mean latency and the lower median: a few slow answers "
                    f"({one.flags.get('loop', 0)} loops) make its mean. Quote the medians."
                )


def _name(metric: str) -> str:
    return NAMES.get(metric, metric)


def _mean(row: SystemRow, metric: str) -> float | None:
    estimate = row.metrics.get(metric)
    return estimate.mean if estimate else None
