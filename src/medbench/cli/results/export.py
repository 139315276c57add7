"""`medbench export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from medbench.cli import console, options
from medbench.errors import UsageError
from medbench.sentences import counted, line_of, printable


def export(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN|BENCHMARK", help="Runs, or a benchmark for --chat and --croissant: name or folder."
        ),
    ],
    csv: Annotated[
        bool, typer.Option("--csv", help="Write a row for each case and replicate of each run, as CSV.")
    ] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="The same rows as JSON lines.")] = False,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="The same rows as Parquet, by pyarrow or polars.")
    ] = False,
    every_eval_ever: Annotated[
        bool,
        typer.Option(
            "--every-eval-ever", help="Write numbers and graded outputs for Every Eval Ever, below a folder."
        ),
    ] = False,
    hf: Annotated[
        bool, typer.Option("--hf", help="Write results for model repositories of the Hugging Face Hub.")
    ] = False,
    hub_dataset: Annotated[
        str | None,
        typer.Option(metavar="OWNER/NAME", help="The data set at the Hub that --hf's results are of."),
    ] = None,
    croissant: Annotated[
        bool, typer.Option("--croissant", help="Describe a benchmark as Croissant's JSON-LD.")
    ] = False,
    license_: Annotated[
        str | None,
        typer.Option("--license", metavar="URL", help="Licence of the benchmark, for --croissant."),
    ] = None,
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
    chat: Annotated[
        Literal["hf", "vertex"] | None,
        typer.Option(help="Write the benchmark's pool as training examples: Hugging Face or Vertex AI."),
    ] = None,
    prompt: Annotated[str, typer.Option(help="Prompt of the training examples.")] = "comprehensive",
    apart_from: Annotated[
        str | None,
        typer.Option(
            metavar="BENCH,BENCH",
            help="Benchmarks that no example may be like, beside this one.",
            show_default="all that are found beside it",
        ),
    ] = None,
    training_set: Annotated[
        bool, typer.Option("--training-set", help="Export the benchmark's cases: it is not for measuring.")
    ] = False,
    images_at: Annotated[
        str | None, typer.Option(metavar="gs://…", help="Where you will put the images, for Vertex AI.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE|FOLDER", help="Where to write; without it, stdout."),
    ] = None,
) -> int:
    """Write runs and benchmarks in the forms of other programs.

    \b
      medbench export baseline-generic --csv -o outputs.csv
      medbench export runs/phantom-40 --parquet -o outputs.parquet
      medbench export baseline-generic --every-eval-ever -o shared
      medbench export baseline-generic --findings --radlex Radlex.csv -o findings.jsonl
      medbench export medpix-100 --croissant -o medpix-100/croissant.json
      medbench export medpix-100 --chat hf -o train.jsonl
    """
    asked = {
        "csv": csv,
        "jsonl": jsonl,
        "parquet": parquet,
        "every-eval-ever": every_eval_ever,
        "hf": hf,
        "croissant": croissant,
        "findings": findings,
        "chat": chat is not None,
    }
    named = [kind for kind, is_asked in asked.items() if is_asked]
    if len(named) != 1:
        options = " and ".join(f"--{kind}" for kind in named)
        said = f"{options} are {len(named)} exports." if named else "nothing to export was named."
        raise UsageError(said, line_of("export", *what, "--csv" if not named else f"--{named[0]}"))
    if csv or jsonl or parquet:
        return _rows(what, named[0], benchmark, out)
    if every_eval_ever:
        return _every_eval_ever(what, benchmark, out)
    if hf:
        return _hub_results(what, benchmark, hub_dataset, out)
    if len(what) > 1:
        raise UsageError(f"--{named[0]} takes one name.", line_of("export", what[0], f"--{named[0]}"))
    if croissant:
        return _croissant(what[0], license_, out)
    if chat:
        return _training(what[0], chat, prompt, apart_from, images_at, out, training_set=training_set)
    return _findings(what[0], radlex, benchmark, out)


def _rows(names: list[str], form: str, benchmark: str | None, out: Path | None) -> int:
    from medbench.api.exports.rows import row_lines, write_parquet
    from medbench.api.runs import runs_to_read
    from medbench.api.tables import output_cells
    from medbench.store.jsonl import atomic_file

    files = [name for name in names if name.endswith(f".{form}") and not Path(name).is_dir()]
    if files or (form == "parquet" and out is None):
        said = f"'{files[0]}' is not a run." if files else "Parquet is not text, and needs a file."
        runs = [name for name in names if name not in files]
        to_type = line_of("export", *runs, f"--{form}", "-o", files[0] if files else "outputs.parquet")
        raise UsageError(said, to_type)
    with runs_to_read(names, benchmark) as found:
        if form == "parquet" and out is not None:
            with atomic_file(out) as file:
                count = write_parquet(*output_cells(found), file)
            console.say(f"Wrote {out}: {counted(count, 'row')}.")
            return 0
        lines = row_lines(*output_cells(found), form)
        if out is None:
            # What a model wrote moves no cursor; a pipe gets every byte.
            seen = sys.stdout.isatty()
            for line in lines:
                typer.echo(printable(line.decode()) if seen else line, nl=False)
            return 0
        header = form == "csv"
        with atomic_file(out) as file:
            count = sum(1 for line in lines if file.write(line)) - header
    console.say(f"Wrote {out}: {counted(count, 'row')}.")
    return 0


def _every_eval_ever(names: list[str], benchmark: str | None, out: Path | None) -> int:
    from medbench.api.exports.every_eval_ever import write_every_eval_ever
    from medbench.api.runs import runs_to_read

    folder = _folder(names, "every-eval-ever", out)
    with runs_to_read(names, benchmark) as found:
        samples = sum(write_every_eval_ever(run, folder) for run in found)
    console.say(f"Wrote {folder / 'data'}: {counted(len(found), 'run')}, {counted(samples, 'sample')}.")
    if not samples:
        console.say("A sample is an output that a judge or a person graded: none is.")
    return 0


def _hub_results(names: list[str], benchmark: str | None, dataset: str | None, out: Path | None) -> int:
    from medbench.api.exports.hub_results import write_hub_results
    from medbench.api.runs import runs_to_read

    if dataset is None:
        raise UsageError(
            "the Hub's results are of a data set that is there.",
            line_of("export", *names, "--hf", "--hub-dataset", "OWNER/NAME", "-o", "shared"),
        )
    folder = _folder(names, "hf", out)
    with runs_to_read(names, benchmark) as found:
        written = write_hub_results(found, dataset, folder)
    files = counted(len(written.files), "file")
    console.say(f"Wrote {folder}: {files} of results, and ids and digests of the cases.")
    for line in written.partial:
        console.say(line)
    if written.partial:
        console.say("The Hub shows no number of outputs beside a value: take these out, or complete them.")
    return 0


def _folder(names: list[str], form: str, out: Path | None) -> Path:
    if out is None or out.is_file():
        said = "these are several files, and need a folder." if out is None else f"'{out}' is not a folder."
        raise UsageError(said, line_of("export", *names, f"--{form}", "-o", "shared"))
    return out


def _croissant(name: str, licence: str | None, out: Path | None) -> int:
    from medbench.api.exports.croissant import croissant
    from medbench.store.benchmark import find_benchmark
    from medbench.store.jsonl import atomic_file

    benchmark = find_benchmark(name)
    described = croissant(benchmark, licence)
    if out is None:
        typer.echo(described.to_text(), nl=False)
    else:
        with atomic_file(out) as file:
            file.write(described.to_text().encode())
        console.say(f"Wrote {out}.")
        if out.absolute().parent != benchmark.path.absolute():
            console.say(
                f"Its paths start in the folder of the benchmark, {benchmark.path}: it belongs there."
            )
    if described.unknown:
        missing = ", ".join(described.unknown)
        console.say(f"Croissant requires what medbench cannot know; add before you publish it: {missing}.")
    return 0


def _findings(run: str, radlex: Path | None, benchmark: str | None, out: Path | None) -> int:
    from medbench.api.runs import runs_to_read
    from medbench.steps.export import export_findings, read_radlex
    from medbench.store.jsonl import write_records

    with runs_to_read(run, benchmark) as found:
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


def _training(
    name: str,
    chat: Literal["hf", "vertex"],
    prompt: str,
    apart_from: str | None,
    images_at: str | None,
    out: Path | None,
    *,
    training_set: bool,
) -> int:
    from medbench.api.exports.chat import export_chat

    if out is None:
        raise UsageError(
            "training examples have images beside them, and need a file.",
            line_of("export", name, "--chat", chat, "-o", "train.jsonl"),
        )
    result = export_chat(
        name,
        chat,
        out,
        prompt=prompt,
        apart_from=apart_from,
        training_set=training_set,
        images_at=images_at,
    )
    for line in result.notes:
        console.say(line)
    return 0
