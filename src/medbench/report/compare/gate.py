"""The answer of a gate in words, and as a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Paragraph, flush
from medbench.report.forms.junit import Claim
from medbench.report.numbers import between, is_of_points, metric_name, points, share
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.results.gate import Gate


def gate_screen(gate: Gate) -> Iterator[Paragraph]:
    """Yield the answer, then what it rests on."""
    claim = claim_of(gate)
    yield flush(f"{gate.outcome.capitalize()}: {claim.said}")
    for line in claim.basis:
        yield Paragraph(f"  {line}")


def claim_of(gate: Gate) -> Claim:
    """Return the answer as a claim: the run is worse by no more than is allowed."""
    metric, drop = metric_name(gate.metric), _drop(gate)
    name = f"{gate.run} is worse than {gate.against} by at most {drop} in {metric}"
    return Claim(name, gate.outcome, _said(gate), [*_basis(gate)])


def _said(gate: Gate) -> str:
    if gate.difference is None:
        return f"no case has {metric_name(gate.metric)} for both {gate.run} and {gate.against}."
    size = f"{metric_name(gate.metric)} {_difference(gate, gate.difference)}"
    ends = between(gate.interval, of_points=_of_points(gate))
    shown = {
        "pass": f"a drop of more than {_drop(gate)} is ruled out",
        "fail": f"it is worse by more than {_drop(gate)}",
        "undecided": f"a drop of more than {_drop(gate)} is neither shown nor ruled out",
    }
    return f"{gate.run} against {gate.against}, {f'{size} {ends}'.rstrip()}: {shown[gate.outcome]}."


def _basis(gate: Gate) -> Iterator[str]:
    rater = f", graded by {gate.rater}" if gate.rater else ""
    level = f"; [ ]: {100 * gate.interval.level:.3g} % interval of the difference" if gate.interval else ""
    yield f"{gate.n} of {counted(gate.wanted, 'case')} of {gate.benchmark} with both{rater}{level}."
    for reason in gate.reasons:
        yield f"{reason[0].upper()}{reason[1:]}."
    if gate.lowest_if_missing is not None:
        yield f"Were each missing grade against {gate.run}: {_difference(gate, gate.lowest_if_missing)}."
    yield from (f"Note: {notice}" for notice in gate.notices)
    if gate.outcome != "undecided":
        return
    if gate.cases_needed is None:
        yield "No number of cases can be named that would decide."
    elif gate.n < gate.coverage * gate.wanted:
        yield f"Needed: {counted(gate.cases_needed, 'case')} with both."
    elif gate.reasons:
        yield f"Needed: about {counted(gate.cases_needed, 'case')} with both, in as large groups as these."
    else:
        yield (
            f"Needed: about {counted(gate.cases_needed, 'case')} with both "
            f"({gate.cases_needed - gate.n:,} more), if the difference seen is the true one (80 % power)."
        )


def _of_points(gate: Gate) -> bool:
    return gate.metric in {"good", "key_finding"} or is_of_points(gate.metric)


def _difference(gate: Gate, value: float) -> str:
    return f"{points(value)} points" if _of_points(gate) else f"{'+' * (value > 0)}{share(value, 2)}"


def _drop(gate: Gate) -> str:
    return (
        f"{100 * gate.max_drop:.3g} points" if _of_points(gate) else f"{gate.max_drop:.3g}".lstrip("0") or "0"
    )
