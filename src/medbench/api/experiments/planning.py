"""From an experiment file to its systems, comparisons and budget: what must hold before the first call."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medbench.api.benchmarks import open_benchmark
from medbench.config import load_settings
from medbench.errors import InputError, UntrustedError, UsageError
from medbench.executors.cluster.placement import placement_of
from medbench.schema.experiment import Declaration
from medbench.sentences import line_of, nearest
from medbench.steps.access.probes import with_probes
from medbench.steps.access.specs import parse_changes
from medbench.steps.access.systems import prepare
from medbench.steps.experiment.grid import check_apart, is_baseline, pairs_of, specs_of_grid
from medbench.steps.experiment.read import read_experiment
from medbench.steps.experiment.seal import declare, seal_path
from medbench.steps.reading.spending import account_of
from medbench.steps.run.run_plan import RunPlan
from medbench.store.runs import HEAD, RunFolder
from medbench.toml_input import as_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from medbench.schema.experiment import Experiment, Seal
    from medbench.store.benchmark import BenchmarkFolder

_PARTLY = "--available-only"
"""Option of `build` for a source of which images are missing; an experiment's line has no such option."""


@dataclass(frozen=True, slots=True)
class ExperimentPlan:
    """An experiment ready to be conducted."""

    name: str
    experiment: Experiment
    benchmark: BenchmarkFolder
    run: RunPlan
    """Its systems, the baselines included; the most that may still be spent is its `max_cost`."""
    pairs: tuple[tuple[str, str], ...]
    """The comparisons: a system and the one that is compared with it."""

    @property
    def systems(self) -> tuple[str, ...]:
        """Names of the systems that are compared.

        Baselines and probes, which stand beside them, are left out, but where the file names baselines alone.
        """
        competitors = [one.system.name for one in self.run.systems if one.system.is_competitor]
        return tuple(competitors or dict.fromkeys(name for pair in self.pairs for name in pair))

    def folders(self, *, probes: bool = False) -> list[RunFolder]:
        """Return the runs of its systems that have begun, those of probes too if they are asked for."""
        parent = self.run.root / self.benchmark.head.name
        names = [*self.systems, *(one.system.name for one in self.run.systems if probes and one.system.probe)]
        return [RunFolder(parent / name) for name in names if (parent / name / HEAD).is_file()]

    @property
    def seal_path(self) -> Path:
        """The file of what it declared, and when."""
        return seal_path(self.run.root, self.benchmark.head.name, self.name)

    @property
    def page(self) -> Path:
        """The report page that the command ends with, beside what was declared."""
        return self.seal_path.with_name("report.html")

    def declare(self) -> Seal:
        """Write down what it declares, if that was not done, and return all declarations."""
        experiment = self.experiment
        declaration = Declaration(
            question=experiment.question,
            primary=experiment.primary,
            margin=experiment.margin,
            benchmark=self.benchmark.head.digest,
            limit=experiment.limit,
            replicates=experiment.replicates,
            systems={one.system.name: one.system.digest for one in self.run.systems},
            pairs=self.pairs,
            judge=experiment.judge,
            look=experiment.look,
        )
        return declare(
            self.seal_path,
            self.name,
            declaration,
            answers=sum(sum(1 for _ in run.outputs()) for run in self.folders()),
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )


@contextmanager
def in_file(name: str) -> Iterator[None]:
    """Name the experiment in an error about a name that stands in its file, and not in the line typed.

    Args:
        name: Name of the experiment.

    Raises:
        UsageError: In the place of another one; the right name is said to go where the wrong one stands.
    """
    try:
        yield
    except UntrustedError:
        raise
    except UsageError as error:
        hint = "'{1}' in place of '{0}'".format(*error.instead) if error.instead else error.hint
        raise UsageError(f"experiment '{name}': {error.message}", _in_toml(hint)) from None


def _in_toml(hint: str) -> str:
    """Return the settings of a hint as they stand in a file, and not behind --set."""

    def lines(found: re.Match[str]) -> str:
        return " | ".join(
            f"{key} = {as_typed(value)}"
            for change in found[1].split(" | ")
            for key, value in parse_changes([change]).items()
        )

    return re.sub(r"^--set ((?:\S+?=[^\s,|]+(?: \| )?)+)", lines, hint)


def plan_experiment(
    name: str | Path,
    *,
    command: str,
    notice: Callable[[str], None],
    max_cost: float | None = None,
    concurrency: int | None = None,
    executor: str = "local",
    address: str | None = None,
    out: str | Path | None = None,
) -> ExperimentPlan:
    """Return the plan of an experiment; the arguments are those of `experiment`, and two of `plan_run`.

    Raises:
        UsageError: Something in the file is wrong, or means nothing here.
        InputError: The benchmark was changed.
    """
    plain, experiment = read_experiment(str(name))
    settings = load_settings()
    root = Path(out or settings.defaults.runs)
    with in_file(plain):
        benchmark = _benchmark(experiment.benchmark, notice)
        benchmark.check()
        specs = specs_of_grid(experiment, settings)
        systems = prepare(with_probes(specs, experiment.probes), settings, root, benchmark)
    check_apart(one.system for one in systems)
    asked = iter([one.system.name for one in systems if one.system.is_competitor])
    names = [spec.model if is_baseline(spec) and spec.model else next(asked) for spec in specs]
    against = experiment.compare.against if experiment.compare else None
    pairs = pairs_of(specs, names, against)
    if not pairs:
        raise UsageError(f"experiment '{plain}' has one system: there is nothing to compare.", "add another")
    plan = RunPlan(
        benchmark=benchmark.address,
        systems=systems,
        root=root,
        command=command,
        limit=experiment.limit,
        replicates=experiment.replicates,
        concurrency=concurrency or settings.defaults.concurrency,
        placement=placement_of(executor, address),
        interleaved=True,
    )
    whole = ExperimentPlan(plain, experiment, benchmark, plan, pairs)
    left = max(experiment.max_cost - spent_on(whole), 0.0)
    most = {"max_cost": left, "max_cost_from": "max_cost in the file"}
    if max_cost is not None and max_cost < left:
        most = {"max_cost": max_cost, "max_cost_from": "--max-cost"}
    return ExperimentPlan(plain, experiment, benchmark, plan.model_copy(update=most), pairs)


def spent_on(plan: ExperimentPlan) -> float:
    """Return the dollars that the runs of an experiment have cost so far, models and judges."""
    return sum(account_of(run).total().usd for run in plan.folders(probes=True))


def _benchmark(given: str | Mapping[str, Any], notice: Callable[[str], None]) -> BenchmarkFolder:
    if isinstance(given, str):
        return open_benchmark(given)
    return _built(dict(given), notice)


def _built(options: dict[str, Any], notice: Callable[[str], None]) -> BenchmarkFolder:
    """Return the benchmark that these options build, which is there if they were used before."""
    from inspect import signature

    from medbench.api.build import build_folder, build_medpix, build_phantom, build_phantom_volumes

    builders: dict[str, Callable[..., Any]] = {
        "medpix": build_medpix,
        "phantom": build_phantom,
        "phantom-volumes": build_phantom_volumes,
        "folder": build_folder,
    }
    source = options.pop("build", None)
    if source not in builders:
        raise UsageError(f"[benchmark] builds '{source}'.", f"build = {' | '.join(map(repr, builders))}")
    known = [key for key in signature(builders[source]).parameters if key != "progress"]
    for key in options:
        if key not in known:
            close = nearest(key, known)
            raise UsageError(
                f"[benchmark] has an unknown key '{key}'.", f"{close} = …" if close else ", ".join(known)
            )
    out = options.get("out")
    if out is None:
        raise UsageError("[benchmark] does not say where to build.", 'out = "FOLDER"')
    if Path(out).is_dir():
        return open_benchmark(out)
    try:
        built = builders[source](**options)
    except InputError as error:
        if _PARTLY not in error.hint:
            raise
        words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", value)]
        line = line_of("build", source, *words, _PARTLY)
        raise InputError(error.message, f"complete the source, or first: {line}") from None
    notice(f"Built {built.path}.")
    return open_benchmark(str(built.path))
