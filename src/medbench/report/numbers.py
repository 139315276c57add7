"""How numbers stand on the screen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN = "-"


def share(value: float | None) -> str:
    """A number between -1 and 1 with three places and no leading zero."""
    if value is None:
        return UNKNOWN
    text = f"{value:.3f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def percent(value: float | None) -> str:
    """A share as a whole percentage."""
    return UNKNOWN if value is None else f"{100 * value:.0f}"


def seconds(milliseconds: float | None) -> str:
    """Milliseconds as seconds with one place."""
    return UNKNOWN if milliseconds is None else f"{milliseconds / 1000:.1f}"


def dollars(usd: float | None) -> str:
    """Dollars; small sums with more places."""
    if usd is None:
        return "unknown"
    if usd == 0:
        return "$0"
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
