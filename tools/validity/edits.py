"""The cost of an edit: each reference of MedPix is edited and scored against itself."""

from __future__ import annotations

from statistics import fmean

from bars import Part, table
from scored import numbers, overlap
from sides import omit_sides
from sources import medpix

from medbench.scoring.perturb import EDITS, Edit

METRICS = ("finding.f1", "finding.significance", "finding.key", "rouge_l.recall", "rouge_l.f1")
ALL = (*EDITS[:1], Edit("leave out sides", harmful=True, apply=omit_sides), *EDITS[1:])


def _scores(text: str, reference: str) -> dict[str, float]:
    return numbers(text, reference) | overlap(text, reference)


def edits() -> Part:
    """Return the mean change of each metric by edit, over the references that the edit changes."""
    own = {case: _scores(case.reference, case.reference) for case in medpix()}
    readable = [case for case in medpix() if own[case]["finding.f1"]]
    rows: list[tuple[object, ...]] = []
    for edit in ALL:
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
