"""How numbers stand on the screen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from medbench.report.blocks import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medbench.schema.score import Estimate, Interval

UNKNOWN = "-"
FEW = 5
"""Below so many values a rate is shown as its counts."""
APPROXIMATE = "~"
"""Stands behind an interval whose level may be missed."""
_TO = "\N{EN DASH}"


def share(value: float | None, places: int = 3) -> str:
    """A number between -1 and 1 with so many places and no leading zero."""
    if value is None:
        return UNKNOWN
    text = f"{value:.{places}f}"
    if not float(text):
        text = text.removeprefix("-")
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def percent(value: float | None) -> str:
    """A share as whole percent, without the sign."""
    return UNKNOWN if value is None else f"{100 * value:.0f}"


def points(value: float) -> str:
    """A difference of shares in points, with its sign."""
    text = f"{100 * value:+.0f}"
    return "0" if text in {"+0", "-0"} else text


def rate(estimate: Estimate | None) -> str | Span:
    """'44 [23-67]' in percent; the counts alone, greyed, where there are fewer than five."""
    if estimate is None or estimate.mean is None or not estimate.n:
        return UNKNOWN
    if estimate.n < FEW:
        return Span(f"{round(estimate.mean * estimate.n)} of {estimate.n}", "muted")
    if estimate.interval is None:
        return percent(estimate.mean)
    low, high = percent(estimate.interval.low), percent(estimate.interval.high)
    return f"{percent(estimate.mean)} [{low:>2}{_TO}{high:>2}]{_mark(estimate.interval)}"


def mean(estimate: Estimate | None) -> str | Span:
    """'.31 [.28-.33]'; greyed with the number of values where there are fewer than five."""
    if estimate is None or estimate.mean is None or not estimate.n:
        return UNKNOWN
    if estimate.n < FEW:
        return Span(f"{share(estimate.mean, 2)} ({estimate.n})", "muted")
    if estimate.interval is None:
        return share(estimate.mean, 2)
    low, high = share(estimate.interval.low, 2), share(estimate.interval.high, 2)
    return f"{share(estimate.mean, 2)} [{low}{_TO}{high}]{_mark(estimate.interval)}"


def between(interval: Interval | None, *, of_points: bool) -> str:
    """'[-18, 45]' in points or '[-.02, .03]'; nothing where there is none."""
    if interval is None:
        return ""
    if of_points:
        low, high = (points(end).removeprefix("+") for end in (interval.low, interval.high))
    else:
        low, high = share(interval.low, 2), share(interval.high, 2)
    return f"[{low}, {high}]{_mark(interval)}"


def p_value(p: float | None) -> str:
    """Three places; below .001 said so."""
    if p is None:
        return UNKNOWN
    return "<.001" if p < 0.001 else share(min(p, 1.0)) if p < 0.9995 else "1"


def _mark(interval: Interval) -> str:
    return APPROXIMATE if interval.approximate else ""


def seconds(milliseconds: float | None) -> str:
    """Milliseconds as seconds with one place."""
    return UNKNOWN if milliseconds is None else f"{milliseconds / 1000:.1f}"


def dollars(usd: float | None) -> str:
    """Dollars; small sums with more places, and nothing that costs looks free."""
    if usd is None:
        return "unknown"
    if usd == 0:
        return "$0"
    if usd < 0.0005:
        return "<$0.001"
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.3f}"


def whole(value: float | None) -> str:
    """A number without places."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def counts(kinds: Mapping[str, int]) -> str:
    """'5 loop, 2 truncated', or a dash."""
    return (
        ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in sorted(kinds.items(), key=lambda kv: -kv[1]))
        or "-"
    )


def about_dollars(usd: float | None) -> str:
    """Dollars of an estimate, rounded up to a cent so that nothing that costs looks free."""
    if usd is None:
        return "unknown"
    return "$0" if usd == 0 else f"${math.ceil(usd * 100 - 1e-6) / 100:,.2f}"


def many(value: float | None) -> str:
    """A large number, such as tokens: '870', '74 k', '1.3 M'."""
    if value is None:
        return "unknown"
    if value < 1000:
        return f"{value:.0f}"
    return f"{value / 1e3:.0f} k" if value < 999_500 else f"{value / 1e6:.1f} M"


def span(low: float, high: float) -> str:
    """A range of whole numbers: '2' to '4' with a dash between, '3', 'under 1'."""
    first, last = math.floor(low), math.ceil(high)
    if last <= 1:
        return "1" if low == high == 1 else "under 1" if high else "0"
    return f"{max(first, 1)}\N{EN DASH}{last}" if first != last else f"{last}"
