"""Pairs the findings of an output with those of its reference: what is right, partly right, missed, invented.

Findings of one kin are paired by optimal assignment, so that no other pairing agrees more. A pair's credit is
``relation / (1 + sum of errors)``: relation 1 for the same concept, less for a more general word or a
neighbour; each attribute that both give and that differs is an error with a name and a weight. What one side
says is there and the other denies is contradicted and gets no credit. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from medbench.scoring.finding.places import organ, touch, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.finding.observed import Finding
    from medbench.scoring.finding.vocabulary import Concept

VERSION = 1
"""Raised with every change of what is paired, or of a weight."""

Outcome = Literal["correct", "partial", "missed", "invented", "contradicted"]
ErrorName = Literal[
    "concept", "negation", "certainty", "history", "side", "site", "size", "severity", "count", "change"
]
ERRORS: tuple[ErrorName, ...] = (
    "concept", "negation", "certainty", "history", "side", "site", "size", "severity", "count", "change",
)  # fmt: skip

GENERAL, NEIGHBOUR = 0.8, 0.5
"""Relation of a concept to the general one of its kin, and of two concepts of one kin."""
LEAST = 0.25
"""Credit below which two findings are taken for two things."""
SILENT = 0.5
"""Credit for what the reference denies and the output does not mention: silence states no disease."""
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
"""How much each error weighs; 'gross' is more than twofold, or mild for severe."""
SAME_SIZE, GROSS_SIZE = 1.3, 2.0
_CONTRADICTION = 0.01
_POSITIVE = frozenset({"present", "uncertain"})
_WHOLE_ORGANS = frozenset(
    {"brain", "spine", "skull", "face", "orbit", "neck", "muscle", "aorta", "lymph node"}
)
_OPPOSITE = frozenset(
    {("worse", "better"), ("better", "worse"), ("new", "same"), ("same", "new"), ("new", "better")}
)


class Pair(NamedTuple):
    """One finding of the reference, of the output, or of both."""

    outcome: Outcome
    """What became of it."""
    credit: float
    """0 to 1."""
    reference: Finding | None
    """The reference's finding; None where the output invented it."""
    output: Finding | None
    """The output's finding; None where it was missed."""
    errors: tuple[ErrorName, ...] = ()
    """What differs."""
    because: Finding | None = None
    """A statement that a place is normal, which denies or covers it."""


def match(reference: Sequence[Finding], output: Sequence[Finding]) -> tuple[Pair, ...]:
    """Pair the findings: those of the reference first, in its order, then what the output invented."""
    pairs: dict[int, Pair] = {}
    used: set[int] = set()
    groups: dict[str, tuple[list[int], list[int]]] = {}
    for side, findings in enumerate((reference, output)):
        for index, finding in enumerate(findings):
            if not finding.is_normal:
                key = finding.concept.kin or finding.concept.name
                groups.setdefault(key, ([], []))[side].append(index)
    for rows, columns in groups.values():
        if rows and columns:
            for row, column in _assigned(rows, columns, reference, output):
                found = compared(reference[row], output[column])
                assert found is not None
                pairs[row] = found
                used.add(column)
    said = [finding for finding in output if finding.is_normal]
    asked = [finding for finding in reference if finding.is_normal]
    result = [pairs.get(index) or _missed(finding, output, said) for index, finding in enumerate(reference)]
    result += [_invented(finding, asked) for index, finding in enumerate(output) if index not in used]
    return tuple(result)


def _assigned(
    rows: list[int], columns: list[int], reference: Sequence[Finding], output: Sequence[Finding]
) -> list[tuple[int, int]]:
    gains = [[_gain(compared(reference[row], output[column])) for column in columns] for row in rows]
    if len(rows) == 1:
        best = max(range(len(columns)), key=gains[0].__getitem__)
        return [(rows[0], columns[best])] if gains[0][best] else []
    if len(columns) == 1:
        best = max(range(len(rows)), key=lambda row: gains[row][0])
        return [(rows[best], columns[0])] if gains[best][0] else []
    return [(rows[row], columns[column]) for row, column in assignment(gains) if gains[row][column]]


def _gain(pair: Pair | None) -> float:
    return 0.0 if pair is None else pair.credit or _CONTRADICTION


def compared(reference: Finding, output: Finding) -> Pair | None:
    """What two findings have to do with each other; None for nothing."""
    relation = _relation(reference.concept, output.concept)
    place = _place_error(reference, output) if relation else None
    if place is None:
        return None
    if (reference.presence == "absent") != (output.presence == "absent"):
        return _opposed(reference, output, relation, place)
    if reference.presence == "absent":
        return Pair("correct", 1.0, reference, output)
    return _graded(reference, output, relation, place)


def _opposed(reference: Finding, output: Finding, relation: float, place: float) -> Pair | None:
    """One is denied: right if the other is past, a contradiction if they can be the same thing."""
    if "past" in {reference.presence, output.presence}:
        return Pair("correct", relation, reference, output)
    denier = reference if reference.presence == "absent" else output
    clash = relation >= GENERAL and not place and not _side_error(reference, output) and not denier.sequence
    return Pair("contradicted", 0.0, reference, output, ("negation",)) if clash else None


def _graded(reference: Finding, output: Finding, relation: float, place: float) -> Pair | None:
    """Both are there: credit by what differs."""
    first, second = reference.presence, output.presence
    penalties: dict[ErrorName, float] = {
        "certainty": PENALTIES["certainty"] if {first, second} == {"present", "uncertain"} else 0.0,
        "history": PENALTIES["history"] if (first == "past") != (second == "past") else 0.0,
        "side": _side_error(reference, output),
        "site": place,
        "size": _size_error(reference.size_mm, output.size_mm),
        "severity": _severity_error(reference.severity, output.severity),
        "count": PENALTIES["count"] if {reference.number, output.number} == {1, 3} else 0.0,
        "change": PENALTIES["change"] if (reference.change, output.change) in _OPPOSITE else 0.0,
    }
    errors = [name for name, penalty in penalties.items() if penalty]
    if relation < 1:
        errors.insert(0, "concept")
    credit = relation / (1 + sum(penalties.values()))
    if credit < LEAST:
        return None
    return Pair("partial" if errors else "correct", credit, reference, output, tuple(errors))


def _relation(first: Concept, second: Concept) -> float:
    if first.name == second.name:
        return 1.0
    if not first.kin or first.kin != second.kin:
        return 0.0
    general = first.kin in {first.name, second.name} or "mass" in {first.name, second.name}
    return GENERAL if general else NEIGHBOUR


def _place_error(first: Finding, second: Finding) -> float | None:
    """0 where the places agree or one is not given, a penalty within an organ, None for another organ."""
    a, b = first.places, second.places
    loose = False
    if not a or not b:
        a, b = a or _usual(first.concept), b or _usual(second.concept)
        loose = True
    if not a or not b or touch(a, b):
        return 0.0
    if first.concept.name == second.concept.name and first.concept.place:
        return 0.0 if loose else PENALTIES["site"]
    if any(organ(x) == organ(y) for x in a for y in b):
        return 0.0 if loose else PENALTIES["site"]
    return None


def _usual(concept: Concept) -> tuple[str, ...]:
    return (concept.place,) if concept.place else ()


def _side_error(first: Finding, second: Finding) -> float:
    if not first.side or not second.side or first.side == second.side:
        return 0.0
    return PENALTIES["half side" if "both" in {first.side, second.side} else "side"]


def _size_error(first: float | None, second: float | None) -> float:
    if not first or not second:
        return 0.0
    smaller, larger = sorted((first, second))
    if larger > GROSS_SIZE * smaller:
        return PENALTIES["gross size"]
    return PENALTIES["size"] if larger > SAME_SIZE * smaller and larger - smaller > 2 else 0.0


def _severity_error(first: int, second: int) -> float:
    apart = abs(first - second) if first and second else 0
    return PENALTIES["gross severity"] if apart == 2 else PENALTIES["severity"] if apart else 0.0


def _covers(normal: Finding, finding: Finding) -> bool:
    """Whether 'normal' at a place speaks of this finding."""
    if not normal.is_normal or (normal.side and finding.side and normal.side not in {finding.side, "both"}):
        return False
    places = finding.places or _usual(finding.concept)
    return (
        any(
            here == "whole" or within(place, here) for here in normal.places or ("whole",) for place in places
        )
        or "whole" in normal.places
    )


def _missed(finding: Finding, output: Sequence[Finding], normals: Sequence[Finding]) -> Pair:
    if finding.presence in _POSITIVE:
        denial = next((other for other in normals if _covers(other, finding)), None)
        return Pair("missed", 0.0, finding, None, ("negation",) if denial else (), denial)
    if finding.is_normal:
        same = next((other for other in output if _agrees(finding, other)), None)
        clash = next(
            (other for other in output if other.presence == "present" and _covers(finding, other)), None
        )
        if same is not None and clash is None:
            return Pair("correct", 1.0, finding, same)
        return Pair("missed", SILENT if clash is None else 0.0, finding, None, (), clash)
    cover = next((other for other in normals if _covers(other, finding)), None)
    return Pair("correct", 1.0, finding, cover) if cover else Pair("missed", SILENT, finding, None)


def _agrees(normal: Finding, other: Finding) -> bool:
    """Whether the output too calls the place normal, or denies something there."""
    if other.presence != "absent":
        return False
    if other.is_normal:
        here, there = normal.places or ("whole",), other.places or ("whole",)
        return any("whole" in {a, b} or within(a, b) or within(b, a) for a in here for b in there)
    return _covers(normal, other)


def _invented(finding: Finding, normals: Sequence[Finding]) -> Pair:
    denial = None
    if finding.presence in _POSITIVE:
        denial = next((other for other in normals if _covers(other, finding)), None)
    return Pair("invented", 0.0, None, finding, ("negation",) if denial else (), denial)


def assignment(gains: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Rows to columns with the largest total gain (Kuhn 1955, Munkres 1957; shortest augmenting paths).

    Args:
        gains: A row for each finding of one side, a column for each of the other; none negative.
    """
    turned = len(gains) > len(gains[0])
    matrix = [list(column) for column in zip(*gains, strict=True)] if turned else gains
    rows, columns = len(matrix), len(matrix[0])
    row_price, column_price = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner, way = [0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        owner[0] = row
        at = 0
        least, seen = [float("inf")] * (columns + 1), [False] * (columns + 1)
        while owner[at]:
            seen[at] = True
            current, delta, following = owner[at], float("inf"), 0
            for column in range(1, columns + 1):
                if seen[column]:
                    continue
                cost = -matrix[current - 1][column - 1] - row_price[current] - column_price[column]
                if cost < least[column]:
                    least[column], way[column] = cost, at
                if least[column] < delta:
                    delta, following = least[column], column
            for column in range(columns + 1):
                if seen[column]:
                    row_price[owner[column]] += delta
                    column_price[column] -= delta
                else:
                    least[column] -= delta
            at = following
        while at:
            owner[at] = owner[way[at]]
            at = way[at]
    found = [(owner[column] - 1, column - 1) for column in range(1, columns + 1) if owner[column]]
    return [(column, row) for row, column in found] if turned else found
