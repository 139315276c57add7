"""Time, money and tokens of an output, and its length in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.scoring.item import Item

METRICS = ("latency_ms", "cost_usd", "tokens.input", "tokens.output", "words")
METHOD = "usage:1|words:whitespace"


def make() -> Callable[[Item], dict[str, float | None]]:
    """Return the scorer."""
    return usage


def usage(item: Item) -> dict[str, float | None]:
    """Return milliseconds, US dollars, tokens, and words of the findings; None is unknown, never 0.

    Words are what stands between white space (`str.split`), so '-' and '3.2' count as one each.
    """
    totals = item.totals
    return {
        "latency_ms": None if totals.latency_s is None else totals.latency_s * 1000,
        "cost_usd": totals.cost_usd,
        "tokens.input": totals.input_tokens,
        "tokens.output": totals.output_tokens,
        "words": len(item.parsed.findings.split()),
    }
