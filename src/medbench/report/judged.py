"""What `judge` says before and after: the plan, how each rater stands, what stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from medbench.report.numbers import UNKNOWN, counts, dollars
from medbench.report.table import printable, table
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from medbench.schema.results.judge_result import Judged, JudgeDryRun, Standing


def plan_line(plan: JudgeDryRun) -> str:
    """Who judges what by which rubric, and what it will cost."""
    parts = [counted(plan.outputs, "output")]
    if plan.listings:
        parts.append(f"{counted(plan.listings, 'reference')} to list")
    if plan.canaries:
        parts.append(counted(plan.canaries, "canary", "canaries"))
    cost = "cost unknown" if plan.usd is None else f"about {dollars(plan.usd)}"
    told = ", told the captions" if plan.context == "captions" else ""
    there = (
        f"\nGoing on: {counted(plan.there, 'verdict')} on disk (the first verdict stands, nothing is "
        "judged twice)."
        if plan.there
        else ""
    )
    return (
        f"Judge {plan.name} ({plan.model_id}), rubric {plan.rubric}{told}: {' + '.join(parts)}, "
        f"about {plan.input_tokens:,} tokens in and {plan.output_tokens:,} out, {cost}.{there}"
    )


def question(plan: JudgeDryRun) -> Iterator[RenderableType]:
    """One question whole."""
    assert plan.example is not None
    request = plan.example
    settings = ", ".join(
        f"{key} {value}" for key, value in request.settings.items() if key != "response_schema"
    )
    text = "\n           ".join(request.text.splitlines())
    yield Text(
        printable(
            f"One question to {plan.name}, exactly as it would go out:\n"
            f"  model    {request.model}\n  system   {request.system or 'none'}\n"
            f"  settings {settings or 'none'}\n"
            f"  text     {text}\n  schema   {', '.join(request.settings['response_schema']['properties'])}\n"
        )
    )


def standings_table(found: Sequence[Standing]) -> RenderableType:
    """How each rater stands on each run."""
    return table(
        ["rater", "system", "judged", "by fallback", "no grade"],
        (
            [
                one.rater,
                one.system,
                f"{one.judged}/{one.wanted}",
                str(one.by_fallback or UNKNOWN),
                counts(one.failures),
            ]
            for one in found
        ),
        left=(0, 1, 4),
        wraps=(0, 1, 4),
    )


def closing(judged: Judged) -> Iterator[str]:
    """What stopped, what the fallback took over, what was spent; one line each."""
    for rater, error in judged.down.items():
        missing = sum(one.wanted - one.judged for one in judged.standings if one.rater == rater)
        yield f"Stopped: {error.message}"
        yield (
            f"  {counted(missing, 'verdict')} of {rater} {'is' if missing == 1 else 'are'} missing, and "
            "none of them counts as poor."
        )
        if error.hint:
            yield f"  {error.hint}"
        if judged.fallback and not judged.fallback_on_outage:
            yield (
                f"  {judged.fallback} stands in for single verdicts, not for an outage "
                "(--fallback-on outage allows it)."
            )
    for rater, cases in judged.moved.items():
        if cases:
            named = ", ".join(sorted(cases)[:5]) + (" …" if len(cases) > 5 else "")
            yield (
                f"{counted(len(cases), 'case')} ({named}) {'counts' if len(cases) == 1 else 'count'} "
                "with the fallback's verdict for all systems,\n"
                f"  so that no pair has two judges ({rater})."
            )
    spent = judged.spent
    if spent.verdicts:
        cost = "cost unknown" if spent.usd is None else dollars(spent.usd)
        yield f"{spent.verdicts} judged in this session, {spent.again} of them asked a second time, {cost}."
