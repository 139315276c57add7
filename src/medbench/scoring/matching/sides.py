"""The findings of a reference and of an output, with what every match of them needs to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from medbench.scoring.extraction.places.concepts import usual
from medbench.scoring.matching.key import key_finding
from medbench.scoring.matching.pair import Pair
from medbench.scoring.matching.regions import regions, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from medbench.scoring.extraction.observed import Finding

POSITIVE: Final = frozenset({"present", "uncertain"})


class ReferenceSide(NamedTuple):
    """The findings of a reference. It is held against an output, and against some twenty of other cases."""

    findings: tuple[Finding, ...]
    of_kin: dict[str, list[int]]
    """Kin, or the name of what has none, to the indexes of its findings, without statements of normality."""
    normals: tuple[Finding, ...]
    """Statements that a place is normal."""
    is_terse: bool
    """True if it names what it found; one that found nothing vouches for all of it."""
    shown: frozenset[str]
    """Regions that an image of its findings can show; empty where that is unknown."""
    key: Finding | None
    """The most salient one."""
    disputed: frozenset[str]
    """Names of what it seems to say both ways, which isn't held against an output."""


class OutputSide(NamedTuple):
    """The findings of an output, which is held against its own reference and some twenty others."""

    findings: tuple[Finding, ...]
    of_kin: dict[str, list[int]]
    """Kin, or the name of what has none, to the indexes of its findings, without statements of normality."""
    normals: tuple[Finding, ...]
    """Statements that a place is normal, but for those in conflict with another."""
    denials: tuple[Finding, ...]
    """Findings that it says are absent, statements of normality among them."""
    conflicts: frozenset[int]
    """Indexes of the findings that it both affirms and denies."""
    named: tuple[str, ...]
    """All places in which it finds something."""
    alone: tuple[tuple[Pair, Pair | None, frozenset[str]], ...]
    """Each finding without a partner, where nothing speaks against it; as invented, and its regions.

    What is urgent is invented anyway, and what is denied never.
    """


def reference_side(findings: Sequence[Finding], conflicts: Collection[int] = ()) -> ReferenceSide:
    """Return the findings of a reference as a match needs them.

    Args:
        findings: All of them.
        conflicts: Indexes of those that it both affirms and denies.
    """
    return ReferenceSide(
        findings=tuple(findings),
        of_kin=_of_kin(findings),
        normals=tuple(finding for finding in findings if finding.is_normal),
        is_terse=any(finding.presence in POSITIVE for finding in findings),
        shown=shown(findings),
        key=key_finding(findings),
        disputed=frozenset(findings[index].concept.name for index in conflicts),
    )


def output_side(findings: Sequence[Finding], conflicts: Collection[int] = ()) -> OutputSide:
    """Return the findings of an output as a match needs them.

    Args:
        findings: All of them.
        conflicts: Indexes of those that it both affirms and denies.
    """
    denied = [index for index, finding in enumerate(findings) if finding.presence == "absent"]
    normals = [index for index in denied if index not in conflicts and findings[index].is_normal]
    named: set[str] = set()
    for finding in findings:
        if finding.presence in POSITIVE:
            named.update(finding.places or usual(finding.concept))
    return OutputSide(
        findings=tuple(findings),
        of_kin=_of_kin(findings),
        normals=tuple([findings[index] for index in normals]),
        denials=tuple([findings[index] for index in denied]),
        conflicts=frozenset(conflicts),
        named=tuple(named),
        alone=tuple(map(_alone, findings)),
    )


def _alone(finding: Finding) -> tuple[Pair, Pair | None, frozenset[str]]:
    unverifiable = Pair("unverifiable", 0.0, None, finding)
    if finding.presence not in POSITIVE:
        return unverifiable, None, frozenset()
    invented = Pair("invented", 0.0, None, finding)
    return invented if finding.concept.tier == "urgent" else unverifiable, invented, regions(finding)


def _of_kin(findings: Sequence[Finding]) -> dict[str, list[int]]:
    of_kin: dict[str, list[int]] = {}
    for index, finding in enumerate(findings):
        if finding.presence != "absent" or not finding.is_normal:
            concept = finding.concept
            of_kin.setdefault(concept.kin or concept.name, []).append(index)
    return of_kin
