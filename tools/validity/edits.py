"""The cost of an edit: each reference of MedPix is edited and scored against itself."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from bars import Part, table
from scored import numbers, overlap
from sides import omit_sides
from sources import medpix

from medbench.scoring.extraction.extract import extract
from medbench.scoring.matching.key import key_finding
from medbench.scoring.perturb import (
    invent_emergencies,
    negate_key,
    paraphrase,
    reverse_sentences,
    sentences,
    swap_sides,
    triple_sizes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

METRICS = ("finding.f1", "finding.significance", "finding.key", "rouge_l.recall", "rouge_l.f1")


class Edit(NamedTuple):
    """One way to change a report."""

    name: str
    """Its name in the table."""
    harmful: bool
    """True if the edited report is worse."""
    apply: Callable[[str], str | None]
    """The edited text; None where there is nothing to edit."""


def drop_first(text: str) -> str | None:
    """Leave out the first sentence."""
    parts = sentences(text)
    return "".join(parts[1:]).strip() if len(parts) > 1 else None


def drop_key(text: str) -> str | None:
    """Leave out the sentence of the key finding."""
    key = key_finding(extract(text))
    if key is None:
        return None
    edited = (text[: key.span[0]] + text[key.span[1] :]).strip()
    return edited or None


EDITS = (
    Edit("swap sides", harmful=True, apply=swap_sides),
    Edit("leave out sides", harmful=True, apply=omit_sides),
    Edit("negate key finding", harmful=True, apply=negate_key),
    Edit("triple sizes", harmful=True, apply=triple_sizes),
    Edit("invent emergencies", harmful=True, apply=invent_emergencies),
    Edit("drop first sentence", harmful=True, apply=drop_first),
    Edit("drop key finding", harmful=True, apply=drop_key),
    Edit("reverse sentences", harmful=False, apply=reverse_sentences),
    Edit("paraphrase", harmful=False, apply=paraphrase),
)
"""All edits, the harmful ones first."""


def _scores(text: str, reference: str) -> dict[str, float]:
    return numbers(text, reference) | overlap(text, reference)


def edits() -> Part:
    """Return the mean change of each metric by edit, over the references that the edit changes."""
    own = {case: _scores(case.reference, case.reference) for case in medpix()}
    readable = [case for case in medpix() if own[case]["finding.f1"]]
    rows: list[tuple[object, ...]] = []
    for edit in EDITS:
        changed = [(case, text) for case in readable if (text := edit.apply(case.reference)) is not None]
        after = [(own[case], _scores(text, case.reference)) for case, text in changed]
        costs = (fmean(new[metric] - old[metric] for old, new in after) for metric in METRICS)
        name = edit.name if edit.harmful else f"*{edit.name}*"
        rows.append((name, len(changed), *costs))
    words = (
        f"{len(readable)} of {len(medpix())} references of MedPix yield a finding. The mean change of each "
        "number where such a reference is edited and scored against itself; edits in italics are harmless:"
    )
    return Part("What an edit costs", [words, "", *table(("edit", "n", *METRICS), rows)], [])
