"""Numbers, and names of metrics, as they stand on the screen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from medbench.report.blocks import MARK, Span
from medbench.schema.score import ALL_EQUAL
from medbench.scoring.controls import ABOVE, above
from medbench.sentences import counted, money, p_text, rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from medbench.schema.results.comparison import PairedDifference
    from medbench.schema.score import Estimate, Interval

UNKNOWN = "-"
FEW = 5
"""Below so many values a rate is shown as its counts, and a mean with their number."""
_MOST_NAMES = 5
BRACKETS = "[ ]: 95 % interval; ~: it may miss its level (few topics, or heavy tails)."
SECONDS = ("median s", "slowest 5 % s")
"""The columns of seconds a call: half of them, and 95 in 100, took no longer."""
DASH = "\N{EN DASH}"
RECALL = "rouge_l.recall"
SHOWN = ("finding.f1", RECALL, "rouge_l.f1")
"""The metrics that have a column in small tables."""
FINDINGS = ("finding.f1", above("finding.f1"), "finding.key", above("finding.key"))
"""The metrics that tables of systems begin with."""
ANSWERS = ("answer.right", above("answer.right"), "answer.read")
"""Those of questions with a known answer."""
OTHERS = ("rules.good", above("rules.good"), RECALL, "rouge_l.f1")
"""Those that have a table of their own: a rater that does not agree with judges enough, and words."""
OF_POINTS = frozenset({"finding.key", "rules.good", "answer.right", "answer.read"})
"""Metrics that are shown in percent, and their differences in points."""
_NAMES = {
    "good": "good",
    "key_finding": "key finding",
    "finding.f1": "finding F1",
    "finding.key": "key finding",
    "rules.good": "rules",
    "answer.right": "right answers",
    "answer.read": "answers read",
    "finding.recall": "finding recall",
    "finding.precision": "finding precision",
    "finding.significance": "finding significance",
    "rouge_l.precision": "ROUGE-L precision",
    RECALL: "ROUGE-L recall",
    "rouge_l.f1": "ROUGE-L F1",
}


def share(value: float | None, places: int = 3) -> str:
    """Return a number between -1 and 1 with so many places and no leading zero."""
    if value is None:
        return UNKNOWN
    text = rounded(value, places)
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def percent(value: float | None) -> str:
    """Return a share as whole percent, without the sign for it."""
    return UNKNOWN if value is None else rounded(value, times=2)


def points(value: float) -> str:
    """Return a difference of shares in points, with plus or minus."""
    text = rounded(value, times=2)
    return text if text == "0" or value < 0 else f"+{text}"


def rate(estimate: Estimate | None) -> str | Span:
    """Return '44 [23-67]' in percent; the counts alone, greyed, where there are fewer than five."""
    if estimate is None or estimate.mean is None or not estimate.n:
        return UNKNOWN
    if estimate.n < FEW:
        return Span(f"{round(estimate.mean * estimate.n)} of {estimate.n}", "muted")
    return _with_interval(estimate.mean, estimate.interval, percent, width=2)


def mean(estimate: Estimate | None) -> str | Span:
    """Return '.31 [.28-.33]' or 'all .00'; greyed with the number of values where those are fewer than 5."""
    if estimate is None or estimate.mean is None or not estimate.n:
        return UNKNOWN
    if estimate.n < FEW:
        return Span(f"{share(estimate.mean, 2)} ({estimate.n})", "muted")
    return _with_interval(estimate.mean, estimate.interval, _two_places)


def _two_places(value: float) -> str:
    return share(value, 2)


def _with_interval(
    value: float, interval: Interval | None, shown: Callable[[float], str], width: int = 0
) -> str:
    if interval is None:
        return shown(value)
    if interval.approximate == ALL_EQUAL:
        return f"all {shown(value)}"
    ends = f"{shown(interval.low):>{width}}{DASH}{shown(interval.high):>{width}}"
    return f"{shown(value)} [{ends}]{_mark(interval)}"


def sample(n: int, groups: int | None) -> str:
    """Return a number of values, with that of their independent groups where it is another: '60 / 6'."""
    return f"{n:,} / {groups:,}" if groups and groups != n else f"{n:,}"


def of_wanted(n: int, wanted: int, groups: int | None) -> str:
    """Return '38/40 (n 38 / 12)': how many of those that are wanted, and of how many independent groups."""
    return f"{n}/{wanted}" + (f" (n {sample(n, groups)})" if groups and groups != n else "")


def groups_of(estimates: Iterable[Estimate | PairedDifference], topics: int = 0) -> int | None:
    """Return the number of independent groups that estimates rest on; None where nothing tells.

    Args:
        estimates: Of the same cases. Means over one group have no interval that would tell.
        topics: Groups of all cases; 0 where that is unknown.
    """
    known = (one.interval.clusters for one in estimates if one.interval)
    return max(known, default=1 if topics == 1 else None)


def between(interval: Interval | None, *, of_points: bool) -> str:
    """Return '[-18, 45]' in points or '[-.02, .03]'; nothing where there is none.

    Where all values are one, resamples of them tell nothing of others: that is said, and no interval.
    """
    if interval is None:
        return ""
    if interval.approximate == ALL_EQUAL:
        return "(all equal)"
    low, high = (_end(end, interval, of_points=of_points) for end in (interval.low, interval.high))
    return f"[{low}, {high}]{_mark(interval)}"


def _end(end: float, interval: Interval, *, of_points: bool) -> str:
    """Return an end with as many places as it takes not to look like the 0 that the interval leaves out."""
    usual, times = (0, 2) if of_points else (2, 0)
    most = usual + 2 if interval.low > 0 or interval.high < 0 else usual
    places = next((n for n in range(usual, most) if float(rounded(end, n, times=times))), most)
    return rounded(end, places, times=times) if of_points else share(end, places)


def paired(one: PairedDifference, *, of_points: bool, places: int = 2) -> str:
    """Return a difference with its interval: '+15 [-18, 45]' in points, '.02 [-.02, .06]' otherwise."""
    value = points(one.difference) if of_points else share(one.difference, places)
    return f"{value} {between(one.interval, of_points=of_points)}".rstrip()


def _mark(interval: Interval) -> str:
    return MARK if interval.approximate else ""


def p_value(p: float | None) -> str:
    """Return a p-value as it stands in a cell: '.11', '<.001'; in sentences `p_text` gives it."""
    return UNKNOWN if p is None else p_text(p, "").removeprefix(" = ").replace(" ", "")


def seconds(milliseconds: float | None) -> str:
    """Return milliseconds as seconds with one place."""
    return UNKNOWN if milliseconds is None else rounded(milliseconds, 1, times=-3)


def latencies(latency: Estimate | None) -> list[str]:
    """Return the median and the 95th percentile in seconds, of an estimate in milliseconds."""
    return [*map(seconds, (latency.median, latency.p95) if latency else (None, None))]


def cost(usd: float | None, unknown: int) -> str:
    """Return the dollars of the calls whose cost is known, and how many calls have an unknown cost."""
    known = money(usd)
    return f"{known}, {unknown} unknown" if unknown and usd is not None else known


def used_and_up(used: str, up_usd: float) -> str:
    """Return a cost with the hours of an endpoint beside it: '$0.15 used, $0.65 up'; the cost without."""
    return f"{used} used, {money(up_usd)} up" if up_usd else used


def whole(value: float | None) -> str:
    """Return a number without places."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def many(value: float | None) -> str:
    """Return a large number, such as tokens: '870', '74 k', '1.3 M'."""
    if value is None:
        return "unknown"
    if value < 1000:
        return f"{value:.0f}"
    return f"{value / 1e3:.0f} k" if value < 999_500 else f"{value / 1e6:.1f} M"


def minutes(ends: tuple[float, float] | None) -> str:
    """Return the fewest and most minutes of a forecast."""
    return "unknown" if ends is None else span(*ends)


def span(low: float, high: float) -> str:
    """Return a range of whole numbers, such as '2-4' with a dash, '3' or 'under 1'."""
    first, last = math.floor(low), math.ceil(high)
    if last <= 1:
        return "1" if low == high == 1 else "under 1" if high else "0"
    return f"{max(first, 1)}{DASH}{last}" if first != last else f"{last}"


def counts(kinds: Mapping[str, int]) -> str:
    """Return '5 loop, 2 truncated', the most frequent first, or a dash where there is none."""
    by_number = sorted(kinds.items(), key=lambda item: -item[1])
    return ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in by_number) or UNKNOWN


def few_names(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def by_others(flagged: int, n: int, models: Sequence[str]) -> str:
    """Say how many outputs another model answered than the one asked for, and which."""
    of = f"{flagged} of {counted(n, 'output')} {'was' if flagged == 1 else 'were'}"
    return f"{of} answered by another model than the one asked for: {few_names(models)}"


def metric_name(metric: str) -> str:
    """Return the name of a metric in words, or the metric itself where it has none."""
    if metric.startswith(ABOVE):
        return f"{metric_name(metric.removeprefix(ABOVE))} above chance"
    return _NAMES.get(metric, metric)


def column_name(metric: str) -> str:
    """Return the head of a metric's column; what is above chance stands beside its metric."""
    name = "above chance" if metric.startswith(ABOVE) else metric_name(metric)
    return f"{name} %" if is_of_points(metric) else name


def about_chance(signatures: Mapping[str, str]) -> str:
    """Say what 'above chance' is, by the signature of the controls."""
    region = "" if "swap:any" in signatures.get("controls", "") else " of their region"
    return f"Above chance: 0 is what the same texts score on other cases{region}, 1 (100 %) is perfect."


def is_of_points(metric: str) -> bool:
    """Return True if a metric is shown in percent, and its differences in points."""
    return metric.removeprefix(ABOVE) in OF_POINTS


def cell(metric: str, estimate: Estimate | None) -> str | Span:
    """Return an estimate of a metric as it stands in a table."""
    of_points = is_of_points(metric)
    if not metric.startswith(ABOVE) or estimate is None or estimate.mean is None:
        return (rate if of_points else mean)(estimate)
    value = percent(estimate.mean) if of_points else share(estimate.mean, 2)
    if estimate.n < FEW:
        return Span(f"{value} ({estimate.n})", "muted")
    return f"{value} {between(estimate.interval, of_points=of_points)}".rstrip()
