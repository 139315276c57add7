"""The account of the ledgers on the disk: of one run, and of all under a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.schema.account import Account, Sum
from medbench.schema.response import Response
from medbench.schema.run import Event, Run
from medbench.store.jsonl import read_one, read_records
from medbench.store.runs import EVENTS, HEAD, RESPONSES

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.schema.endpoint import EndpointUse
    from medbench.schema.score import Summary
    from medbench.store.runs import RunFolder


def account_of(run: RunFolder) -> Account:
    """Return the account of one run; of imported answers what they cost where they were made."""
    account = Account()
    for response in read_records(run.path / RESPONSES, Response):
        account.add(response)
    _add_hours(account, run.path)
    return account


def endpoint_uses(run: Path) -> list[EndpointUse]:
    """Return the endpoints that were put up for a run, each as it was written last."""
    events = read_records(run / EVENTS, Event)
    return list({event.endpoint.name: event.endpoint for event in events if event.endpoint}.values())


def up_usd(run: Path) -> float:
    """Return the dollars of the hours that endpoints were up for a run, used or not."""
    return sum(use.usd for use in endpoint_uses(run))


def _add_hours(account: Account, run: Path, name: str = "") -> None:
    for use in endpoint_uses(run):
        account.add_up(use.model_id, name, use.until[:10], use.usd)


def spent_on_answers(run: RunFolder, summary: Summary) -> Sum:
    """Return the money of a run's answers as its summary has it; an old one mixed in what was reused."""
    if summary.cost_reused_usd is None:
        return account_of(run).total("answers")
    return Sum(
        usd=summary.cost_usd or 0.0,
        unknown=summary.cost_unknown,
        reused_usd=summary.cost_reused_usd,
        reused_unknown=summary.cost_reused_unknown,
        up_usd=up_usd(run.path),
    )


def account_under(root: Path, name: str | None = None) -> Account:
    """Return the account of the ledgers in a folder of runs: those of runs, of listings and of `doctor`.

    Args:
        root: The folder.
        name: 'BENCHMARK', 'SYSTEM' or 'BENCHMARK/SYSTEM'; None for all.

    Raises:
        UsageError: There is no ledger of that name.
    """
    account = Account()
    ledgers = {
        path.parent.relative_to(root).as_posix(): path
        for path in sorted([*root.glob(f"*/{RESPONSES}"), *root.glob(f"*/*/{RESPONSES}")])
    }
    if name is not None:
        ledgers = {run: path for run, path in ledgers.items() if f"/{name.rstrip('/')}/" in f"/{run}/"}
        if not ledgers:
            raise UsageError(f"no call of '{name}' is recorded in '{root}'.", "medbench show --spent   (all)")
    for run, path in ledgers.items():
        head = path.with_name(HEAD)
        imported = head.is_file() and bool(read_one(head, Run).imported_from)
        for response in read_records(path, Response):
            account.add(response, run, imported=imported)
        _add_hours(account, path.parent, run)
    return account
