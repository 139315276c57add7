"""Answers that another run of the same system has paid for already, such as one on a smaller draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.store.ledger import ReusableAnswers
from medbench.store.runs import runs_in

if TYPE_CHECKING:
    from medbench.schema.run import System
    from medbench.steps.run.session import Session


def paid_elsewhere(session: Session, system: System) -> ReusableAnswers | None:
    """The answers of the same system on other benchmarks; None where there is no such run."""
    digest, here = system.digest, session.benchmark.head.digest
    others = [
        run
        for run in runs_in(session.root)
        if run.head.system_digest == digest
        and run.head.benchmark.digest != here
        and not run.head.imported_from
    ]
    if not others:
        return None
    return ReusableAnswers(others, {case.case_id: case.digest for case in session.benchmark.cases()})
