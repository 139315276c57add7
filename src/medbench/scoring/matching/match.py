"""Pairs the findings of an output with those of its reference: right, partly right, missed, invented.

Findings of one kin are paired by optimal assignment, so that no other pairing agrees more; `compare.py` gives
the credit of a pair. A finding that one side states and the other denies is contradicted and gets no credit,
nor does one that the output both states and denies. What only the output has is invented where the reference
speaks against it, where it is urgent, or where no image of these regions shows it; else it is unverifiable.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from medbench.scoring.extraction.places import usual, within
from medbench.scoring.matching.assignment import assignment
from medbench.scoring.matching.compare import compared
from medbench.scoring.matching.pair import Pair
from medbench.scoring.matching.regions import regions, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from medbench.scoring.extraction.observed import Finding, Side

VERSION = 4
"""Raised with every change of what is paired, or of a weight."""

SILENT = 0.5
"""Credit for what the reference denies and the output does not mention: silence states no disease."""
_CONTRADICTION = 0.01
_POSITIVE = frozenset({"present", "uncertain"})
_WHOLE = ("whole",)
_DEVICES = frozenset({"line", "airway tube", "enteric tube", "drain", "implant", "postoperative", "external"})
"""Kin that a normal organ can have in it."""


def match(
    reference: Sequence[Finding], output: Sequence[Finding], conflicts: Collection[int] = ()
) -> tuple[Pair, ...]:
    """Pair the findings: those of the reference first, in its order, then what only the output has.

    Args:
        reference: Findings of the reference.
        output: Findings of the output.
        conflicts: Indexes of those of the output that it both affirms and denies.
    """
    rows: dict[str, list[int]] = {}
    normal_asked: list[Finding] = []
    for index, finding in enumerate(reference):
        if finding.is_normal:
            normal_asked.append(finding)
        else:
            rows.setdefault(finding.concept.kin or finding.concept.name, []).append(index)
    # Only what has kin in the reference can be paired, which is little where the two are unrelated.
    columns: dict[str, list[int]] = {}
    normal_said: list[Finding] = []
    for index, finding in enumerate(output):
        if finding.is_normal:
            if index not in conflicts:
                normal_said.append(finding)
        else:
            kin = finding.concept.kin or finding.concept.name
            if kin in rows:
                columns.setdefault(kin, []).append(index)
    named = _named(output) if columns else ()
    pairs: dict[int, Pair] = {}
    used: set[int] = set()
    for kin, candidates in columns.items():
        for row, column, pair in _assigned(rows[kin], candidates, reference, output, named):
            pairs[row] = _in_conflict(pair) if column in conflicts else pair
            used.add(column)
    paired = [reference[row] for row in pairs]
    rest = [finding for index, finding in enumerate(output) if index not in used]
    named_again = {finding.concept.name for finding in paired}
    left = [one for one in rest if one.concept.name not in named_again or not _repeats(one, paired)]
    result = [
        pairs.get(index) or _missed(finding, output, left, normal_said)
        for index, finding in enumerate(reference)
    ]
    if left:
        terse = any(finding.presence in _POSITIVE for finding in reference)
        seen = shown(reference)
        result += [_added(finding, normal_asked, seen, terse=terse) for finding in left]
    return tuple(result)


def _repeats(finding: Finding, paired: Sequence[Finding]) -> bool:
    """True if a finding says again, and nothing more, what the reference has and the output has said."""
    if finding.presence not in _POSITIVE or finding.side or finding.size_mm:
        return False
    return any(
        one.concept.name == finding.concept.name
        and one.presence in _POSITIVE
        and (pair := compared(one, finding)) is not None
        and "site" not in pair.errors
        for one in paired
    )


def _named(output: Sequence[Finding]) -> tuple[str, ...]:
    """Return all places in which the output finds something."""
    positive = [finding for finding in output if finding.presence in _POSITIVE]
    return tuple({place for finding in positive for place in finding.places or usual(finding.concept)})


def _in_conflict(pair: Pair) -> Pair:
    """Return the pair without credit: the output says the opposite too."""
    return pair._replace(outcome="contradicted", credit=0.0, errors=("conflict",))


def _assigned(
    rows: list[int],
    columns: list[int],
    reference: Sequence[Finding],
    output: Sequence[Finding],
    named: tuple[str, ...],
) -> list[tuple[int, int, Pair]]:
    """Return the row, column and pair of those that belong together."""
    if len(rows) == len(columns) == 1:
        only = compared(reference[rows[0]], output[columns[0]], named)
        return [] if only is None else [(rows[0], columns[0], only)]
    table = [[compared(reference[row], output[column], named) for column in columns] for row in rows]
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


def _missed(
    finding: Finding, output: Sequence[Finding], left: Sequence[Finding], normals: Sequence[Finding]
) -> Pair:
    if finding.presence in _POSITIVE:
        denial = _cover(normals, finding)
        return Pair("missed", 0.0, finding, None, ("negation",) if denial else (), denial)
    if finding.is_normal:
        return _normal(finding, output, left)
    cover = _cover(normals, finding)
    return Pair("correct", 1.0, finding, cover) if cover else Pair("missed", SILENT, finding, None)


def _normal(finding: Finding, output: Sequence[Finding], left: Sequence[Finding]) -> Pair:
    """Pair a 'normal' of the reference: the output agrees, is silent, or finds there what is not in it."""
    for other in output:
        if other.presence == "absent" and _agrees(finding, other):
            return Pair("correct", 1.0, finding, other)
    for other in left:
        if other.presence == "present" and _covers(finding, other):
            return Pair("missed", 0.0, finding, None, (), other)
    return Pair("missed", SILENT, finding, None)


def _agrees(normal: Finding, denied: Finding) -> bool:
    """True if the output calls that place normal too, or denies something there."""
    return _overlap(normal.places, denied.places) if denied.is_normal else _covers(normal, denied)


def _added(finding: Finding, normals: Sequence[Finding], seen: frozenset[str], *, terse: bool) -> Pair:
    """Return the pair of what only the output has.

    Args:
        finding: The output's finding.
        normals: Statements of the reference that a place is normal.
        seen: Regions that an image of the reference's findings can show; empty where that is unknown.
        terse: True if the reference names what it found; one that found nothing vouches for all of it.
    """
    if finding.presence not in _POSITIVE:
        return Pair("unverifiable", 0.0, None, finding)
    denial = _cover(normals, finding)
    if denial is not None:
        return Pair("invented", 0.0, None, finding, ("negation",), denial)
    invented = not terse or finding.concept.tier == "urgent"
    if not invented and seen:
        own = regions(finding)
        # No image of the reference's regions shows it.
        invented = bool(own) and seen.isdisjoint(own)
    return Pair("invented" if invented else "unverifiable", 0.0, None, finding)
