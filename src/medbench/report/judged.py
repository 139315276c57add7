"""The screens of `judge`: the plan, how each rater stands, what stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import table
from medbench.report.numbers import UNKNOWN, cost, counts, of_wanted
from medbench.schema.account import JUDGING
from medbench.sentences import counted, listed, money

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.report.blocks import Table
    from medbench.schema.results.judge_result import JudgeDryRun, JudgingResult, Spending, Standing


def plan_line(plan: JudgeDryRun) -> str:
    """Say who judges what by which rubric, and what it will cost."""
    parts = [counted(plan.outputs, "output")]
    if plan.listings:
        parts.append(f"{counted(plan.listings, 'reference')} to list")
    if plan.canaries:
        parts.append(counted(plan.canaries, "canary", "canaries"))
    price = "cost unknown" if plan.usd is None else f"about {money(plan.usd)}"
    if plan.most_usd is not None and plan.usd:
        price += f", at most {money(plan.most_usd)}"
    context = ", told the captions" if plan.context == "captions" else ""
    rater = "Fallback" if plan.instead_of else "Judge"
    line = (
        f"{rater} {plan.name} ({plan.model_id}), rubric {plan.rubric}{context}: {' + '.join(parts)}, "
        f"about {plan.input_tokens:,} tokens in and {plan.output_tokens:,} out, {price}."
    )
    if plan.done:
        line += (
            f"\nGoing on: {counted(plan.done, 'verdict')} on disk (the first verdict stands, nothing is "
            "judged twice)."
        )
    if plan.waiting:
        line += f"\n{counted(plan.waiting, 'question is', 'questions are')} under way in batches."
    if plan.instead_of:
        line += (
            f"\nIt stands in for {', '.join(plan.instead_of)}, without a grade for these cases. What judges "
            "fail at from now comes on top."
        )
    if plan.reused:
        line += f"\nTaken over from other runs, which paid for them: {plan.reused} with the same question."
    return line


def standings_table(standings: Sequence[Standing]) -> Table:
    """Show how each rater stands on each run."""
    return table(
        ["rater", "system", "judged", "by fallback", "no grade"],
        (
            [
                standing.rater,
                standing.system,
                of_wanted(standing.judged, standing.wanted, standing.groups),
                str(standing.by_fallback or UNKNOWN),
                counts(standing.failures),
            ]
            for standing in standings
        ),
        left=(0, 1, 4),
        wraps=(0, 1, 4),
    )


def closing(judged: JudgingResult) -> Iterator[str]:
    """Yield what stopped, what the fallback took over and what was spent, a line each."""
    for rater, error in judged.down.items():
        rows = [row for row in judged.standings if row.rater == rater]  # none of the fallback
        missing = sum(row.wanted - row.judged for row in rows)
        yield f"Stopped: {error.message}"
        if rows:
            yield (
                f"  {counted(missing, 'verdict')} of {rater} {'is' if missing == 1 else 'are'} missing, and "
                "none of them counts as poor."
            )
        if error.hint:
            yield f"  {error.hint}"
        if rows and judged.fallback and not judged.fallback_on_outage:
            yield (
                f"  {judged.fallback} stands in for single verdicts, not for an outage "
                "(medbench judge … --fallback-on outage allows it)."
            )
    for rater, cases in judged.fallback_cases.items():
        if cases:
            yield (
                f"{counted(len(cases), 'case')} ({listed(sorted(cases), 5)}) "
                f"{'counts' if len(cases) == 1 else 'count'} with the fallback's verdict for all systems,\n"
                f"  so that no pair has two judges ({rater})."
            )
    yield from _session(judged.spending)


def _session(spending: Spending) -> Iterator[str]:
    """Yield what this call asked and paid; nothing where it asked nothing."""
    account, spent = spending.account, spending.account.total()
    asked = [counted(spending.graded, "verdict") + " with a grade", f"{spending.failed:,} without"]
    if spending.canaries:
        asked.append(counted(spending.canaries, "canary", "canaries"))
    if not spent.calls and not spending.graded + spending.failed + spending.canaries:
        return
    parts = ((name, account.total(name)) for name in JUDGING)
    paid = ", ".join(f"{name} {cost(part.known, part.unknown)}" for name, part in parts if part.calls)
    yield (
        f"In this session {', '.join(asked)}, {spending.asked_twice} asked a second time; "
        f"{counted(spent.calls, 'call')}: {cost(spent.known, spent.unknown)}{f' ({paid})' if paid else ''}."
        + f" {counted(spent.reused, 'answer was', 'answers were')} taken over from other runs."
        * bool(spent.reused)
    )
