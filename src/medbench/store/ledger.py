"""responses.jsonl: every answer and failed call, looked up before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from medbench.schema.response import Request, Response
from medbench.store.jsonl import Journal, read_with_offsets
from medbench.store.runs import RESPONSES

if TYPE_CHECKING:
    from pathlib import Path

_Key = tuple[bytes, str, int]


class Ledger:
    """The paid-for answers of one run. Only positions are held in memory, not answers."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / RESPONSES
        self._journal = Journal(self._path)
        self._settled: dict[_Key, int] = {}
        for offset, response in read_with_offsets(self._path, Response):
            self._remember(response, offset)

    @property
    def cut(self) -> bool:
        """Whether a torn last line was cut when it was opened."""
        return self._journal.cut

    def find(self, request: Request, case_id: str, sample: int) -> Response | None:
        """The answer or final failure of this request for this case, if there is one."""
        offset = self._settled.get((bytes.fromhex(request.digest), case_id, sample))
        if offset is None:
            return None
        with self._path.open("rb") as file:
            file.seek(offset)
            return Response.from_line(file.readline(), f"{self._path}, byte {offset},")

    async def add(self, response: Response) -> None:
        """Put a response on the disk; it counts when this returns.

        Raises:
            StoreError: It could not be written.
        """
        self._remember(response, await self._journal.commit(response))

    def _remember(self, response: Response, offset: int) -> None:
        key = (bytes.fromhex(response.request_digest), response.call_for.case_id, response.sample)
        settled = response.failure is None or response.failure.final
        if settled and key not in self._settled:
            self._settled[key] = offset

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()
