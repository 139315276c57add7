"""Results of a run's probes, from the runs beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.results.cards.probe_card import Answer, Drop, ProbeCard, Share
from medbench.schema.score import Estimate
from medbench.scoring.probing import almost_same, repeated, sides, words
from medbench.stats.groups import mean_of_values, minus
from medbench.stats.paired import difference_intervals
from medbench.stats.rates import rate
from medbench.steps.access.probes import PROBES, SWAP
from medbench.steps.reading.outputs import judged_text
from medbench.steps.reading.score_columns import cases_of, score_table_of
from medbench.steps.reading.summaries import parser_for, why_stale
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.outputs import outputs_that_count
from medbench.store.runs import runs_in
from medbench.store.summary import summary_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from medbench.steps.reading.score_columns import Cases
    from medbench.store.runs import RunFolder

    Array = NDArray[np.float64]

METRIC = "finding.f1"


def probes_of(run: RunFolder) -> dict[str, RunFolder]:
    """Return the probes of a run beside it, by name, in their usual order."""
    if run.head.system.probe is not None:
        return {}
    found = {
        other.head.system.probe: other
        for other in runs_in(run.path.parent)
        if other.head.system.probe
        and other.head.system.probed == run.head.system_digest
        and other.head.benchmark.digest == run.head.benchmark.digest
    }
    return {probe: found[probe] for probe in PROBES if probe in found}


def probe_card(run: RunFolder) -> ProbeCard | None:
    """Return what the probes of a run show, scored again where their scores are stale; None without any.

    Raises:
        InputError: The benchmark is gone or was changed.
    """
    probes = probes_of(run)
    if not probes:
        return None
    _refresh([run, *probes.values()])
    cases = cases_of([run])
    plain = _texts(run)
    under = {probe: _texts(other) for probe, other in probes.items()}
    references = {one.case_id: one.text for one in run.benchmark().references()}
    drops = (_drop(run, other, probe, cases) for probe, other in probes.items())
    alike = _share(_collapsed(references, plain, cases), cases, 1.0)
    level = (alike.share.mean or 0.0) if alike else 0.0
    return ProbeCard(
        system=run.name,
        drops=tuple(drop for drop in drops if drop),
        right_sides=_share(_sides(plain, references, cases, same=True), cases, 0.5),
        flipped=_share(_sides(plain, under.get("mirror", {}), cases), cases, 0.5),
        swapped=_share(_changed(plain, under.get(SWAP, {})), cases, 0.5),
        collapsed=_share(_collapsed(plain, plain, cases), cases, level),
        alike_references=level,
    )


def _refresh(runs: Sequence[RunFolder]) -> None:
    """Score the runs as the first one is scored, where they are not."""
    first = summary_of(runs[0])
    rescorer: Rescorer | None = None
    for run in runs:
        if why_stale(run, summary_of(run)):
            rescorer = rescorer or Rescorer(parser_for(first), finding=first.finding if first else None)
            rescorer.rescore(run)


def _texts(run: RunFolder) -> dict[str, str]:
    """Return the findings text of the first output of each case."""
    return {
        output.case_id: judged_text(output.text)[0]
        for output in outputs_that_count(run)
        if output.text is not None and output.replicate == 0
    }


def _drop(run: RunFolder, other: RunFolder, probe: str, cases: Cases) -> Drop | None:
    tables = [score_table_of(one, cases) for one in (run, other)]
    if not all(METRIC in table.sums for table in tables):
        return None
    plain, under = (table.means(METRIC) for table in tables)
    differences = minus(plain, under)
    known = ~np.isnan(differences)
    if not known.any():
        return None
    (interval,) = difference_intervals([differences], cases.topics)
    drop = Estimate(
        mean=mean_of_values(differences[known]),
        n=int(known.sum()),
        missing=len(cases) - int(known.sum()),
        interval=interval,
    )
    return Drop(
        probe=probe,
        metric=METRIC,
        plain=float(plain[known].mean()),
        under=float(under[known].mean()),
        drop=drop,
        needed=interval is not None and interval.low > 0,
    )


def _sides(
    plain: Mapping[str, str], others: Mapping[str, str], cases: Cases, *, same: bool = False
) -> dict[str, tuple[int, int]]:
    """Return the findings of each case whose side is the other one, or the same, and those with a side."""
    counts = {}
    for case_id in cases.ids:
        if case_id in plain and case_id in others:
            found = sides(plain[case_id], others[case_id])
            hits = found.both - found.exchanged if same else found.exchanged
            counts[case_id] = (hits, found.both)
    return counts


def _changed(plain: Mapping[str, str], under: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    return {
        case_id: (int(not almost_same(words(plain[case_id]), words(text))), 1)
        for case_id, text in under.items()
        if case_id in plain
    }


def _collapsed(
    texts: Mapping[str, str], answered: Mapping[str, str], cases: Cases
) -> dict[str, tuple[int, int]]:
    ids = [case_id for case_id in cases.ids if case_id in answered]
    topics = [int(cases.topics[cases.index[case_id]]) for case_id in ids]
    found = repeated([texts[case_id] for case_id in ids], topics)
    return {case_id: (int(is_repeated), 1) for case_id, is_repeated in zip(ids, found, strict=False)}


def _share(counts: Mapping[str, tuple[int, int]], cases: Cases, level: float) -> Share | None:
    """Return the share of what was counted by case, held against a level; None where there is nothing."""
    hits: Array = np.zeros(len(cases))
    totals: Array = np.zeros(len(cases))
    for case_id, (hit, total) in counts.items():
        if case_id in cases.index:
            hits[cases.index[case_id]], totals[cases.index[case_id]] = hit, total
    if not totals.sum():
        return None
    estimate = rate(hits, totals, cases.topics, int(totals.sum()))
    interval = estimate.interval
    holds: Answer = "not shown"
    if interval is not None and interval.low > level:
        holds = "yes"
    elif interval is not None and interval.high < level:
        holds = "no"
    return Share(share=estimate, hits=round(hits.sum()), holds=holds)
