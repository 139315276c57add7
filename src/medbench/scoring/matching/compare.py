"""Two findings against each other: if they can be one thing, their differences and the credit that is left.

Credit is ``relation / (1 + sum of errors)``: relation 1 for the same concept, less for a more general word or
a neighbour; each attribute that both give and that differs is an error with a name and a weight, and so is a
side, site or size that the reference gives and the output omits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.concepts import particulars, usual
from medbench.scoring.extraction.places.paths import crosses, runs_in, same_organ, touch, within
from medbench.scoring.extraction.vocabulary.kin import SIGN
from medbench.scoring.matching.pair import Pair

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.extraction.vocabulary.entries import Concept
    from medbench.scoring.matching.pair import ErrorName

GENERAL: Final = 0.8
NEIGHBOUR: Final = 0.4
TWIN: Final = 0.25
"""Relation of a concept to a general one of its kin, to another named one, of a benign to a malignant one."""
LEAST: Final = 0.25
"""Credit below which two findings are taken for two things."""
PENALTIES: Final[dict[str, float]] = {
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
OMISSIONS: Final[dict[ErrorName, float]] = {"side_omitted": 0.4, "site_omitted": 0.4, "size_omitted": 0.4}
"""Weight of what the reference gives and the output omits; both sides weigh half, no place at all 1."""
_UNPAIRED: Final = (
    "abdomen/spleen", "abdomen/gallbladder", "abdomen/bowel", "abdomen/stomach", "abdomen/pancreas",
    "abdomen/esophagus", "abdomen/bile duct", "abdomen/right upper", "abdomen/left upper",
    "abdomen/right lower", "abdomen/left lower", "aorta", "chest/heart", "urinary/bladder", "vessel/svc",
    "vessel/ivc",
)  # fmt: skip
"""Organs that are on one side, or in the middle, of everybody: to name them is to say the side."""
_UNSAID: Final = ("orbit/wall", "/bursa")
"""Ends of parts for which the whole is often said: a bursa of the knee is 'the knee'."""
SAME_SIZE: Final = 1.3
GROSS_SIZE: Final = 2.0
_OPPOSITE: Final = frozenset(
    {("worse", "better"), ("better", "worse"), ("new", "same"), ("same", "new"), ("new", "better")}
)


def compared(reference: Finding, output: Finding, named: tuple[str, ...] = ()) -> Pair | None:
    """Return the pair of two findings; None where they have nothing to do with each other.

    Args:
        reference: The reference's finding.
        output: The output's finding.
        named: All places that the output names: what says nothing of its place may be in one of them.
    """
    relation, difference = _relation(reference.concept, output.concept)
    place = _place_error(reference, output) if relation else None
    if place is None:
        return None
    if reference.presence == output.presence == "absent":
        return Pair("correct", 1.0, reference, output)
    if "absent" in {reference.presence, output.presence}:
        return _opposed(reference, output, relation, place)
    return _graded(reference, output, (relation, difference), place, named)


def _opposed(reference: Finding, output: Finding, relation: float, place: float) -> Pair | None:
    """One is denied: right if the other is past, a contradiction if they can be the same thing."""
    if "past" in {reference.presence, output.presence}:
        return Pair("correct", relation, reference, output)
    denier = reference if reference.presence == "absent" else output
    clash = relation >= GENERAL and not place and not _side_error(reference, output) and not denier.sequence
    return Pair("contradicted", 0.0, reference, output, ("negation",)) if clash else None


def _graded(
    reference: Finding,
    output: Finding,
    nearness: tuple[float, ErrorName | None],
    place: float,
    named: tuple[str, ...],
) -> Pair | None:
    """Both are there: credit by what differs."""
    relation, difference = nearness
    errors: list[ErrorName] = [difference] if difference else []
    weight = 0.0
    for name, penalty in _differences(reference, output, place):
        if penalty:
            errors.append(name)
            weight += penalty
    # Omissions never make two things of two findings.
    if relation / (1 + weight) < LEAST:
        return None
    for name, penalty in _omitted(reference, output, place, named):
        errors.append(name)
        weight += penalty
    credit = relation / (1 + weight)
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


def _omitted(
    reference: Finding, output: Finding, place: float, named: tuple[str, ...]
) -> list[tuple[ErrorName, float]]:
    """Return what the reference gives and the output neither gives nor implies, with its weight."""
    omitted: list[tuple[ErrorName, float]] = []
    known = output.places or usual(output.concept)
    if reference.side and not output.side and not any(within(at, one) for at in known for one in _UNPAIRED):
        share = 0.5 if reference.side == "both" else 1.0
        omitted.append(("side_omitted", share * OMISSIONS["side_omitted"]))
    # 'Adrenal mass' says where, and 'mass' does not.
    asked = _narrow(reference.places) or (usual(reference.concept) if reference.concept.is_general else ())
    share = _site_omitted(asked, known, named)
    if share and not place:
        omitted.append(("site_omitted", share * OMISSIONS["site_omitted"]))
    if reference.size_mm and not output.size_mm:
        omitted.append(("size_omitted", OMISSIONS["size_omitted"]))
    return omitted


@lru_cache(maxsize=20_000)
def _site_omitted(asked: tuple[str, ...], known: tuple[str, ...], named: tuple[str, ...]) -> float:
    """Return 1 where only a wider place is known than the one asked for, 2.5 where none is, else 0."""
    if not asked or any(within(at, place) for at in known or named for place in asked):
        return 0.0
    if any(within(place, at) for at in known or named for place in asked):
        return float(not all(place.endswith(_UNSAID) for place in asked))
    if known:
        return float(crosses(known) and not crosses(asked))
    return 0.0 if same_organ(named, asked) else 2.5


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
    if general.is_general and within(other.family, general.family):
        return True
    if other.family == general.family + SIGN:
        return True
    # A lipoma in the bowel is a bowel lipoma.
    return other.name in particulars(general.name)


def _place_error(first: Finding, second: Finding) -> float | None:
    """Return 0 where the places agree or one isn't given, a penalty within an organ, None for another one."""
    a, b = _narrow(first.places), _narrow(second.places)
    usually = usual(first.concept), usual(second.concept)
    # Where the name already puts it, a place says no more: a bone metastasis in the marrow.
    loose = not a or not b or a == usually[0] or b == usually[1]
    if loose:
        a, b = a or usually[0], b or usually[1]
    if not a or not b or touch(a, b) or runs_in(a, b):
        return 0.0
    named = first.concept.name == second.concept.name and first.concept.place
    if named or same_organ(a, b):
        return 0.0 if loose or crosses(a) != crosses(b) else PENALTIES["site"]
    return None


@lru_cache(maxsize=20_000)
def _narrow(places: tuple[str, ...]) -> tuple[str, ...]:
    """Return the places that hold no other one: 'the upper lobe of the lung' is the upper lobe."""
    if len(places) <= 1:
        return places
    return tuple(at for at in places if not any(at != other and within(other, at) for other in places))


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
