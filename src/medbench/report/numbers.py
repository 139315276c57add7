"""How numbers stand on the screen."""

from __future__ import annotations

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
