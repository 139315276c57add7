"""What an output took, and how long it is: seconds, dollars, tokens, words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.scoring.item import Item

METRICS = ("latency_ms", "cost_usd", "tokens.input", "tokens.output", "words")
METHOD = "usage:1|words:whitespace"


def make() -> Callable[[Item], dict[str, float | None]]:
    """The scorer."""
    return usage


def usage(item: Item) -> dict[str, float | None]:
    """Milliseconds, US dollars, tokens, and words of the findings; None is unknown, never 0.

    Words are what stands between white space (`str.split`), so '-' and '3.2' count as one each.
    """
    spent = item.spent
    return {
        "latency_ms": None if spent.latency_s is None else spent.latency_s * 1000,
        "cost_usd": spent.cost_usd,
        "tokens.input": spent.input_tokens,
        "tokens.output": spent.output_tokens,
        "words": len(item.parsed.findings.split()),
    }
