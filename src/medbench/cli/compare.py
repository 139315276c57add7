"""`medbench compare`, `medbench report` and `medbench gate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from medbench.cli import console, options
from medbench.errors import UsageError
from medbench.sentences import counted, line_of

if TYPE_CHECKING:
    from medbench.schema.results.comparison import Comparison

_Against = Annotated[
    str | None,
    typer.Option(help="The system that the others are compared with.  [the first]", metavar="SYSTEM"),
]
_Force = Annotated[
    bool, typer.Option("--force", help="Compare runs that should not be compared, with a warning.")
]
_Format = Literal["markdown", "json", "junit"]


def compare(
    runs: options.Runs = None,
    judge: options.Rater = None,
    against: _Against = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Leave verdicts aside: findings and metrics only.")
    ] = False,
    margin: Annotated[
        float | None,
        typer.Option(min=0, help="Points within which two are equivalent.  [5; 2 for other metrics]"),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Clopper-Pearson intervals of grades: wider, never too narrow.")
    ] = False,
    min_coverage: Annotated[
        float, typer.Option(min=0, max=1, help="Share of cases judged for both that a conclusion needs.")
    ] = options.MIN_COVERAGE,
    look: Annotated[
        int | None,
        typer.Option(
            min=1, help="The k-th planned look as cases come in: tests at .05 / (k (k + 1)).", metavar="K"
        ),
    ] = None,
    benchmark: options.Benchmark = None,
    force: _Force = False,
    full: Annotated[bool, typer.Option("--full", help="All tables instead of one screen.")] = False,
    by: Annotated[
        str | None,
        typer.Option(help="Only the parts by region, modality, images or reference.", metavar="PART"),
    ] = None,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Only the pairs: every test, and cases to look at.")
    ] = False,
    raters: Annotated[
        bool, typer.Option("--raters", help="Only the raters: cards of the judges, and how they agree.")
    ] = False,
    json: options.Json = False,
    form: Annotated[
        _Format | None,
        typer.Option(
            "--format", help="For a pull request, a dashboard (as --json), a service that runs tests."
        ),
    ] = None,
) -> int:
    """Compare systems on the same cases, and conclude in words.

    \b
      medbench compare                          all runs of the last benchmark, on one screen
      medbench compare gemini-flash medgemma-4b two of them; the first is the reference
      medbench compare --by region              one part of what --full shows
      medbench compare --judge rules            grades by the free rater instead of the judge
      medbench compare --format markdown        for a pull request; json, junit for machines
    """
    from medbench.api import compare as api
    from medbench.report.compare.screens import chosen, next_lines, whole
    from medbench.report.compare.summary import summary
    from medbench.report.forms.junit import claims_of, junit, properties_of
    from medbench.report.forms.markdown import markdown
    from medbench.report.glossary import explained

    if json and form not in {None, "json"}:
        raise UsageError(f"--json and --format {form} are two forms.", "leave one of them out")
    comparison = api.compare(
        runs or None,
        benchmark=benchmark,
        judge=judge,
        against=against,
        offline=offline,
        margin=margin,
        exact=exact,
        min_coverage=min_coverage,
        look=look,
        force=force,
    ).record
    if not runs:
        console.say(f"No RUN named: {Path(comparison.systems[0].path).parent}.")
    for path, why in comparison.rescored.items():
        console.say(f"Scored {path} again: {why}.")
    for notice in comparison.notices:
        console.say(f"Note: {notice}")
    code = _exit_code(comparison)
    if json or form == "json":
        typer.echo(comparison.model_dump_json(indent=1))
        return code
    if form == "junit":
        typer.echo(junit(comparison.benchmark, [*claims_of(comparison)], properties_of(comparison)), nl=False)
        return code
    part = chosen(comparison, by=by, pairs=pairs, raters=raters)
    blocks = [*explained(part or (whole if full else summary)(comparison))]
    if form == "markdown":
        typer.echo(markdown(blocks), nl=False)
        return code
    console.show(*blocks)
    if not part:
        console.say_next(*next_lines(comparison, runs or [], full=full))
    return code


def _exit_code(comparison: Comparison) -> int:
    """Return what the exit code says of runs that are left out; 3, too, where grades are too few."""
    withheld = any(pair.conclusion and pair.conclusion.outcome == "withheld" for pair in comparison.pairs)
    return _left_out_code(comparison) or (3 if withheld else 0)


def _left_out_code(comparison: Comparison) -> int:
    """Return 1 where a run that was to be compared is not, 3 where it only lacks answers, else 0."""
    from medbench.schema.results.comparison import NO_ANSWER

    if set(comparison.left_out.values()) - {NO_ANSWER}:
        return 1
    return 3 if comparison.left_out else 0


def report(
    runs: options.Runs = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="The file to write.", show_default="report.html; card.html"),
    ] = None,
    images: Annotated[
        Literal["full", "thumb", "none"],
        typer.Option(help="Images as they are, small enough to recognise, or none."),
    ] = "thumb",
    judge: options.Rater = None,
    archive: Annotated[
        bool, typer.Option(help="Carry the records of the runs, so that medbench import gives them back.")
    ] = True,
    against: _Against = None,
    benchmark: options.Benchmark = None,
    force: _Force = False,
    card: Annotated[
        bool, typer.Option("--card", help="One side of paper on one system, for who decides with it.")
    ] = False,
) -> int:
    """Write a comparison with every case as one page.

    \b
      medbench report                           all runs of the last benchmark
      medbench report gemini-flash medgemma-4b -o february.html
      medbench report --images none             texts only: small enough to mail
      medbench report gemini-flash --card       urgent findings missed and invented, costs, what is unknown
    """
    from medbench.api.exports.page import report_page

    if card:
        return _card(runs or [], out or Path("card.html"), judge, benchmark)
    with console.working("Writing the page …"):
        done = report_page(
            runs or None,
            out or Path("report.html"),
            images=images,
            archive=archive,
            judge=judge,
            against=against,
            benchmark=benchmark,
            force=force,
        )
    for notice in done.comparison.notices:
        console.say(f"Note: {notice}")
    for why in done.missing[:3]:
        console.say(f"Without an image: {why}")
    if done.missing[3:]:
        console.say(f"… and {counted(len(done.missing) - 3, 'more image')}.")
    for line in done.terms:
        console.say(line)
    size = f"{counted(done.cases, 'case')}, {done.bytes / 1e6:.1f} MB"
    console.say(f"Wrote {done.path} ({size}, works offline).")
    console.say_next((line_of("compare", *(runs or [])), "the same numbers on the screen"))
    return _left_out_code(done.comparison)


def _card(runs: list[str], out: Path, judge: str | None, benchmark: str | None) -> int:
    from medbench.api.exports.card import decision_card
    from medbench.report.card.card import card_screen

    if len(runs) != 1:
        raise UsageError("a card is of one system.", line_of("report", runs[0] if runs else "RUN", "--card"))
    with console.working("Writing the card …"):
        made = decision_card(runs[0], out, judge=judge, benchmark=benchmark)
    console.show(*card_screen(made.record))
    console.say(f"Wrote {out} (one side of paper, works offline).")
    console.say_next((line_of("report", runs[0]), "every case behind it"))
    return 0


def gate(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run that is to pass.")],
    against: Annotated[str, typer.Option(metavar="RUN", help="The run that it is held against.")],
    max_drop: Annotated[float, typer.Option(min=0, help="The largest drop that is allowed, in points.")] = 5,
    coverage: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the cases that must have both.")
    ] = options.MIN_COVERAGE,
    judge: options.Rater = None,
    benchmark: options.Benchmark = None,
    form: Annotated[_Format | None, typer.Option("--format", help="As for compare.")] = None,
) -> int:
    """Pass or fail a run by its drop against another run.

    \b
      medbench gate gemini-flash@2 --against gemini-flash
      medbench gate new --against old --max-drop 10 --format junit > gate.xml

    Exit code 0: a larger drop is ruled out. 1: it is shown. 3: neither; the cases needed are said.
    """
    from medbench.api.exports.gate import gate as answer_of
    from medbench.report.compare.gate import claim_of, gate_screen
    from medbench.report.forms.junit import junit
    from medbench.report.forms.markdown import markdown

    answer = answer_of(
        run, against, max_drop=max_drop, coverage=coverage, judge=judge, benchmark=benchmark
    ).record
    match form:
        case "json":
            typer.echo(answer.model_dump_json(indent=1))
        case "junit":
            ways = {f"signature.{scorer}": way for scorer, way in answer.signatures.items()}
            ways = {"benchmark_digest": answer.benchmark_digest, "rater": answer.rater or "", **ways}
            typer.echo(junit(answer.benchmark, [claim_of(answer)], ways), nl=False)
        case "markdown":
            typer.echo(markdown(gate_screen(answer)), nl=False)
        case None:
            console.show(*gate_screen(answer))
    return {"pass": 0, "fail": 1, "undecided": 3}[answer.outcome]
