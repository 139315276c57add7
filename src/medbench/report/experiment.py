"""The screens of experiments: what one declares and would take, and how it ended."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from medbench.report.blocks import Blank, Paragraph, flush, table
from medbench.report.compare.comparison import many
from medbench.report.compare.conclusion import pair_conclusions
from medbench.report.compare.summary import summary
from medbench.report.numbers import cell, metric_name, minutes, rate, seconds, used_and_up
from medbench.schema.results.system_row import in_order
from medbench.schema.score import descending
from medbench.sentences import alpha_text, counted, money, rounded
from medbench.stats.power import USUAL_DISCORDANCE, alpha_at, detectable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from medbench.report.blocks import Block, Span
    from medbench.schema.experiment import Declaration, Experiment, Seal
    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.dry_run import Forecast, Plan
    from medbench.schema.results.system_row import SystemRow


def declared(name: str, experiment: Experiment, pairs: Sequence[tuple[str, str]]) -> Iterator[Block]:
    """Yield the question of an experiment, what decides it, and what is compared with what."""
    yield flush(f"{name}: {experiment.question}")
    margin = "" if experiment.margin is None else f", {experiment.margin:g} points count as none"
    tests = f"; p by Holm over {counted(len(pairs), 'comparison')}" * (len(pairs) > 1)
    look = f"; look {experiment.look}, at p ≤ {alpha_text(alpha_at(experiment.look))}" * bool(experiment.look)
    yield flush(f"Decided by {metric_name(experiment.primary)}{margin}{tests}{look}.")
    for base in dict.fromkeys(base for base, _ in pairs):
        others = ", ".join(name for one, name in pairs if one == base)
        yield Paragraph(f"  {base}  against  {others}")


def forecast_screen(
    plan: Plan, usd: float | None, left: float, cases: int, experiment: Experiment
) -> Iterator[Block]:
    """Yield what each system would take, the whole of it, and what so many cases can show.

    Args:
        plan: The forecast.
        usd: Dollars of all of it, judging included; None where a price is unknown.
        left: Dollars that may still be spent.
        cases: Cases that each system is asked.
        experiment: What is declared; only of grades it is known what so many cases can show.
    """
    yield Blank()
    rows = [(one.folder.rpartition("/")[2], one.left, one.forecast) for one in plan.systems if one.forecast]
    judging = [("judging", None, plan.judging)] if plan.judging else []
    if rows or judging:
        yield table(
            ["system", "left", "calls", "expected", "at most", "minutes"],
            (_forecast_row(name, left, forecast) for name, left, forecast in rows + judging),
            wraps=(0,),
        )
    known = "unknown, as a line above is" if usd is None else money(usd, up=True)
    yield flush(f"Expected in all: {known}; {money(left)} may be spent.")
    if experiment.primary != "good":
        return
    found = detectable(cases, USUAL_DISCORDANCE, alpha=alpha_at(experiment.look))
    if found:
        shows = f"{counted(cases, 'case shows', 'cases show')} a difference in good of "
        shows += f"{rounded(found, times=2)} points or more"
    else:
        shows = f"{counted(cases, 'case is', 'cases are')} too few to show any difference in good"
    yield flush(
        f"{shows} (80 % power, if two systems disagree on {rounded(USUAL_DISCORDANCE, times=2)} % of them)."
    )


def _forecast_row(name: str, left: int | None, forecast: Forecast) -> list[str]:
    return [
        name,
        "" if left is None else str(left),
        f"{forecast.calls:,}",
        money(forecast.usd, up=True),
        money(forecast.most_usd, up=True),
        minutes(forecast.minutes),
    ]


def outcome(
    name: str, experiment: Experiment, seal: Seal, comparison: Comparison, pairs: Sequence[tuple[str, str]]
) -> Iterator[Block]:
    """Yield the question, when it was declared, the comparison, and quality beside cost and time."""
    yield from declared(name, experiment, pairs)
    yield from (flush(line) for line in declarations(seal))
    yield Blank()
    if many(comparison):
        yield from pair_conclusions(comparison)
        yield Blank()
    yield from summary(comparison)
    yield Blank()
    yield from frontier(comparison, experiment.primary)


def declarations(seal: Seal) -> list[str]:
    """Return in words whether all was declared before the first answer, or what was changed afterwards."""
    first = seal.declared[0]
    begun = (
        f"Declared before the first answer ({first.at[:16]} UTC, {first.digest[:8]})."
        if not first.answers
        else f"Declared after {first.answers:,} answers ({first.at[:16]} UTC): not confirmatory."
    )
    lines = [begun]
    for before, after in pairwise(seal.declared):
        changes = _changes(before.declaration, after.declaration)
        when = f"after {after.answers:,} answers" if after.answers else "before the first answer"
        what = "Planned look" if _is_next_look(before.declaration, after.declaration) else "Changed"
        lines.append(f"{what} {when} ({after.at[:16]} UTC): {', '.join(changes)}.")
    return lines


def _is_next_look(before: Declaration, after: Declaration) -> bool:
    """Return True if only the number of the look was raised, by one, and the number of cases not lowered."""
    if before.look is None or after.look != before.look + 1:
        return False
    grows = before.limit is not None and (after.limit is None or after.limit >= before.limit)
    same = after.model_copy(update={"look": before.look, "limit": before.limit}) == before
    return same and (grows or after.limit == before.limit)


def _changes(before: Declaration, after: Declaration) -> list[str]:
    """Return what differs between two declarations, as 'margin 5 → 3'."""
    old, new = ({"look": None, **one.model_dump(mode="json")} for one in (before, after))
    words = []
    for key, value in new.items():
        if old[key] == value:
            continue
        if isinstance(value, dict) and isinstance(old[key], dict):
            words += _parts(key, old[key], value)
        elif key == "pairs":
            words.append("comparisons")
        else:
            words.append(f"{key} '{old[key]}' → '{value}'")
    return words


def _parts(key: str, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    noun = key.removesuffix("s")
    words = [f"{noun} '{name}' added" for name in new if name not in old]
    words += [f"{noun} '{name}' left out" for name in old if name not in new]
    return words + [f"{noun} '{name}' changed" for name in new if name in old and old[name] != new[name]]


def frontier(comparison: Comparison, metric: str) -> Iterator[Block]:
    """Yield the systems by cost and time a case; none that another beats in quality at no more of either.

    What is known of no system is left aside; where it is known of some, the others can be no part of it.
    """
    scored = {row.name: one for row in comparison.systems if (one := row.mean(metric)) is not None}
    if not scored:
        return
    rows = in_order(comparison.systems, metric)
    costs = {row.name: dict(zip(("dollars", "seconds"), _costs(row), strict=True)) for row in rows}
    compared = [
        what for what in ("dollars", "seconds") if any(one[what] is not None for one in costs.values())
    ]
    marks = _frontier_marks(scored, costs, compared)
    yield table(
        ["system", metric_name(metric), "$ a case", "s a case", "frontier"],
        (_row(row, metric, *costs[row.name].values(), mark=marks[row.name]) for row in rows),
        wraps=(0,),
    )
    price = f" at no more {' and '.join(compared)}" if compared else ""
    unknown = "; ?: not known" if "?" in marks.values() else ""
    yield flush(f"*: no other system is as good{price}{unknown}.")


def _frontier_marks(
    scored: Mapping[str, float], costs: Mapping[str, Mapping[str, float | None]], compared: Sequence[str]
) -> dict[str, str]:
    """Return '*' for each system that none beats, '?' where what it takes is not known."""
    ranks: dict[str, tuple[float, ...]] = {}
    for name, quality in scored.items():
        known = [value for what in compared if (value := costs[name][what]) is not None]
        if len(known) == len(compared):
            ranks[name] = (descending(quality), *(round(value, 9) for value in known))
    marks = dict.fromkeys(scored, "?")
    for name, own in ranks.items():
        beaten = any(
            other != own and all(one <= mine for one, mine in zip(other, own, strict=True))
            for other in ranks.values()
        )
        marks[name] = "" if beaten else "*"
    return marks


def _row(
    row: SystemRow, metric: str, cost: float | None, took: float | None, *, mark: str
) -> list[str | Span]:
    good = row.graded.good if row.graded else None
    shown = rate(good) if metric == "good" else cell(metric, row.metrics.get(metric))
    up = row.cost_up_usd / row.n if row.n else 0.0
    return [row.name, shown, used_and_up(money(cost), up), seconds(took), mark]


def _costs(row: SystemRow) -> tuple[float | None, float | None]:
    """Return dollars and median seconds of a case, answers of other runs included."""
    latency = row.metrics.get("latency_ms")
    paid = None
    if row.cost_usd is not None and not row.cost_unknown and not row.cost_reused_unknown and row.n:
        paid = (row.cost_usd + row.cost_reused_usd) / row.n
    return paid, latency.median if latency else None


def configs_screen(rows: Iterable[tuple[str, str, float, int]]) -> Iterator[Block]:
    """Yield the experiments that came with medbench: name, question, most dollars, systems."""
    yield table(
        ["experiment", "systems", "at most", "question"],
        ([name, str(systems), f"${cost:g}", question] for name, question, cost, systems in rows),
        left=(0, 3),
        wraps=(3,),
    )
