"""The rater 'rules': good, partial or poor, and the key finding, from the match of findings by a stated rule.

* good: the key finding is there, at least half of what the reference's findings weigh is credited, a quarter
  of what the output's weigh is right (answers are longer than references), and nothing urgent is invented.
* partial: not good, but the key finding is there, or a quarter of the reference's weight is credited.
* poor: the rest.

Of a reference that finds nothing, 'the key finding' is that nothing actionable is there. No model is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from medbench.scoring import findings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medbench.scoring.item import Item
    from medbench.scoring.matching.measures import Measures
    from medbench.scoring.matching.pair import Pair

METRICS = ("rules.good", "rules.partial", "rules.poor", "rules.key_finding")
RATES = METRICS
METHOD = f"rules:2|{findings.METHOD}"
"""The version of the rule, raised with every change of it, and the findings that it rests on."""

Grade = Literal["good", "partial", "poor"]

GOOD, PARTIAL = 0.5, 0.25
"""Share of the weight that is right from which an output is good, or partial."""


def make() -> Callable[[Item], dict[str, float | None]]:
    """Return the scorer."""
    findings.make()
    return rules


def rules(item: Item) -> dict[str, float | None]:
    """Return 1 for the grade given and 0 for the others, and the key finding; None without findings."""
    if item.empty:
        return dict.fromkeys(METRICS)
    texts = item.reference, item.parsed.findings
    grade, key = graded(findings.matched(*texts), findings.measured(*texts))
    if grade is None:
        return dict.fromkeys(METRICS)
    marks: dict[str, float | None] = {
        f"rules.{name}": float(name == grade) for name in ("good", "partial", "poor")
    }
    return {**marks, "rules.key_finding": float(bool(key))}


def graded(pairs: Sequence[Pair], numbers: Measures) -> tuple[Grade | None, bool | None]:
    """Return the grade, and True if the key finding is there; None where the reference has no finding.

    Args:
        pairs: A match.
        numbers: Those of the match.
    """
    if numbers.recall is None or numbers.precision is None:
        return None, None
    key = bool(numbers.key)
    if key and numbers.recall >= GOOD and numbers.precision >= PARTIAL and not _has_grave_invention(pairs):
        return "good", key
    return ("partial" if key or numbers.recall >= PARTIAL else "poor"), key


def _has_grave_invention(pairs: Sequence[Pair]) -> bool:
    return any(
        pair.output is not None
        and pair.outcome in {"invented", "contradicted"}
        and pair.output.presence == "present"
        and pair.output.concept.tier == "urgent"
        for pair in pairs
    )
