"""`medbench import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medbench.cli import console, options
from medbench.cli.names import typed_line
from medbench.errors import UsageError
from medbench.sentences import counted, line_of, listed

if TYPE_CHECKING:
    from medbench.steps.importing.importing import Imported
    from medbench.steps.importing.report import RestoredFolder


def import_(
    old: Annotated[
        Path,
        typer.Argument(
            metavar="OLD", help="A report page, the folder of an old run, or a .jsonl or .csv of answers."
        ),
    ],
    benchmark: Annotated[
        str | None, typer.Option("--benchmark", help="Benchmark that the answers belong to.")
    ] = None,
    system: Annotated[
        str | None, typer.Option("--system", help="Name of the system that gave the answers.")
    ] = None,
    out: options.RunsFolder = None,
) -> int:
    """Turn a report page, or answers made elsewhere, into runs.

    \b
      medbench import report.html
      medbench import february/ --benchmark report-2026-02
      medbench import answers.jsonl --benchmark medpix-100 --system our-model
    """
    from medbench.config import load_settings
    from medbench.steps.importing.report import is_page

    root = out or Path(load_settings().defaults.runs)
    if is_page(old):
        unfit = next((name for name, given in (("benchmark", benchmark), ("system", system)) if given), None)
        if unfit:
            raise UsageError(f"a report page has its own {unfit}.", f"leave out --{unfit}")
        return _import_page(old, root)
    if not old.exists():
        raise UsageError(
            f"'{old}' is not there.", "name a report page, or a folder, .jsonl or .csv of answers"
        )
    if benchmark is None:
        raise UsageError(f"'{old}' does not say which benchmark it answers.", "--benchmark NAME")
    return _import_answers(old, benchmark, system, root)


def _import_page(page: Path, root: Path) -> int:
    from medbench.steps.importing.report import import_page

    restored = import_page(page, root)
    for run in restored.runs:
        files = counted(len(run.files), "file, byte for byte", "files, byte for byte")
        console.say(f"{run.path}   {'is there already, with the same records' if run.was_there else files}")
    for benchmark in restored.benchmarks:
        console.say(f"{benchmark.path}   {_images(benchmark)}")
    console.say_next(
        (line_of("verify", restored.runs[0].path.parent), "does all of it hold?"),
        (line_of("compare", restored.runs[0].path.parent), "the systems side by side"),
    )
    return 0


def _images(benchmark: RestoredFolder) -> str:
    if benchmark.was_there:
        return "the benchmark, is here already"
    if benchmark.images == benchmark.all_images:
        return f"the benchmark, with its {counted(benchmark.images, 'image')}"
    missing = benchmark.all_images - benchmark.images
    return (
        f"the texts of the benchmark; of its {counted(benchmark.all_images, 'image')} {missing:,} "
        "are not in the page and known by their digests"
    )


def _import_answers(old: Path, benchmark: str, system: str | None, root: Path) -> int:
    from medbench.api.progress import run_watcher
    from medbench.cli.result import show_result
    from medbench.config import load_settings
    from medbench.steps.access.systems import prepare
    from medbench.steps.importing.importing import import_runs, read_source
    from medbench.steps.run.hooks import RunHooks
    from medbench.steps.run.run import run_all
    from medbench.steps.run.run_plan import RunPlan
    from medbench.store.benchmark import find_benchmark
    from medbench.store.runs import RunFolder

    settings = load_settings()
    recorded = read_source(old, system)
    target = find_benchmark(benchmark)
    imported = import_runs(old, target, root, recorded, typed_line())
    for one in imported:
        _say(one)
    with run_watcher(console.talk()) as watching:
        hooks = RunHooks(watching)
        baselines = prepare((), settings, root, target)
        plan = RunPlan(benchmark=target.address, systems=baselines, root=root, command=typed_line())
        run_all(plan, hooks)
    scored = show_result([RunFolder(one.folder) for one in imported])
    if hooks.stop.is_set():
        return console.stopped("the answers are imported, baselines are missing")
    console.say_next((line_of("compare", imported[0].folder.parent), "the systems side by side"))
    return 0 if scored else 1


def _say(one: Imported) -> None:
    state = counted(one.taken - one.failures, "answer")
    state += f", {counted(one.failures, 'failure')}" * bool(one.failures)
    state = "is there already, from the same files" if one.was_there else state
    state += f", {counted(one.verdicts, 'verdict')}" * bool(one.verdicts)
    state += f", {counted(one.ungraded, 'judging')} without a grade" * bool(one.ungraded)
    console.say(f"{one.folder}   {state}")
    if one.answered < one.cases:
        console.say(f"  {coverage(one)}")
    for note in one.recorded.notes:
        console.say(f"  in the source: {note}")
    if one.left_out:
        console.say(
            f"  {counted(len(one.left_out), 'answer is to a case', 'answers are to cases')} not in "
            f"the benchmark, left out: {listed(one.left_out, 6)}"
        )


def coverage(one: Imported) -> str:
    """Say how many cases have an answer; what failed and what is missing stand apart."""
    rest = one.cases - one.answered - one.failed
    parts = [f"{one.answered} of {counted(one.cases, 'case has', 'cases have')} an answer"]
    parts += [f"{counted(one.failed, 'has', 'have')} failed"] * bool(one.failed)
    parts += [counted(rest, "is missing and counts", "are missing and count") + " as not run"] * bool(rest)
    return "; ".join(parts)
