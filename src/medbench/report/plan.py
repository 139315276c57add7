"""The screen of `plan`: how many cases it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Heading, Paragraph, Verbatim, flush, table
from medbench.report.numbers import UNKNOWN, percent, share
from medbench.sentences import counted, money, p_text, rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.report.blocks import Block, Table
    from medbench.schema.results.plan import PowerPlan, Reach

_BAR = 30
"""Letters of the longest bar."""
FEWEST = 6
"""Pairs without which no paired test reaches p < .05."""


def power_plan(plan: PowerPlan) -> Iterator[Block]:
    """Yield how many cases it takes and what that rests on, the table, the curve, then strata and judging."""
    difference = f"{100 * plan.difference:g}"
    for line in (*_needed(plan), _based_on(plan)):
        yield flush(line)
    yield Blank()
    yield _table(plan, difference)
    for line in _limits(plan):
        yield Paragraph(line)
    yield Heading(f"Power for {difference} points")
    yield Verbatim("\n".join(map(_bar, plan.reaches)))
    yield Blank()
    for line in (*_strata(plan), *_judging(plan)):
        yield flush(line)


def _bar(reach: Reach) -> str:
    bar = "#" * round(reach.power * _BAR)
    return f"  {reach.cases:>6,}  {bar:<{_BAR}}  {percent(reach.power)} %"


def _table(plan: PowerPlan, difference: str) -> Table:
    def cells(reach: Reach) -> list[str]:
        calls = reach.new_calls if plan.systems else 0
        return [
            f"{reach.cases:,}" + (" (all)" if reach.all_there_are else ""),
            "none" if reach.detects is None else rounded(reach.detects, 1, times=2),
            f"{percent(reach.power)} %",
            percent(reach.half_width),
            f"{calls:,}" if calls else UNKNOWN,
            money(reach.usd) if calls else UNKNOWN,
            f"{reach.hours:.1f}" if calls and reach.hours is not None else UNKNOWN,
        ]

    header = ["cases", "detects (points)", f"power for {difference}", "a rate to +-", "new calls"]
    return table([*header, "still to pay", "hours"], map(cells, plan.reaches), left=())


def next_line(plan: PowerPlan) -> tuple[str, str]:
    """Return what to type next, and what it does."""
    if plan.larger_draw is None:
        return "medbench compare", "the systems side by side"
    return f"medbench build medpix {plan.larger_draw}", "contains the cases at hand"


def _based_on(plan: PowerPlan) -> str:
    source = (
        f"From {plan.based_on}."
        if plan.based_on != "assumed"
        else "No two systems are graded on the same cases: assumed."
    )
    text = (
        f"{source} Discordance {share(plan.discordance, 2)}, good {percent(plan.base_rate)} %. Test: exact "
        "McNemar, which compare decides by; 80 % power, p < .05."
    )
    if plan.design_effect > 1:
        text += f" Cases share topics: {plan.design_effect:.2f} of them tell as much as one of its own topic."
    return text


def _limits(plan: PowerPlan) -> Iterator[str]:
    """Explain what the table does not say of itself."""
    if any(reach.detects is None for reach in plan.reaches):
        yield (
            "none: a difference cannot be larger than the discordance, and so few cases do not detect "
            f"even one of {rounded(plan.discordance, times=2)} points."
        )
    if plan.systems and any(reach.new_calls and reach.usd is not None for reach in plan.reaches):
        yield (
            f"Still to pay: the calls as these runs paid for them, and judging by {plan.judge} with its "
            f"listings and canaries ({plan.judging_source})."
            if plan.judging_paid
            else "Still to pay: the calls as these runs paid for them, without judging: no judge whose price "
            "is known graded these runs."
        )


def _needed(plan: PowerPlan) -> Iterator[str]:
    difference = f"A difference of {100 * plan.difference:g} points"
    if plan.needed is None:
        yield f"{difference} takes more than 20,000 cases."
    elif plan.eligible is not None and plan.needed > plan.eligible:
        most = plan.reaches[-1].detects if plan.reaches else None
        reached = "no difference" if most is None else f"{rounded(most, 1, times=2)} points"
        yield (
            f"{difference} takes {counted(plan.needed, 'case')}; the source has {plan.eligible:,} that can "
            f"be drawn, and all of them detect {reached}."
        )
    else:
        yield f"{difference} takes {counted(plan.needed, 'case')} judged for both systems."
    if plan.needed_range and plan.discordance_range:
        low, high = ("over 20,000" if n is None else f"{n:,}" for n in plan.needed_range)
        lowest, highest = (share(end, 2) for end in plan.discordance_range)
        yield (
            f"The discordance is known to lie between {lowest} and {highest} only, and is "
            f"{share(plan.difference, 2)} at least where the difference is that large: from {low} to "
            f"{high} cases."
        )


def _strata(plan: PowerPlan) -> Iterator[str]:
    if plan.strata and plan.per_stratum is not None:
        total = sum(cell.proposed for cell in plan.strata)
        parts = ", ".join(
            f"{cell.proposed} of {cell.value}" + (" (all)" if cell.proposed == cell.eligible else "")
            for cell in plan.strata
        )
        yield f"{total:,} = {parts}."
        yield _by_itself(plan)
    if plan.smallest_stratum is not None and plan.smallest_stratum < FEWEST:
        n = plan.smallest_stratum
        yield (
            f"{counted(n, 'case')} a stratum can never reach p < .05 in a paired test: the most "
            f"uneven split, {n} to 0, gives {p_text(2 * 0.5**n)}. It takes {FEWEST}."
        )


def _by_itself(plan: PowerPlan) -> str:
    if all(cell.detects is None for cell in plan.strata):
        most = rounded(plan.discordance, times=2)
        return f"By itself none of them detects even a difference of {most} points."
    reached = "; ".join(
        f"{cell.value} {'nothing' if cell.detects is None else f'{rounded(cell.detects, times=2)} points'}"
        for cell in plan.strata
    )
    return f"By itself each of them detects: {reached}."


def _judging(plan: PowerPlan) -> Iterator[str]:
    known = plan.judge_agreement
    agreed = (
        f"Two gradings agree about good on {percent(known)} %"
        if known is not None
        else "Two gradings are assumed to agree about good on 86 %"
    )
    times = counted(plan.judge_replicates, "grading is", "gradings are")
    yield f"{agreed} of outputs: {times} enough for the majority of many on 95 % of them."
    if plan.reviewed is not None:
        yield (
            "To correct a judge's rate to within 10 points people grade "
            f"{counted(plan.reviewed, 'output')} of each "
            "system, drawn at random (correlation .70 with the judge assumed)."
        )
    else:
        yield "To correct a judge's rate to within 10 points it takes more outputs than these cases give."
