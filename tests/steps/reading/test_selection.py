"""Which cases a limit takes: round-robin over the strata, nested, in the benchmark's order."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from medbench.schema.case import Case
from medbench.steps.reading.selection import selected_cases, wanted_outputs
from medbench.store.benchmark import CASES, BenchmarkFolder


def _ids(bench: BenchmarkFolder, limit: int | None) -> list[str]:
    return [case.case_id for case in selected_cases(bench, limit)]


def test_limits_are_nested_balanced_and_in_order(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Each limit takes that many, contains the smaller ones, and no stratum is ahead by more than one."""

    def uneven(case: Case) -> Case:
        region = "Head" if int(case.case_id[-3:]) < 6 else case.region
        return type(case).model_validate(case.model_dump() | {"region": region, "digest": ""})

    bench = write_benchmark(tmp_path / "b", 13, pool=0, changed=uneven)
    everything = _ids(bench, None)
    size = Counter((case.region, case.modality) for case in bench.cases())
    before: set[str] = set()
    for limit in range(1, 16):
        taken = _ids(bench, limit)
        assert len(taken) == min(limit, 13)
        assert taken == [case for case in everything if case in set(taken)], "the benchmark's order"
        assert before <= set(taken)
        before = set(taken)
        counts = Counter((case.region, case.modality) for case in selected_cases(bench, limit))
        for stratum, most in size.items():
            assert counts[stratum] == most or counts[stratum] >= max(counts.values()) - 1


def test_no_limit_takes_all(bench: BenchmarkFolder) -> None:
    """Without a limit, and with one above the number of cases, all cases are taken."""
    assert _ids(bench, None) == _ids(bench, 6) == _ids(bench, 99)
    assert len(_ids(bench, None)) == 6


def test_a_draw_follows_the_file_as_it_is(bench: BenchmarkFolder) -> None:
    """What is remembered of it is forgotten when it is written anew, in a notebook for example."""
    path = bench.path / CASES
    lines = path.read_bytes().splitlines(keepends=True)
    os.utime(path, (0, 0))  # the clock of the disk may not tick in a test
    assert _ids(bench, 1) == ["case-000"]
    path.write_bytes(b"".join(reversed(lines)))
    assert _ids(bench, 1) == ["case-005"]


def test_wanted_outputs_are_counted_of_the_cases_as_they_are(bench: BenchmarkFolder) -> None:
    """Of each case the most repeats that a session wanted, and of the file as it was written last."""
    sessions = {
        ((None, 1),): 6,
        ((2, 1),): 2,
        ((None, 1), (2, 3)): 4 + 2 * 3,
        ((2, 3), (4, 2)): 2 * 3 + 2 * 2,
        (): 0,
    }
    for asked, outputs in sessions.items():
        assert wanted_outputs(bench, asked) == wanted_outputs(bench, asked) == outputs
    path = bench.path / CASES
    os.utime(path, (0, 0))  # the clock of the disk may not tick in a test
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:5]))
    assert wanted_outputs(bench, [(None, 2)]) == 10
    assert wanted_outputs(bench, [(None, 1)]) == 5
