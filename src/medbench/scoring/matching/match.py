"""Pairs the findings of an output with those of its reference: right, partly right, missed, invented.

Findings of one kin are paired by optimal assignment, so that no other pairing agrees more; `compare.py` gives
the credit of a pair. A finding that one side states and the other denies is contradicted and gets no credit,
nor does one that the output both states and denies. What only the output has is invented where the reference
speaks against it, where it is urgent, or where no image of these regions shows it; else it is unverifiable.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.concepts import usual
from medbench.scoring.extraction.places.paths import within
from medbench.scoring.extraction.vocabulary.kin import SIGN
from medbench.scoring.matching.assignment import assignment
from medbench.scoring.matching.compare import compared
from medbench.scoring.matching.pair import Pair
from medbench.scoring.matching.sides import POSITIVE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from medbench.scoring.extraction.observed import Finding, Side
    from medbench.scoring.matching.sides import OutputSide, ReferenceSide

VERSION = 9
"""Raised with every change of what is paired, or of a weight."""

SILENT: Final = 0.5
"""Credit for what the reference denies and the output does not mention: silence states no disease."""
_CONTRADICTION: Final = 0.01
_WHOLE: Final = ("whole",)
_DEVICES: Final = frozenset(
    {"line", "airway tube", "enteric tube", "drain", "implant", "postoperative", "external"}
)
"""Kin that a normal organ can have in it."""


def match(asked: ReferenceSide, said: OutputSide) -> tuple[Pair, ...]:
    """Pair the findings: those of the reference first, in its order, then what only the output has."""
    pairs: dict[int, Pair] = {}
    left = set(range(len(said.findings)))
    # Only kin can be paired, which is little where the two are unrelated.
    for kin, rows in asked.of_kin.items():
        if columns := said.of_kin.get(kin):
            for row, column, pair in _assigned(rows, columns, asked, said):
                pairs[row] = _in_conflict(pair) if column in said.conflicts else pair
                left.discard(column)
    paired = [asked.findings[row] for row in pairs]
    named: dict[str, list[Finding]] = {}
    for one in paired:
        if one.presence in POSITIVE:
            named.setdefault(one.concept.name, []).append(one)
    if named:
        left -= {index for index in left if _repeats(said.findings[index], named)}
    alone = sorted(left)
    result = [
        pairs.get(index) or _missed(finding, said, alone) for index, finding in enumerate(asked.findings)
    ]
    diseases = {one.concept.family for one in paired if one.presence in POSITIVE}
    return (*result, *[_added(index, asked, said, diseases) for index in alone])


def _repeats(finding: Finding, paired: dict[str, list[Finding]]) -> bool:
    """True if a finding says again, and nothing more, what the reference has and the output has said.

    Args:
        finding: One of the output.
        paired: Names to the findings of the reference that have a partner and are not denied.
    """
    same = paired.get(finding.concept.name)
    if same is None or finding.presence not in POSITIVE or finding.side or finding.size_mm:
        return False
    return any((pair := compared(one, finding)) is not None and "site" not in pair.errors for one in same)


def _in_conflict(pair: Pair) -> Pair:
    """Return the pair without credit: the output says the opposite too."""
    return pair._replace(outcome="contradicted", credit=0.0, errors=("conflict",))


def _assigned(
    rows: Sequence[int], columns: Sequence[int], asked: ReferenceSide, said: OutputSide
) -> list[tuple[int, int, Pair]]:
    """Return the row, column and pair of those that belong together, among findings of one kin."""
    table = [
        [compared(asked.findings[row], said.findings[column], said.named) for column in columns]
        for row in rows
    ]
    chosen = assignment([[_gain(pair) for pair in pairs] for pairs in table])
    return [
        (rows[row], columns[column], pair)
        for row, column in chosen
        if (pair := table[row][column]) is not None
    ]


def _gain(pair: Pair | None) -> float:
    return 0.0 if pair is None else pair.credit or _CONTRADICTION


@lru_cache(maxsize=20_000)
def _holds(normal: tuple[str, ...], places: tuple[str, ...]) -> bool:
    """True if 'normal' at its places speaks of these."""
    if not normal:
        return bool(places)
    return "whole" in normal or any(within(place, here) for here in normal for place in places)


@lru_cache(maxsize=20_000)
def _overlap(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """True if two statements that places are normal speak of a common one."""
    return any(
        "whole" in {a, b} or within(a, b) or within(b, a) for a in first or _WHOLE for b in second or _WHOLE
    )


def _on_side(normal: Side, side: Side) -> bool:
    """True if 'normal' on a side, if on any, speaks of that side."""
    return not normal or not side or normal in {side, "both"}


def _cover(normals: Sequence[Finding], finding: Finding) -> Finding | None:
    """Return the first 'normal' that speaks of this finding; of a device none does."""
    if not normals or finding.concept.kin in _DEVICES:
        return None
    side, places = finding.side, finding.places or usual(finding.concept)
    for normal in normals:
        if _holds(normal.places, places) and _on_side(normal.side, side):
            return normal
    return None


def _covers(normal: Finding, finding: Finding) -> bool:
    return _cover((normal,), finding) is not None


def _missed(finding: Finding, said: OutputSide, left: Sequence[int]) -> Pair:
    if finding.presence in POSITIVE:
        denial = _cover(said.normals, finding)
        return Pair("missed", 0.0, finding, None, ("negation",) if denial else (), denial)
    if finding.is_normal:
        return _normal(finding, said, left)
    cover = _cover(said.normals, finding)
    return Pair("correct", 1.0, finding, cover) if cover else Pair("missed", SILENT, finding, None)


def _normal(finding: Finding, said: OutputSide, left: Sequence[int]) -> Pair:
    """Pair a 'normal' of the reference: the output agrees, is silent, or finds there what is not in it."""
    for denied in said.denials:
        if _agrees(finding, denied):
            return Pair("correct", 1.0, finding, denied)
    for index in left:
        other = said.findings[index]
        if other.presence == "present" and _covers(finding, other):
            return Pair("missed", 0.0, finding, None, (), other)
    return Pair("missed", SILENT, finding, None)


def _agrees(normal: Finding, denied: Finding) -> bool:
    """True if the output calls that place normal too, or denies something there."""
    return _overlap(normal.places, denied.places) if denied.is_normal else _covers(normal, denied)


def _added(index: int, asked: ReferenceSide, said: OutputSide, diseases: AbstractSet[str]) -> Pair:
    """Return the pair of what only the output has; of a disease that both have, a sign is not invented."""
    alone, invented, own = said.alone[index]
    if invented is None:
        return alone
    family = said.findings[index].concept.family
    if family.endswith(SIGN) and family.removesuffix(SIGN) in diseases:
        return invented._replace(outcome="unverifiable")
    if asked.normals and (denial := _cover(asked.normals, said.findings[index])):
        return invented._replace(errors=("negation",), because=denial)
    # No image of the reference's regions shows it.
    elsewhere = own and asked.shown and asked.shown.isdisjoint(own)
    return invented if elsewhere or not asked.is_terse else alone
