"""What an output took, and its length."""

from __future__ import annotations

from medbench.scoring import usage
from medbench.scoring.item import CallTotals, Item
from medbench.scoring.parsing.text import parse


def test_time_money_and_tokens_are_reported() -> None:
    """Seconds become milliseconds; the rest stays as it is; words are those of the findings only."""
    totals = CallTotals(latency_s=1.5, cost_usd=0.25, input_tokens=10, output_tokens=20)
    numbers = usage.make()(Item(parse("FINDINGS: A 3.2 cm mass.\nIMPRESSION: Tumour."), "reference", totals))
    assert numbers == {
        "latency_ms": 1500.0,
        "cost_usd": 0.25,
        "tokens.input": 10,
        "tokens.output": 20,
        "words": 4,
    }
    assert tuple(numbers) == usage.METRICS


def test_unknown_stays_unknown() -> None:
    """None is never 0, and a known 0 is never None."""
    unknown = usage.make()(Item(parse("A mass."), "reference"))
    assert [unknown[name] for name in usage.METRICS] == [None, None, None, None, 2]
    free = usage.make()(Item(parse("A mass."), "reference", CallTotals(0.0, 0.0, 0, 0)))
    assert [free[name] for name in usage.METRICS] == [0.0, 0.0, 0, 0, 2]


def test_called_twice_gives_the_same() -> None:
    """The scorer remembers nothing."""
    score, item = usage.make(), Item(parse("A mass."), "reference", CallTotals(latency_s=0.1))
    assert score(item) == score(item)
