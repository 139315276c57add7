"""The rater 'rules': good, partial or poor, and the key finding, from the match of findings by a stated rule.

* good: the key finding is right, F1 is at least .2, nothing urgent is stated that the reference denies, and
  at most one urgent finding is invented. Signs of something else, such as a midline shift, do not count.
* partial: not good, but the key finding is right, or F1 is at least .2.
* poor: the rest.

The number was chosen by its agreement with the judge of February 2026 (tools/validity/derive_rules.py). No
model is asked.
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
METHOD = f"rules:3|{findings.METHOD}"
"""The version of the rule, raised with every change of it, and the findings that it rests on."""

Grade = Literal["good", "partial", "poor"]

ENOUGH = 0.2
"""F1 from which an output is good with the key finding, and partial without it."""
MOST_INVENTED = 1
"""Urgent findings that a good output may invent."""
_SIGNS = frozenset(
    {"mass effect", "midline shift", "mediastinal shift", "brain herniation", "cord compression"}
)
"""Urgent findings that are what something else does to its surroundings."""


def make() -> Callable[[Item], dict[str, float | None]]:
    """Return the scorer."""
    findings.make()
    return rules


def rules(item: Item) -> dict[str, float | None]:
    """Return 1 for the grade given and 0 for the others, and the key finding; None without findings."""
    if item.empty:
        return dict.fromkeys(METRICS)
    texts = item.reference, item.parsed.findings, item.packed and item.packed.findings
    grade, key = graded(findings.matched(*texts), findings.measured(*texts))
    if grade is None:
        return dict.fromkeys(METRICS)
    marks: dict[str, float | None] = {
        f"rules.{name}": float(name == grade) for name in ("good", "partial", "poor")
    }
    return {**marks, "rules.key_finding": float(bool(key))}


def graded(
    pairs: Sequence[Pair], numbers: Measures, enough: float = ENOUGH
) -> tuple[Grade | None, bool | None]:
    """Return the grade, and True if the key finding is right; None where the reference has no finding.

    Args:
        pairs: A match.
        numbers: Those of the match.
        enough: F1 from which an output is good with the key finding, and partial without it.
    """
    if numbers.f1 is None:
        return None, None
    key = bool(numbers.key)
    if key and numbers.f1 >= enough and not _is_reckless(pairs):
        return "good", key
    return ("partial" if key or numbers.f1 >= enough else "poor"), key


def _is_reckless(pairs: Sequence[Pair]) -> bool:
    """True if it states something urgent that the reference denies, or invents more than one such thing."""
    urgent = [
        pair.outcome
        for pair in pairs
        if pair.output is not None
        and pair.output.presence == "present"
        and pair.output.concept.tier == "urgent"
        and pair.output.concept.name not in _SIGNS
    ]
    return "contradicted" in urgent or urgent.count("invented") > MOST_INVENTED
