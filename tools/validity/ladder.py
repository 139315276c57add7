"""The corruption ladder: each reference of MedPix in five versions, each worse than the one before."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING

from bars import Part, at_least, table
from scored import f1
from sources import medpix

from medbench.scoring.perturb import (
    invent_emergencies,
    negate_key,
    paraphrase,
    reverse_sentences,
    swap_sides,
    triple_sizes,
)
from medbench.stats.rank import kendall_tau

if TYPE_CHECKING:
    from sources import Case

INVENTED = {
    "Head": "There is a nodule in the thyroid gland.",
    "Thorax": "There is a cyst in the pancreas.",
    "Abdomen": "There is a nodule in the thyroid gland.",
    "Urinary": "There is a nodule in the thyroid gland.",
    "Spine/MSK": "There is a cyst in the pancreas.",
}
"""For each region, a finding of another."""
STEPS = (
    "0 the reference in other words, its sentences in reverse order",
    "1 and a finding of another region is added",
    "2 and all sides are swapped and all sizes tripled; of a text with neither, a second finding is added",
    "3 and two emergencies are added",
    "4 and the key finding is denied",
)
_SECOND = "There is a fracture of the calcaneus."


def rungs(case: Case) -> tuple[str, ...] | None:
    """Return the five versions of a reference; None where it has no key finding."""
    text = case.reference
    if negate_key(text) is None:
        return None

    def written(text: str, *added: str) -> str:
        worded = paraphrase(text) or text
        return " ".join([reverse_sentences(worded) or worded, *added])

    added = INVENTED[case.region]
    worse, more = _details(text)
    grave = (added, *more, invent_emergencies("-") or "")
    denied = negate_key(worse) or worse
    return (
        written(text),
        written(text, added),
        written(worse, added, *more),
        written(worse, *grave),
        written(denied, *grave),
    )


def _details(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text with its details wrong, and what is added where it has none."""
    sides = swap_sides(text) or text
    worse = triple_sizes(sides) or sides
    if worse != text:
        return worse, ()
    return text, (_SECOND,)


def ladder() -> Part:
    """Measure how well F1 follows the ladder."""
    written = [(case, texts) for case in medpix() if (texts := rungs(case))]
    scores = [[f1(case.reference, text) for text in texts] for case, texts in written]
    taus = [kendall_tau(range(len(STEPS), 0, -1), row).value or 0.0 for row in scores]
    strict = fmean(all(one > next_ for one, next_ in pairwise(row)) for row in scores)
    means = [fmean(row[n] for row in scores) for n in range(len(STEPS))]
    words = (
        f"{len(scores)} of {len(medpix())} references of MedPix have a key finding. Each is written in five "
        "versions that add up:"
    )
    result = (
        f"Kendall's tau-b of version and F1 within a reference, mean: {fmean(taus):.3f}. All five in strict "
        f"order: {100 * strict:.1f} %."
    )
    lines = [words, "", *table(("version", "mean F1"), zip(STEPS, means, strict=True)), "", result]
    return Part(
        "Corruption ladder",
        lines,
        [at_least("ladder: mean tau-b", fmean(taus), 0.95), at_least("ladder: strict order", strict, 0.8)],
    )
