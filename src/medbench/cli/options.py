"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

MIN_COVERAGE = 0.95
"""Share of the cases below which `run` and `judge` end with exit code 3 and `compare` concludes nothing."""

Runs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RUN", help="Runs, or folders of runs; none: those of the benchmark that was run last."
    ),
]
Benchmark = Annotated[
    str | None,
    typer.Option(metavar="FOLDER", help="Where the benchmark lies now, if it was moved."),
]
MovedBenchmark = Annotated[
    str | None,
    typer.Option(metavar="FOLDER", help="Where the benchmark lies now, if it was moved: it is linked anew."),
]
RunsFolder = Annotated[Path | None, typer.Option(help="Folder of the runs.", show_default="runs")]
Rater = Annotated[str | None, typer.Option(help="The rater that counts.  [the one judge]", metavar="NAME")]
WithBaselines = Annotated[bool, typer.Option("--all", help="Include the baselines.")]
Limit = Annotated[
    int | None, typer.Option(min=1, help="Only so many cases, taken round-robin over the strata.")
]
Concurrency = Annotated[
    int | None,
    typer.Option(min=1, help="Most calls at a time, of all models together; by default found for each."),
]
AcceptEula = Annotated[
    bool,
    typer.Option("--accept-eula", help="You accept the licence and the price shown: nothing is asked."),
]
MaxCost = Annotated[
    float | None,
    typer.Option(
        min=0, help="Dollars that this line may spend at most.", show_default="10, or as in medbench.toml"
    ),
]
Batch = Annotated[
    bool,
    typer.Option(
        "--batch", help="Ask in batches, for half the price within a day; the same line again collects."
    ),
]
BatchDeadline = Annotated[
    float | None,
    typer.Option(
        min=0,
        metavar="HOURS",
        help="Age at which a batch is given up; needs --then.",
        show_default="26",
    ),
]
Then = Annotated[
    Literal["live", "stop"] | None,
    typer.Option(help="What a batch that is given up leaves: asked one by one, or not."),
]
Executor = Annotated[
    Literal["local", "ray"],
    typer.Option(help="Machines that do the work: this one, or those of a Ray cluster."),
]
Address = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help="Head of the Ray cluster that this machine is part of; by default one of its own.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be sent; send and write nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Print the numbers for machines.")]
