"""The findings of a reference as bytes, which are read in a fiftieth of the time that finding them takes."""

from __future__ import annotations

import marshal
from typing import Final

from medbench.scoring.extraction.observed import Finding
from medbench.scoring.extraction.vocabulary.entries import Concept
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary
from medbench.scoring.matching.sides import ReferenceSide

_MATCHED: Final = Finding._fields.index("words")
"""Fields of a finding that a match looks at."""


def packed(side: ReferenceSide) -> bytes:
    """Return what a match needs of findings, as bytes for another process of the same Python and medbench.

    Their words and places in the text are left out.
    """
    known = vocabulary().concepts
    rows = [(_named(finding.concept, known), *finding[1:_MATCHED]) for finding in side.findings]
    place = {id(finding): at for at, finding in enumerate(side.findings)}
    return marshal.dumps(
        (
            rows,
            side.of_kin,
            [place[id(finding)] for finding in side.normals],
            side.is_terse,
            tuple(side.shown),
            None if side.key is None else place[id(side.key)],
            tuple(side.disputed),
        )
    )


def unpacked(packed_side: bytes) -> ReferenceSide:
    """Return the findings again."""
    known = vocabulary().concepts
    rows, of_kin, normals, is_terse, shown, key, disputed = marshal.loads(packed_side)  # noqa: S302 - our own
    findings = tuple(
        [
            Finding(known[concept] if type(concept) is str else Concept(*concept), *rest)
            for concept, *rest in rows
        ]
    )
    return ReferenceSide(
        findings=findings,
        of_kin=of_kin,
        normals=tuple([findings[at] for at in normals]),
        is_terse=is_terse,
        shown=frozenset(shown),
        key=None if key is None else findings[key],
        disputed=frozenset(disputed),
    )


def _named(concept: Concept, known: dict[str, Concept]) -> str | tuple[object, ...]:
    """Return the name of a concept of the vocabulary, and all of another one."""
    return concept.name if known.get(concept.name) == concept else tuple(concept)
