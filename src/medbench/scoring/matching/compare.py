"""Two findings against each other: if they can be one thing, their differences and the credit that is left.

Credit is ``relation / (1 + sum of errors)``: relation 1 for the same concept, less for a more general word or
a neighbour; each attribute that both give and that differs is an error with a name and a weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.scoring.extraction.places import same_organ, touch, within
from medbench.scoring.matching.pair import Pair

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.extraction.vocabulary import Concept
    from medbench.scoring.matching.pair import ErrorName

GENERAL, NEIGHBOUR, TWIN = 0.8, 0.4, 0.25
"""Relation of a concept to a general one of its kin, to another named one, of a benign to a malignant one."""
LEAST = 0.25
"""Credit below which two findings are taken for two things."""
PENALTIES: dict[str, float] = {
    "certainty": 0.25,
    "history": 1.0,
    "side": 1.0,
    "half side": 0.5,
    "site": 1.0,
    "size": 0.5,
    "gross size": 1.0,
    "severity": 0.25,
    "gross severity": 0.75,
    "count": 0.25,
    "change": 0.25,
}
"""Weight of each error; 'gross' is more than twofold, or mild for severe."""
SAME_SIZE, GROSS_SIZE = 1.3, 2.0
_OPPOSITE = frozenset(
    {("worse", "better"), ("better", "worse"), ("new", "same"), ("same", "new"), ("new", "better")}
)


def compared(reference: Finding, output: Finding) -> Pair | None:
    """Return the pair of two findings; None where they have nothing to do with each other."""
    relation, difference = _relation(reference.concept, output.concept)
    place = _place_error(reference, output) if relation else None
    if place is None:
        return None
    if reference.presence == output.presence == "absent":
        return Pair("correct", 1.0, reference, output)
    if "absent" in {reference.presence, output.presence}:
        return _opposed(reference, output, relation, place)
    return _graded(reference, output, relation, difference, place)


def _opposed(reference: Finding, output: Finding, relation: float, place: float) -> Pair | None:
    """One is denied: right if the other is past, a contradiction if they can be the same thing."""
    if "past" in {reference.presence, output.presence}:
        return Pair("correct", relation, reference, output)
    denier = reference if reference.presence == "absent" else output
    clash = relation >= GENERAL and not place and not _side_error(reference, output) and not denier.sequence
    return Pair("contradicted", 0.0, reference, output, ("negation",)) if clash else None


def _graded(
    reference: Finding, output: Finding, relation: float, difference: ErrorName | None, place: float
) -> Pair | None:
    """Both are there: credit by what differs."""
    errors: list[ErrorName] = [difference] if difference else []
    weight = 0.0
    for name, penalty in _differences(reference, output, place):
        if penalty:
            errors.append(name)
            weight += penalty
    credit = relation / (1 + weight)
    if credit < LEAST:
        return None
    return Pair("partial" if errors else "correct", credit, reference, output, tuple(errors))


def _differences(reference: Finding, output: Finding, place: float) -> list[tuple[ErrorName, float]]:
    """Return the attributes that both give, with the weight of their difference: 0 for none."""
    differences: list[tuple[ErrorName, float]] = []
    if reference.presence != output.presence:
        name: ErrorName = "history" if "past" in {reference.presence, output.presence} else "certainty"
        differences.append((name, PENALTIES[name]))
    if reference.side and output.side:
        differences.append(("side", _side_error(reference, output)))
    differences.append(("site", place))
    if reference.size_mm and output.size_mm:
        differences.append(("size", _size_error(reference.size_mm, output.size_mm)))
    if reference.severity and output.severity:
        differences.append(("severity", _severity_error(reference.severity, output.severity)))
    if {reference.number, output.number} == {1, 3}:
        differences.append(("count", PENALTIES["count"]))
    if (reference.change, output.change) in _OPPOSITE:
        differences.append(("change", PENALTIES["change"]))
    return differences


def _relation(first: Concept, second: Concept) -> tuple[float, ErrorName | None]:
    """Return how near two concepts are, 0 for not at all, and the name of their difference."""
    if first.name == second.name:
        return 1.0, None
    if not first.kin or first.kin != second.kin:
        return 0.0, None
    if {first.nature, second.nature} == {"benign", "malignant"}:
        return TWIN, "malignancy"
    return (GENERAL if _describes(first, second) or _describes(second, first) else NEIGHBOUR), "concept"


def _describes(general: Concept, other: Concept) -> bool:
    return general.is_general and within(other.family, general.family)


def _place_error(first: Finding, second: Finding) -> float | None:
    """Return 0 where the places agree or one isn't given, a penalty within an organ, None for another one."""
    a, b = first.places, second.places
    loose = not a or not b
    if loose:
        a, b = a or usual(first.concept), b or usual(second.concept)
    if not a or not b or touch(a, b):
        return 0.0
    named = first.concept.name == second.concept.name and first.concept.place
    if named or same_organ(a, b):
        return 0.0 if loose else PENALTIES["site"]
    return None


def usual(concept: Concept) -> tuple[str, ...]:
    """Return where a concept usually is, as places."""
    return (concept.place,) if concept.place else ()


def _side_error(first: Finding, second: Finding) -> float:
    if not first.side or not second.side or first.side == second.side:
        return 0.0
    return PENALTIES["half side" if "both" in {first.side, second.side} else "side"]


def _size_error(first: float, second: float) -> float:
    smaller, larger = sorted((first, second))
    if larger > GROSS_SIZE * smaller:
        return PENALTIES["gross size"]
    return PENALTIES["size"] if larger > SAME_SIZE * smaller and larger - smaller > 2 else 0.0


def _severity_error(first: int, second: int) -> float:
    apart = abs(first - second)
    return PENALTIES["gross severity"] if apart == 2 else PENALTIES["severity"] if apart else 0.0
