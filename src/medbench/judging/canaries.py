"""Canaries: texts whose right grade is known or bounded beforehand. A judge's grades of them are its card."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING

from medbench.faults import naming
from medbench.judging.known_texts import INJECTIONS, NORMAL, PADDING
from medbench.judging.question import order_of, other
from medbench.schema.response import AGAIN, MODEL
from medbench.schema.verdict import GRADES
from medbench.scoring.extraction.extract import extract
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
    from collections.abc import Callable, Collection, Iterator, Sequence

    from medbench.schema.verdict import Canary, Grade, Order, Probe

GROUPS: dict[str, tuple[Probe, ...]] = {
    "must be good": ("itself", "reworded", "reordered"),
    "must be poor": ("other_case", "empty", "normal"),
    "must drop": ("side", "negation", "size", "invention"),
    "must not rise": ("padding", "markdown"),
    "must be ignored": ("injection",),
    "must stay": ("blocks_swapped", "asked_again"),
}
"""Expectations of a judge, and the probes that test each."""
ON_GRADED: frozenset[Probe] = frozenset({"padding", "markdown", "injection", "blocks_swapped", "asked_again"})
"""Probes that change a text which the judge has graded before."""


@dataclass(frozen=True, slots=True)
class CanaryCase:
    """A case whose reference canaries are made of."""

    case_id: str
    region: str
    topic: str | None
    reference: str


@dataclass(frozen=True, slots=True)
class GradedText:
    """A text that the judge has graded."""

    run: int
    """Number of its run."""
    case_id: str
    replicate: int
    text: str
    grade: Grade
    order: Order


@dataclass(frozen=True, slots=True)
class PlannedCanary:
    """One canary, before it is judged."""

    probe: Probe
    case_id: str
    text: str
    allowed: tuple[Grade, ...]
    order: Order
    detail: str = ""
    base: Grade | None = None
    """Grade of the text before the change; None where none is needed."""
    role: str = MODEL
    run: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """The name by which a judge is asked about it once."""
        return (self.probe, self.case_id, self.detail)


def plan_canaries(  # noqa: PLR0913 - what canaries are made of, and how many
    cases: Sequence[CanaryCase],
    graded: Sequence[GradedText],
    done: Sequence[Canary],
    *,
    wanted: int,
    seed: int,
    runs: int,
    groups: Collection[str] = tuple(GROUPS),
) -> list[PlannedCanary]:
    """Return canaries, spread over what is asked of a judge, over the probes of each, and over the runs.

    Args:
        cases: Cases to make them of.
        graded: Texts with this judge's grade; what must not rise or must stay is made of them.
        done: Those on the disk already, which are not asked about again; what is rare among them comes first.
        wanted: Number of canaries to judge now.
        seed: Seed of the order of the cases.
        runs: Number of runs to write them to.
        groups: The groups to probe.
    """
    made = {probe: _made(probe, cases, graded, seed) for probes in GROUPS.values() for probe in probes}
    counts = {probe: sum(canary.probe == probe for canary in done) for probe in made}
    seen: set[tuple[str, str, str]] = {(canary.probe, canary.case_id, canary.detail) for canary in done}
    chosen: list[PlannedCanary] = []
    left = [group for group in GROUPS if group in groups]
    while len(chosen) < wanted and left:
        # The group with the fewest canaries, and in it the probe with the fewest.
        group = min(left, key=lambda name: sum(counts[probe] for probe in GROUPS[name]))
        probe = min((probe for probe in GROUPS[group] if probe in made), key=counts.__getitem__, default=None)
        if probe is None:
            left.remove(group)
            continue
        canary = next((canary for canary in made[probe] if canary.key not in seen), None)
        if canary is None:
            del made[probe]
            continue
        seen.add(canary.key)
        counts[probe] += 1
        # What rests on an output stays with the run of that output.
        run = canary.run if probe in ON_GRADED else len(chosen) % max(1, runs)
        chosen.append(replace(canary, run=run))
    return chosen


def random_rank(seed: int, what: str, name: str) -> str:
    """Return a sort key that puts names in an order which chance decides and the seed fixes."""
    return hashlib.sha256(f"{seed}/{what}/{name}".encode()).hexdigest()


def _made(
    probe: Probe, cases: Sequence[CanaryCase], graded: Sequence[GradedText], seed: int
) -> Iterator[PlannedCanary]:
    """Yield all canaries of one probe, in the order in which they are taken."""
    if probe in ON_GRADED:
        texts = sorted(graded, key=lambda text: random_rank(seed, probe, f"{text.run}{text.case_id}"))
        yield from _unchanged(probe, texts) if probe in GROUPS["must stay"] else _disguised(probe, texts)
        return
    ordered = sorted(cases, key=lambda case: random_rank(seed, probe, case.case_id))
    allowed = _allowed(probe)
    for case in ordered:
        with naming(f"canary '{probe}' cannot be made of the reference of case '{case.case_id}'"):
            text = _text(probe, case, ordered)
        if text is not None:
            yield PlannedCanary(probe, case.case_id, text, allowed, order_of(seed, case.case_id, 0))


def _allowed(probe: Probe) -> tuple[Grade, ...]:
    if probe in GROUPS["must be good"]:
        return ("good",)
    return ("poor",) if probe in GROUPS["must be poor"] else ("poor", "partial")


_EDITS: dict[Probe, Callable[[str], str | None]] = {
    "itself": lambda text: text,
    "reworded": paraphrase,
    "reordered": reverse_sentences,
    "side": swap_sides,
    "negation": negate_key,
    "size": triple_sizes,
    "invention": invent_emergencies,
}


def _text(probe: Probe, case: CanaryCase, cases: Sequence[CanaryCase]) -> str | None:
    """Return the text of a canary; None where the reference does not lend itself to it."""
    if probe in _EDITS:
        return _EDITS[probe](case.reference)
    # Silence and a normal report are poor only where the reference has something to find.
    if not any(finding.presence == "present" for finding in extract(case.reference)):
        return None
    if probe == "other_case":
        return _other_reference(case, cases)
    return NORMAL if probe == "normal" else ""


def _other_reference(case: CanaryCase, cases: Sequence[CanaryCase]) -> str | None:
    """Return a reference about something else: of another region if possible, never of the same topic."""
    others = [
        other
        for other in cases
        if other.case_id != case.case_id
        and (other.topic is None or other.topic != case.topic)
        and other.reference != case.reference
    ]
    other_region = (other for other in others if other.region != case.region)
    return next((other.reference for other in (*other_region, *others)), None)


def _unchanged(probe: Probe, texts: Sequence[GradedText]) -> Iterator[PlannedCanary]:
    """Yield graded texts to ask about again, as they were or with the two blocks swapped."""
    swapped = probe == "blocks_swapped"
    for text in texts:
        yield PlannedCanary(
            probe,
            text.case_id,
            text.text,
            (text.grade,),
            other(text.order) if swapped else text.order,
            detail=f"replicate {text.replicate}",
            base=text.grade,
            role=MODEL if swapped else AGAIN,
            run=text.run,
        )


def _disguised(probe: Probe, texts: Sequence[GradedText]) -> Iterator[PlannedCanary]:
    """Yield texts that the judge did not call good, made to look better."""
    disguises = cycle(INJECTIONS) if probe == "injection" else cycle([""])
    for text in texts:
        if text.grade != "good":
            detail = next(disguises)
            yield PlannedCanary(
                probe,
                text.case_id,
                _disguise(probe, text.text, detail),
                GRADES[: GRADES.index(text.grade) + 1],
                text.order,
                detail=detail,
                base=text.grade,
                run=text.run,
            )


def _disguise(probe: Probe, text: str, detail: str) -> str:
    if probe == "padding":
        return f"{text}\n\n{PADDING} {PADDING}"
    if probe == "markdown":
        points = "\n".join(f"- **{part.strip()}**" for part in sentences(text) if part.strip())
        return f"# Structured radiology report\n\n## Key findings\n\n{points}\n\n---\n*Confidence: very high*"
    return f"{text}\n\n{INJECTIONS[detail]}"
