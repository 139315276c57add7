"""`medbench export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medbench.cli import console, options
from medbench.sentences import counted, line_of


def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run: its name or its folder.")],
    findings: Annotated[
        bool,
        typer.Option(
            "--findings", help="Write the findings of every output, paired with those of the reference."
        ),
    ] = False,
    radlex: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A RadLex table of yours (CSV: name, RID), for ids of concepts and places."
        ),
    ] = None,
    benchmark: options.Benchmark = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where to write; without it, stdout.")
    ] = None,
) -> int:
    """Export a run's findings for other tools.

    \b
      medbench export baseline-generic --findings > findings.jsonl
      medbench export baseline-generic --findings --radlex Radlex.csv -o findings.jsonl
    """
    from medbench.api.runs import open_runs
    from medbench.errors import UsageError
    from medbench.steps.export import export_findings, read_radlex
    from medbench.store.jsonl import write_records

    if not findings:
        raise UsageError("nothing to export was named.", line_of("export", run, "--findings"))
    found = open_runs(run, benchmark=benchmark)
    if len(found) != 1:
        names = ", ".join(one.name for one in found[:4])
        raise UsageError(
            f"'{run}' holds {counted(len(found), 'run')}: {names}.",
            line_of("export", found[0].path, "--findings"),
        )
    lines = export_findings(found[0], read_radlex(radlex) if radlex else {})
    if out is None:
        for line in lines:
            typer.echo(line.to_line(), nl=False)
        return 0
    write_records(out, lines)
    console.say(f"Wrote {out}.")
    return 0
