"""Turn answers made elsewhere into runs, and report pages back into theirs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medbench.api.arguments import call_line
from medbench.api.benchmarks import open_benchmark
from medbench.api.progress import run_hooks
from medbench.api.running.run_result import RunResult
from medbench.config import load_settings
from medbench.store.runs import RunFolder

if TYPE_CHECKING:
    from medbench.api.benchmarks import BenchmarkName
    from medbench.api.runs import RunList


def import_answers(
    source: str | Path,
    benchmark: BenchmarkName,
    system: str | None = None,
    out: str | Path | None = None,
    *,
    progress: bool = True,
) -> RunResult:
    """Make runs of answers that were made elsewhere, and run the baselines beside them, which are free.

    Args:
        source: Folder of an old run, or a .jsonl or .csv of answers.
        benchmark: Benchmark that the answers belong to.
        system: Name of the system that gave the answers of a file.
        out: Folder of the runs; by default that of medbench.toml, or else 'runs'.
        progress: Show on stderr how the baselines go on.

    Raises:
        UsageError: There is no such source or benchmark, or the name of the system is missing or wrong.
        InputError: The source cannot be read, or none of its cases is in the benchmark.
        StoreError: A run of that name came from other files.
        KeyboardInterrupt: It was stopped; the answers are imported.
    """
    from medbench.steps.access.systems import prepare
    from medbench.steps.importing.importing import import_runs, read_source
    from medbench.steps.run.run import run_all
    from medbench.steps.run.run_plan import RunPlan

    arguments = {"source": source, "benchmark": benchmark, "system": system, "out": out}
    command = call_line(import_answers, arguments)
    settings = load_settings()
    root = Path(out or settings.defaults.runs)
    recorded = read_source(Path(source), system)
    folder = open_benchmark(benchmark)
    imported = import_runs(Path(source), folder, root, recorded, command)
    with run_hooks(progress=progress) as hooks:
        plan = RunPlan(
            benchmark=folder.address,
            systems=prepare((), settings, root, folder),
            root=root,
            command=command,
        )
        outcomes = run_all(plan, hooks)
    if hooks.stop.is_set():
        raise KeyboardInterrupt("the answers are imported, baselines are missing; the same call goes on")
    return RunResult([RunFolder(one.folder) for one in imported], outcomes)


def import_report(page: str | Path, out: str | Path | None = None) -> RunList:
    """Have the runs of a report page back, each file as it was, so that `verify` holds for them.

    Their benchmark comes with them where it is not found here: its texts, and its images if the page was made
    with images='full'. What is there is not written to.

    Args:
        page: A page that `report_page` wrote.
        out: Folder of the runs; by default that of medbench.toml, or else 'runs'.

    Raises:
        UsageError: There is no such file.
        InputError: The page holds no runs, or is cut or was changed.
        StoreError: A run of that name is there and is another.
    """
    from medbench.api.runs import RunList
    from medbench.steps.importing.report import import_page

    restored = import_page(Path(page), Path(out or load_settings().defaults.runs))
    return RunList(RunFolder(run.path) for run in restored.runs)
