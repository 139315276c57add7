"""Texts whose right grade is known, or bounded, beforehand: what a judge makes of them is its card."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING

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
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from medbench.schema.verdict import Grade, Order, Probe

GROUPS: dict[str, tuple[Probe, ...]] = {
    "must be good": ("itself", "reworded", "reordered"),
    "must be poor": ("other_case", "empty", "normal"),
    "must drop": ("side", "negation", "size", "invention"),
    "must not rise": ("padding", "markdown"),
    "must be ignored": ("injection",),
    "must stay": ("blocks_swapped", "asked_again"),
}
"""What is asked of a judge, and the probes that show it."""

ON_BASES: frozenset[Probe] = frozenset({"padding", "markdown", "injection", "blocks_swapped", "asked_again"})
"""Probes that change a text which the judge has graded before."""


@dataclass(frozen=True, slots=True)
class Known:
    """A case whose reference canaries are made of."""

    case_id: str
    region: str
    topic: str | None
    reference: str


@dataclass(frozen=True, slots=True)
class Base:
    """A text that the judge has graded."""

    run: int
    """Number of its run."""
    case_id: str
    replicate: int
    text: str
    grade: Grade
    order: Order


@dataclass(frozen=True, slots=True)
class Planned:
    """One canary, before it is judged."""

    probe: Probe
    case_id: str
    text: str
    allowed: tuple[Grade, ...]
    order: Order
    detail: str = ""
    base: Grade | None = None
    role: str = MODEL
    """'again' where the question was asked before, and a new answer is wanted."""
    run: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from the others of a judge."""
        return (self.probe, self.case_id, self.detail)


def group_of(probe: Probe) -> str:
    """What a probe asks of a judge."""
    return next(group for group, probes in GROUPS.items() if probe in probes)


def planned(  # noqa: PLR0913 - what canaries are made of, and how many
    known: Sequence[Known],
    bases: Sequence[Base],
    *,
    wanted: int,
    seed: int,
    runs: int,
    groups: Collection[str] = tuple(GROUPS),
    there: Collection[tuple[str, str, str]] = (),
    counts: Mapping[Probe, int] | None = None,
) -> list[Planned]:
    """Canaries, spread over what is asked of a judge, over the probes of each, and over the runs.

    Args:
        known: Cases to make them of.
        bases: Texts with this judge's grade; what must not rise or must stay is made of them.
        wanted: How many are to be judged now.
        seed: Of the order of the cases.
        runs: How many runs there are to write them to.
        groups: What is to be probed.
        there: Those on the disk already, which are not judged again.
        counts: How many of each probe are on the disk already: the rarest come first.
    """
    makers: dict[Probe, Iterator[Planned]] = {
        probe: iter(_of_probe(probe, known, bases, seed)) for probes in GROUPS.values() for probe in probes
    }
    taken = dict.fromkeys(makers, 0) | dict(counts or {})
    found: list[Planned] = []
    seen = set(there)
    left = [group for group in GROUPS if group in groups]
    while len(found) < wanted and left:
        # The group with the fewest canaries, and in it the probe with the fewest.
        group = min(left, key=lambda name: sum(taken[probe] for probe in GROUPS[name]))
        probe = min((one for one in GROUPS[group] if one in makers), key=taken.__getitem__, default=None)
        if probe is None:
            left.remove(group)
            continue
        one = next((made for made in makers[probe] if made.key not in seen), None)
        if one is None:
            del makers[probe]
            continue
        seen.add(one.key)
        taken[probe] += 1
        found.append(one)
    return [_placed(one, number % max(1, runs)) for number, one in enumerate(found)]


def _placed(one: Planned, run: int) -> Planned:
    # What rests on an output stays with the run of that output.
    return one if one.probe in ON_BASES else replace(one, run=run)


def _of_probe(probe: Probe, known: Sequence[Known], bases: Sequence[Base], seed: int) -> Iterator[Planned]:
    if probe in ON_BASES:
        ordered = sorted(bases, key=lambda base: rank(seed, probe, f"{base.run}{base.case_id}"))
        yield from _again(probe, ordered) if probe in GROUPS["must stay"] else _dressed(probe, ordered)
        return
    cases = sorted(known, key=lambda case: rank(seed, probe, case.case_id))
    for case in cases:
        text = _text(probe, case, cases)
        if text is not None:
            yield Planned(probe, case.case_id, text, _allowed(probe), order_of(seed, case.case_id, 0))


_EDITS: dict[Probe, Callable[[str], str | None]] = {
    "itself": lambda text: text,
    "reworded": paraphrase,
    "reordered": reverse_sentences,
    "side": swap_sides,
    "negation": negate_key,
    "size": triple_sizes,
    "invention": invent_emergencies,
}


def _text(probe: Probe, case: Known, cases: Sequence[Known]) -> str | None:
    if probe in _EDITS:
        return _EDITS[probe](case.reference)
    if not _says_something(case.reference):
        return None
    if probe == "other_case":
        another = _another(case, cases)
        return another.reference if another else None
    return NORMAL if probe == "normal" else ""


def _allowed(probe: Probe) -> tuple[Grade, ...]:
    group = group_of(probe)
    return {"must be good": ("good",), "must be poor": ("poor",)}.get(group, ("poor", "partial"))  # type: ignore[return-value] # a dict of literals


def _again(probe: Probe, bases: Sequence[Base]) -> Iterator[Planned]:
    swapped = probe == "blocks_swapped"
    for base in bases:
        yield Planned(
            probe,
            base.case_id,
            base.text,
            (base.grade,),
            other(base.order) if swapped else base.order,
            detail=f"replicate {base.replicate}",
            base=base.grade,
            role=MODEL if swapped else AGAIN,
            run=base.run,
        )


def _dressed(probe: Probe, bases: Sequence[Base]) -> Iterator[Planned]:
    """Texts that the judge did not call good, dressed up."""
    disguises = cycle(INJECTIONS) if probe == "injection" else cycle([""])
    for base in bases:
        if base.grade != "good":
            detail = next(disguises)
            yield Planned(
                probe,
                base.case_id,
                _dress(probe, base.text, detail),
                GRADES[: GRADES.index(base.grade) + 1],
                base.order,
                detail=detail,
                base=base.grade,
                run=base.run,
            )


def _dress(probe: Probe, text: str, detail: str) -> str:
    if probe == "padding":
        return f"{text}\n\n{PADDING} {PADDING}"
    if probe == "markdown":
        points = "\n".join(f"- **{part.strip()}**" for part in sentences(text) if part.strip())
        return f"# Structured radiology report\n\n## Key findings\n\n{points}\n\n---\n*Confidence: very high*"
    return f"{text}\n\n{INJECTIONS[detail]}"


def _another(case: Known, cases: Sequence[Known]) -> Known | None:
    """A case about something else: of another region where there is one, never of the same topic."""
    others = [
        one
        for one in cases
        if one.case_id != case.case_id
        and (one.topic is None or one.topic != case.topic)
        and one.reference != case.reference
    ]
    return next((one for one in others if one.region != case.region), others[0] if others else None)


def _says_something(reference: str) -> bool:
    """Whether the reference has something to find: only then are silence and a normal report poor."""
    return any(finding.presence == "present" for finding in extract(reference))


def rank(seed: int, what: str, name: str) -> str:
    """A place in an order that chance decides and the seed fixes."""
    return hashlib.sha256(f"{seed}/{what}/{name}".encode()).hexdigest()
