"""The embedded phantom-200: describers who see what was drawn in ten layouts, and baselines told apart."""

from __future__ import annotations

import contextlib
import tempfile
from statistics import fmean

from bars import Bar, Part, at_least, table
from describers import DESCRIBERS, LAYOUTS, notes
from scored import f1

import medbench as mb
from medbench.store.benchmark import find_benchmark


def phantom() -> Part:
    """Score three describers in ten layouts, and compare retrieval with random."""
    scores = {name: [_mean_f1(describer, name) for describer in DESCRIBERS] for name in LAYOUTS}
    difference, low, high = _retrieval_less_random()
    interval = f"{difference:.3f} [{low:.3f}, {high:.3f}]"
    words = "F1 on its abnormal cases of three describers who see exactly what was drawn, by layout:"
    apart = f"F1 of retrieval less that of a random text of the region, all cases: {interval}."
    lowest = min(min(row) for row in scores.values())
    rows = ((name, *row) for name, row in scores.items())
    bars = [
        at_least("phantom-200: lowest F1 of a describer in a layout", lowest, 0.95),
        Bar("phantom-200: retrieval less random, F1", interval, "interval above 0", low > 0),
    ]
    return Part("phantom-200", [words, "", *table(("layout", *DESCRIBERS), rows), "", apart], bars)


def _mean_f1(describer: str, layout: str) -> float:
    benchmark = find_benchmark("phantom-200")
    pairs = zip(benchmark.cases(), benchmark.references(), strict=True)
    return fmean(
        f1(reference.text, LAYOUTS[layout](notes(describer, case.region, reference.known_findings)))
        for case, reference in pairs
        if reference.known_findings
    )


def _retrieval_less_random() -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        mb.run("phantom-200")
        found = mb.compare(["baseline-random", "baseline-retrieval"]).to_dict()
    f1_of = found["pairs"][0]["metrics"]["finding.f1"]
    return f1_of["difference"], f1_of["interval"]["low"], f1_of["interval"]["high"]
