"""All runs as a leaderboard, and the state of a run in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from medbench.paths import told_apart
from medbench.registry import unknown
from medbench.report.blocks import Blank, Heading, Paragraph, flush, table
from medbench.report.numbers import (
    BRACKETS,
    UNKNOWN,
    about_chance,
    cell,
    column_name,
    cost,
    counts,
    rate,
    used_and_up,
)
from medbench.schema.score import descending
from medbench.scoring.controls import above

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from medbench.report.blocks import Block, Table
    from medbench.schema.results.view import RunState

_PRIMARY: Final = above("finding.f1")


def leaderboard(states: Sequence[RunState], sort: str = "primary") -> Iterator[Block]:
    """Yield the runs of each benchmark, a line each, then what the models were asked.

    Args:
        states: The runs.
        sort: 'primary' (good by a judge, else finding F1 above chance), 'name', 'date', 'cost' or 'n'.

    Raises:
        UsageError: Runs cannot be sorted by that.
    """
    if sort not in _KEYS:
        raise unknown("order of runs", sort, _KEYS, option="--sort ")
    benchmarks = dict.fromkeys((state.head.benchmark.name, state.head.benchmark.digest) for state in states)
    for number, (name, digest) in enumerate(benchmarks):
        if number:
            yield Blank()
        inside = [state for state in states if state.head.benchmark.digest == digest]
        yield Heading(f"{name} ({digest[:8]})", level=1)
        yield from _benchmark(sorted(inside, key=_KEYS[sort]))
    if any(state.good or state.above_chance for state in states):
        yield Paragraph(BRACKETS)
    models = [state for state in states if state.head.system.stages]
    if models:
        yield Heading("What was asked")
        yield _what_was_asked(models, of_several=len(benchmarks) > 1)


def _what_was_asked(states: Sequence[RunState], *, of_several: bool) -> Table:
    columns = ["system", *["benchmark"] * of_several, "model", "prompt", "begun"]
    return table(
        columns,
        (
            [name, *[benchmark] * of_several, *_asked(state), state.head.created[:10]]
            for name, benchmark, state in zip(_names(states), _benchmarks(states), states, strict=True)
        ),
        left=range(len(columns)),
        wraps=range(len(columns) - 1),
    )


def _benchmarks(states: Sequence[RunState]) -> list[str]:
    """Return the name of each run's benchmark, with its digest where two have one name."""
    links = [state.head.benchmark for state in states]
    digests: dict[str, set[str]] = {}
    for link in links:
        digests.setdefault(link.name, set()).add(link.digest)
    return [
        f"{link.name} ({link.digest[:8]})" if len(digests[link.name]) > 1 else link.name for link in links
    ]


def _benchmark(states: Sequence[RunState]) -> Iterator[Block]:
    judged = [state for state in states if state.good]
    primary = "good %" if judged else column_name(_PRIMARY)
    judging = any(state.judging.calls for state in states)
    yield table(
        ["system", "n", primary, "cost", *["judging"] * judging, "state"],
        (
            [
                name,
                f"{state.texts}/{known(state.wanted)}",
                rate(state.good) if judged else cell(_PRIMARY, state.above_chance),
                cost_of(state),
                *[judging_of(state)] * judging,
                state_in_words(state),
            ]
            for name, state in zip(_names(states), states, strict=True)
        ),
        left=(0, len(["system", "n", primary, "cost"]) + judging),
        wraps=(0, 3, 4 + judging),
    )
    judges = dict.fromkeys(state.judge for state in judged)
    if judges:
        yield flush(f"good %: graded by {', '.join(judges)}; the others by none.")
    elif any(state.above_chance for state in states):
        yield flush(f"Finding F1 {_lower(about_chance(states[0].signatures))}")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _best(state: RunState) -> tuple[bool, float]:
    means = (estimate.mean for estimate in (state.good, state.above_chance) if estimate is not None)
    return not state.good, descending(next((mean for mean in means if mean is not None), None))


_KEYS: Final[dict[str, Callable[[RunState], tuple[bool | float | str, ...]]]] = {
    "primary": lambda state: (*_best(state), _name(state)),
    "name": lambda state: (_name(state),),
    "date": lambda state: (state.head.created, _name(state)),
    "cost": lambda state: (descending(max(state.spent.known or 0.0, state.spent.up_usd)), _name(state)),
    "n": lambda state: (-state.texts, _name(state)),
}
SORTS: Final = tuple(_KEYS)
"""The orders of the leaderboard."""


def _names(states: Sequence[RunState]) -> list[str]:
    """Return the names of the runs of a table, none of which stands for two of benchmarks of one name."""
    names: dict[str, str] = {}
    for benchmark in {state.head.benchmark.name for state in states}:
        paths = [Path(state.path) for state in states if state.head.benchmark.name == benchmark]
        names |= zip(map(str, paths), told_apart(paths), strict=True)
    return [names[str(Path(state.path))] for state in states]


def _name(state: RunState) -> str:
    return Path(state.path).name


def _asked(state: RunState) -> tuple[str, str]:
    stages = state.head.system.stages
    prompts = dict.fromkeys(stage.prompt.name for stage in stages if stage.prompt)
    models = dict.fromkeys(stage.model.id.rpartition("/")[2] for stage in stages)
    return ", ".join(models), ", ".join(prompts) or UNKNOWN


def known(number: int | None) -> str:
    """Return a number, or a question mark where it is not known."""
    return "?" if number is None else str(number)


def cost_of(state: RunState) -> str:
    """Return the money of a run's answers; what is reused stands apart."""
    spent = state.spent
    reused = f" + {cost(spent.reused_usd, spent.reused_unknown)} reused" if spent.reused else ""
    return used_and_up(cost(spent.known, spent.unknown), spent.up_usd) + reused


def judging_of(state: RunState) -> str:
    """Return the money of its judging; a dash where no judge was asked."""
    spent = state.judging
    return cost(spent.known, spent.unknown) if spent.calls else UNKNOWN


def state_in_words(state: RunState) -> str:
    """Say what the same line could still do, and how many cases have failed."""
    failed = counts({**state.final_failures, **state.open_failures})
    others = f"; {state.by_others} by another model" * bool(state.by_others)
    return _state(state) + (f"; failed: {failed}" if failed != UNKNOWN else "") + others


def _state(state: RunState) -> str:
    if state.wanted is None:
        return state.problem or "unknown"
    if not state.wanted:
        return "not begun"
    if state.head.imported_from:
        absent = state.wanted - state.texts - sum(state.final_failures.values())
        return f"imported, {absent} missing" if absent else "imported"
    return f"{state.left} to go" if state.left else "complete"
