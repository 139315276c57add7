"""Verifies a run: every line as it was written, everything that follows from it, and a root to publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import InputError, MedbenchError
from medbench.schema.results.verified import Verified, VerifiedRun
from medbench.sentences import line_of
from medbench.steps.importing.importing import IMPORTED
from medbench.steps.reading.summaries import CHANGED_METHOD, parser_for, signatures_of, why_stale
from medbench.steps.rescore.rescore import Rescorer
from medbench.steps.verify.images import check_images
from medbench.steps.verify.links import Links
from medbench.store.benchmark import HEAD as MANIFEST
from medbench.store.benchmark import temporary_folder
from medbench.store.chain import check_chain
from medbench.store.jsonl import file_digest
from medbench.store.merkle import merkle_root, root_files
from medbench.store.runs import HEAD, LISTINGS_FOLDER, SCORES, SUMMARY
from medbench.store.seals import broken_seals, is_sealed
from medbench.store.summary import summary_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.schema.score import Summary
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.runs import RunFolder


def verify_runs(runs: Sequence[RunFolder]) -> Verified:
    """Verify runs, one after the other."""
    return Verified(runs=tuple(map(verify_run, runs)))


def verify_run(run: RunFolder) -> VerifiedRun:
    """Verify a run with its benchmark; nothing is sent and nothing of the run is written."""
    problems = [*broken_seals(run.path), *broken_seals(run.path.parent / LISTINGS_FOLDER)]
    unchecked: list[str] = []
    root = None
    try:
        benchmark = run.benchmark()
        root = merkle_root(root_files(run.path, benchmark.path))
        problems += _benchmark_problems(run, benchmark)
        check_images(benchmark, problems, unchecked)
        links = Links(run, benchmark)
        links.check()
        problems += links.problems
        unchecked += links.unchecked
        _check_scores(run, problems, unchecked)
    except MedbenchError as error:
        problems.append(error.message)
    chains = [check_chain(path) for path in run.path.glob("*.jsonl") if path.name != SCORES]
    alone = [path for name in (HEAD, SUMMARY) if (path := run.path / name).is_file()]
    problems += [f"{path} was changed after it was written" for path in alone if is_sealed(path) is False]
    return VerifiedRun(
        run=str(run.path),
        records=len(alone) + sum(chain.records for chain in chains),
        unsealed=sum(is_sealed(path) is None for path in alone) + sum(chain.unsealed for chain in chains),
        problems=tuple(dict.fromkeys(problems)),
        unchecked=tuple(unchecked),
        root=root,
    )


def _benchmark_problems(run: RunFolder, benchmark: BenchmarkFolder) -> Iterator[str]:
    """Yield what is not as it was when the run began: files of the benchmark, copied settings."""
    manifest, recorded = benchmark.path / MANIFEST, run.head.benchmark.manifest
    if recorded is not None and file_digest(manifest).sha256 != recorded:
        yield f"{manifest} is not the one that the run began on"
    elif is_sealed(manifest) is False:
        yield f"{manifest} was changed after it was written"
    try:
        benchmark.check()
    except InputError as error:
        yield error.message
        return
    digests = {source.file: source.sha256 for source in run.head.imported_from}
    for path in sorted(run.path.glob(f"{IMPORTED}/*")):
        if file_digest(path).sha256 != digests.get(path.name):
            yield f"{path} is not the file that was imported"


def _check_scores(run: RunFolder, problems: list[str], unchecked: list[str]) -> None:
    """Measure again in a folder of its own, and compare; a version that measures otherwise says so."""
    summary = summary_of(run)
    if summary is None:
        there = (run.path / SUMMARY).is_file()
        words = f"{run.path / SUMMARY} cannot be read" if there else "scores: it was not scored yet"
        (problems if there else unchecked).append(words)
        return
    if file_digest(run.path / SCORES) != summary.scores:
        problems.append(f"{run.path / SCORES} is not the file that its summary was made with")
        return
    stale = why_stale(run, summary)
    if stale is not None:
        line = line_of("rescore", run.path)
        why = _changed_method(run, summary) if stale == CHANGED_METHOD else stale
        unchecked.append(f"scores: {why}; {line} makes them anew")
        return
    with temporary_folder("verify") as folder:
        rescorer = Rescorer(parser_for(summary), summary.swap, summary.finding)
        if rescorer.rescore(run, folder) != summary:
            problems.append(f"{run.path / SUMMARY} has other numbers than its outputs give")


def _changed_method(run: RunFolder, summary: Summary) -> str:
    """Return which numbers were computed otherwise than now."""
    now, then = signatures_of(run, summary), summary.signatures
    for name in {**then, **now}:
        if now.get(name) != then.get(name):
            ways = [signatures.get(name, "nothing") for signatures in (then, now)]
            return f"'{name}' was computed by '{ways[0]}', and is by '{ways[1]}' now"
    return CHANGED_METHOD
