"""The screen of `doctor`: checks as tables, what can run, and what asking costs."""

from __future__ import annotations

from screens import printed

from medbench.report.doctor import environment_table, models_table, price, verdict
from medbench.schema.results.doctor import Check, Expense, ModelReport


def _report(name: str, *states: tuple[str, str]) -> ModelReport:
    checks = tuple(Check(check, state, "") for check, state in states)  # type: ignore[arg-type] # states by name
    return ModelReport(name, checks)


def test_the_last_line_says_what_can_run() -> None:
    """One, both, all, or a line for each that cannot, with what is in its way."""
    good, note = _report("a", ("sees", "ok")), _report("b", ("order", "note"))
    assert verdict([good]) == "a can run."
    assert verdict([good, note]) == "Both can run."
    assert verdict([good, note, good]) == "All 3 can run."
    blind = _report("c", ("key", "ok"), ("sees", "no"))
    cold = _report("d", ("endpoint", "wait"))
    assert verdict([good, blind, cold, _report("e", ("key", "no"))]).splitlines() == [
        "Can run: a.",
        "c answers, but is not shown to see as it is set up.",
        "d cannot run yet: endpoint.",
        "e cannot run: key.",
    ]


def test_the_price_is_a_bound_or_unknown() -> None:
    """Never a guess: at most so much, unknown, or by the hour; nothing that costs looks free."""
    assert price(Expense(0, 0.0, (), ())) == "No call can be made."
    assert price(Expense(1, 0.0, (), ())) == "1 call on drawn images, free."
    assert price(Expense(18, 0.001, (), ())) == "18 calls on drawn images, at most $0.001."
    assert price(Expense(36, 0.29, ("x",), (("y", 1.15),))) == (
        "36 calls on drawn images, at most $0.29; price unknown: x; "
        "y $1.15 an hour that it is up, asked or not."
    )


def test_what_to_do_stands_below_what_was_seen() -> None:
    """In the same cell; nothing where there is nothing to do."""
    checks = [Check("key", "no", "no key is set", "export KEY=…"), Check("runs", "ok", "3 runs")]
    lines = [" ".join(line.split()) for line in printed(environment_table(checks)).splitlines()]
    assert lines == ["check state found", "key no no key is set", "Try: export KEY=…", "runs ok 3 runs"]


def test_the_name_of_a_model_stands_at_its_first_check() -> None:
    """The checks of one model below each other, then those of the next."""
    reports = [_report("a", ("key", "ok"), ("sees", "no")), _report("b", ("key", "ok"))]
    lines = [" ".join(line.split()) for line in printed(models_table(reports)).splitlines()]
    assert lines == ["model check state found", "a key ok", "sees no", "b key ok"]
