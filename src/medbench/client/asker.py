"""Sources of answers for pipelines and judging: a model, by itself or in batches, or the records of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from medbench.schema.account import Account
    from medbench.schema.response import CallFor, Request, Response


class Answering(Protocol):
    """Answers requests: the client of a model, or the records of a run."""

    async def ask(self, request: Request, call_for: CallFor, sample: int) -> Response:
        """Return the response to a request: the recorded one, or a new one that is on the disk by now.

        Raises:
            ProviderDownError: The provider was given up; this request stays not run.
            PendingError: The answer is still to come; this request stays not run.
            StoreError: The response could not be written; nothing is used that is not on the disk.
        """


class Asker(Answering, Protocol):
    """Asks one model for one run."""

    spent: Account
    """The calls made so far."""

    async def close(self) -> None:
        """Close what the provider holds open."""
