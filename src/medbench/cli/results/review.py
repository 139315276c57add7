"""`medbench review`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medbench.cli import console, options
from medbench.errors import InputError, StoreError, UsageError
from medbench.sentences import counted, line_of

app = typer.Typer(
    help="Let people grade a blind sample.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command("sheet")
def sheet(
    runs: options.Runs = None,
    sample: Annotated[int, typer.Option(min=1, help="Texts in the sheet.")] = 60,
    seed: Annotated[int, typer.Option(help="Seed for the sample and its order.")] = 1,
    all_: options.WithBaselines = False,
    benchmark: options.Benchmark = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="Name of the two files, without an ending.", show_default="review-SEED"
        ),
    ] = None,
) -> int:
    """Write a blind sheet: a random sample, the systems hidden; CSV and a page that works offline.

    \b
      medbench review sheet --sample 60
      medbench review sheet gemini-flash medgemma-4b --sample 100 --seed 7
    """
    from medbench.api.runs import runs_to_read
    from medbench.report.review.sheet_page import sheet_page
    from medbench.steps import review

    with runs_to_read(runs or None, benchmark) as found:
        kept = [run for run in found if all_ or run.head.system.is_competitor]
        if not kept:
            raise UsageError("there are only baselines and probes.", "the same line with --all puts them in")
        rows = review.sheet(kept, sample, seed)
    if not rows:
        raise UsageError("these runs have no outputs to grade.", "medbench show   (all runs)")
    base = out or Path(f"review-{seed}")
    table, page = base.with_suffix(".csv"), base.with_suffix(".html")
    for path in (table, page):
        if path.exists():
            raise StoreError(f"'{path}' is there already; it may hold grades.", "another name with --out")
    page.write_text(sheet_page(rows), "utf-8")
    review.write_csv(table, rows)
    megabytes = page.stat().st_size / 1e6
    console.say(f"{counted(len(rows), 'text')} of {counted(len(kept), 'system')}, who wrote which is hidden:")
    console.say(f"  {table}    for a spreadsheet: fill in grade, key_finding, comment, reviewer")
    console.say(f"  {page}   the same with the pictures, {megabytes:.1f} MB, works offline; saves a .csv")
    console.say_next((line_of("review", "import", table), "once it is filled in"))
    return 0


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A graded sheet: CSV or Excel.")],
    reviewer: Annotated[
        str | None, typer.Option(help="Who graded the rows that name no reviewer.", metavar="NAME")
    ] = None,
    runs: Annotated[
        list[str] | None,
        typer.Option("--run", metavar="RUN", help="Runs that the sheet was made of.", show_default="all"),
    ] = None,
    correct: Annotated[
        bool, typer.Option("--correct", help="Let grades that differ from those before take their place.")
    ] = False,
    benchmark: options.MovedBenchmark = None,
) -> int:
    """Turn the rows of a graded sheet into verdicts of their reviewer.

    \b
      medbench review import review-ada.csv
      medbench review import review-1.csv --reviewer Ada
      medbench review import review-ada.csv --correct     grades that Ada changed
    """
    from medbench.api.runs import link_runs
    from medbench.api.runs import runs as open_all
    from medbench.config import load_settings
    from medbench.steps.review import import_sheet

    root = Path(load_settings().defaults.runs)
    found = list(open_all(runs or None).folders)
    if not found:
        raise InputError(f"no runs are in '{root}'.", "--run RUN   (where the sheet was made of)")
    if benchmark is not None:
        link_runs(found, benchmark)
    done = import_sheet(file, found, reviewer, correct=correct)
    for note in done.notes:
        console.say(f"Note: {note}")
    console.say(
        f"{counted(done.taken, 'verdict')} of {', '.join(done.raters) or 'nobody'}"
        + (f" on {', '.join(done.runs)}" if done.runs else "")
        + (f"; {counted(done.already, 'was', 'were')} there already" if done.already else "")
        + (f"; {counted(done.empty, 'row has', 'rows have')} no grade" if done.empty else "")
        + "."
    )
    if done.taken or done.already:
        console.say_next(("medbench compare", "the judge's rates, corrected by these"))
    else:
        console.say("Next: fill in the column 'grade' (good, partial or poor), then this line again")
    return 0
