"""Card of one system for a hospital that decides on it, from the records of its run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from medbench.schema.response import Response
from medbench.schema.results.cards.decision_card import DecisionCard, Sent, UrgentFindings
from medbench.schema.score import Score
from medbench.scoring import findings
from medbench.sentences import counted
from medbench.stats.bootstrap import mean_interval
from medbench.stats.describe import mean_of
from medbench.stats.groups import Groups, grouped
from medbench.stats.intervals import rate_interval
from medbench.stats.power import half_width
from medbench.stats.rates import rate
from medbench.steps.reading.case_facts import case_facts
from medbench.steps.reading.selection import wanted_ids
from medbench.steps.show.stored_outputs import scored_text
from medbench.store.jsonl import read_records
from medbench.store.outputs import outputs_that_count
from medbench.store.runs import RESPONSES, SCORES, RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.system_row import SystemRow
    from medbench.schema.run import System
    from medbench.schema.score import Interval
    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.item import CaseFacts
    from medbench.scoring.matching.pair import Pair
    from medbench.store.benchmark import BenchmarkFolder

WIDTH: Final = 0.05
"""Half the width of an interval of missed findings that a decision can rest on: 50 in 1,000."""
_MOST: Final = 100_000


@dataclass(slots=True)
class _Counts:
    """Urgent findings of the outputs of one case."""

    outputs: int = 0
    wanted: int = 0
    missed: int = 0
    wrong: int = 0
    invented: list[int] = field(default_factory=list)
    unanswered: int = 0


def decision_card(comparison: Comparison) -> DecisionCard:
    """Return the card of the only system of a comparison.

    An urgent finding is one that the vocabulary calls urgent for a patient in general and that the reference
    states as present. It counts as missed if the output does not name it or denies it.

    Raises:
        InputError: The benchmark is gone or was changed.
    """
    (row,) = comparison.systems
    run = RunFolder(Path(row.path))
    benchmark = run.benchmark()
    facts = case_facts(benchmark)
    asked = [case_id for case_id, _ in wanted_ids(benchmark, run.goals(), facts)]
    counts = _counts(run, benchmark, facts)
    urgent = _summed(row.name, "", counts, facts)
    best = comparison.best_floor
    of_floor = _counts(RunFolder(Path(best.row.path)), benchmark, facts) if best else {}
    # Of the cases that the system answered, as it may have failed on the hardest.
    of_floor = {case_id: one for case_id, one in of_floor.items() if counts[case_id].outputs}
    sent, answered = _calls(run)
    needed, cases_needed = _needed(urgent, counts.values())
    return DecisionCard(
        row=row,
        benchmark=comparison.benchmark,
        benchmark_digest=comparison.benchmark_digest,
        source=benchmark.head.dataset.name,
        cases=len(asked),
        topics=len({facts[case_id].topic for case_id in asked}),
        models=tuple(
            stage.model.id if run.head.imported_from else f"{stage.model.id} by {stage.model.provider}"
            for stage in run.head.system.stages
        ),
        imported=bool(run.head.imported_from),
        answered=answered,
        first_day=run.head.created[:10],
        last_day=run.last_event()[:10],
        urgent=urgent,
        regions=tuple(_by_region(row.name, counts, facts)),
        floor=_summed(best.row.name, "", of_floor, facts) if best and of_floor else None,
        unanswered=sum(one.unanswered for one in counts.values()),
        usd_a_good_case=row.usd_a_good_case(),
        seconds_a_good_case=_seconds_a_good_case(row),
        sent=sent,
        bound_to=benchmark.head.bound_to,
        unknown=tuple(
            _unknown(comparison, len(asked), benchmark.head.dataset.name, run.head.system, answered)
        ),
        findings_needed=needed,
        cases_needed=cases_needed,
        signature=comparison.signatures.get("findings", ""),
    )


def _counts(run: RunFolder, benchmark: BenchmarkFolder, facts: dict[str, CaseFacts]) -> dict[str, _Counts]:
    counts = {case_id: _Counts() for case_id in facts}
    scores = {(one.case_id, one.replicate): one for one in read_records(run.path / SCORES, Score)}
    for output in outputs_that_count(run):
        reference = facts[output.case_id].reference
        score = scores.get((output.case_id, output.replicate))
        # Else it is a failure or a text that says nothing; or a reference without findings.
        if output.text is not None and score is not None and score.scores.get("finding.f1") is not None:
            _count(findings.matched(reference, scored_text(output.text, score)), counts[output.case_id])
    for case_id, replicates in wanted_ids(benchmark, run.goals(), facts):
        found = counts[case_id]
        urgent = sum(map(_is_urgent, findings.reference_findings(facts[case_id].reference)))
        found.unanswered = max(0, replicates - found.outputs) * urgent
    return counts


def _count(pairs: Sequence[Pair], found: _Counts) -> None:
    """Add the urgent findings of one output."""
    found.outputs += 1
    invented = 0
    for pair in pairs:
        asked, said = pair.reference, pair.output
        if asked is not None and _is_urgent(asked):
            found.wanted += 1
            found.missed += pair.outcome in {"missed", "contradicted"}
            found.wrong += pair.outcome == "partial"
        elif said is not None and _is_urgent(said):
            invented += pair.outcome in {"invented", "contradicted"}
    found.invented.append(invented)


def _is_urgent(finding: Finding) -> bool:
    return finding.presence == "present" and finding.concept.tier == "urgent"


def _by_region(
    system: str, counts: dict[str, _Counts], facts: dict[str, CaseFacts]
) -> Iterator[UrgentFindings]:
    for region in sorted({fact.strata["region"] for fact in facts.values()}):
        inside = {case: one for case, one in counts.items() if facts[case].strata["region"] == region}
        yield _summed(system, region, inside, facts)


def _summed(
    system: str, region: str, counts: dict[str, _Counts], facts: dict[str, CaseFacts]
) -> UrgentFindings:
    topics = np.array([facts[case].topic for case in counts], dtype=np.int64)
    every = list(counts.values())
    wanted = np.array([one.wanted for one in every], dtype=np.float64)
    missed = np.array([one.missed for one in every], dtype=np.float64)
    invented = [float(number) for one in every for number in one.invented]
    of_output = [facts[case].topic for case, one in counts.items() for _ in one.invented]
    groups = grouped(invented, of_output)
    return UrgentFindings(
        system=system,
        region=region,
        outputs=sum(one.outputs for one in every),
        findings=int(wanted.sum()),
        missed=rate(missed, wanted, topics, int(wanted.sum())),
        wrong=sum(one.wrong for one in every),
        invented=mean_of(groups, _invented_interval(groups) if groups.n else None),
    )


def _invented_interval(groups: Groups) -> Interval | None:
    """Return the interval of the mean; where none was invented, that of the share of groups with any.

    Resampling nothing gives nothing: that none was seen does not show that there are none.
    """
    if groups.sums.any():
        return mean_interval(groups)
    return rate_interval(Groups(groups.sums, np.ones(len(groups.sums))))


def _needed(urgent: UrgentFindings, counts: Iterable[_Counts]) -> tuple[int | None, int | None]:
    """Return how many findings, and cases like these, give an interval of `WIDTH` to each side.

    What is asked several times is counted once: another answer to a case is not another case.
    """
    needed = _findings_needed(urgent)
    answered = [one for one in counts if one.outputs]
    different = sum(one.wanted / one.outputs for one in answered)
    if needed is None or not different:
        return None, None
    return round(needed * different / urgent.findings), round(needed * len(answered) / urgent.findings)


def _findings_needed(urgent: UrgentFindings) -> float | None:
    """Return how many findings, answers to each as many as now, give such an interval in such topics."""
    mean, interval = urgent.missed.mean, urgent.missed.interval
    if mean is None or interval is None:
        return None
    alone = half_width(mean, urgent.findings)
    design = max(1.0, ((interval.high - interval.low) / 2 / alone) ** 2)
    low, high = 1, _MOST
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if half_width(mean, middle) > WIDTH else (low, middle)
    return low * design


def _seconds_a_good_case(row: SystemRow) -> float | None:
    latency, good = row.metrics.get("latency_ms"), row.good_outputs()
    if not good or latency is None or latency.mean is None or latency.missing:
        return None
    return latency.mean * latency.n / 1000 / good


def _calls(run: RunFolder) -> tuple[tuple[Sent, ...], tuple[str, ...]]:
    """Return where the cases went, and the models that answered as their services name them."""
    providers = {stage.model.id: stage.model.provider for stage in run.head.system.stages}
    calls: Counter[tuple[str, str, str]] = Counter()
    answered: dict[str, None] = {}
    for one in read_records(run.path / RESPONSES, Response):
        purpose = "judging" if one.call_for.is_judging else "answers"
        if one.withdraws is None:
            calls[purpose, one.asked, one.server or one.route or ""] += 1
        if purpose == "answers" and one.answered is not None:
            answered[one.answered] = None
    known = {} if run.head.imported_from else providers
    sent = (
        Sent(
            purpose=purpose,
            model=model,
            provider=known.get(model, "") if purpose == "answers" else "",
            where=where,
            calls=number,
        )
        for (purpose, model, where), number in calls.items()
    )
    return tuple(sent), tuple(answered)


def _unknown(
    comparison: Comparison, cases: int, source: str, system: System, answered: Sequence[str]
) -> Iterator[str]:
    """Yield what the card cannot tell: first what would change a decision most."""
    (row,) = comparison.systems
    yield (
        "Whether your cases are like these: they are "
        f"{counted(cases, 'case')} of {source}, not of your hospital."
    )
    if row.graded is None:
        yield "Whether an output is good as a whole: nothing was graded."
    elif row.graded.reviewed is None:
        yield f"Whether people would agree with {row.graded.rater}: no person graded a sample."
    yield (
        "Whether each finding was read right: a program reads them from the words of both texts, and "
        "docs/validity.md says how often it errs. What the reference does not mention cannot be counted."
    )
    if row.failures or row.not_run:
        missing = sum(row.failures.values()) + row.not_run
        yield f"What it would say where it gave no answer: {missing} of {counted(row.wanted, 'time')}."
    if row.cost_unknown:
        yield f"What {counted(row.cost_unknown, 'call')} cost."
    if row.other_models:
        yield f"Who answered: {', '.join(row.other_models)} did, and was not asked."
    elif system.stages and not answered:
        yield "Which version of the model answered: the service does not say."
