"""The cases of a benchmark while it is scored: strata and topics at hand, references in a file."""

from __future__ import annotations

import pickle
import tempfile
import weakref
from array import array
from io import BufferedReader, BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.steps.reading.case_facts import each_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.scoring.item import CaseFacts
    from medbench.store.benchmark import BenchmarkFolder

_CHUNK = 1_000
"""Cases that are written together: those with equal strata share them when they are read."""


class CaseTable:
    """The cases of a benchmark; their references, the most of it, are on the disk.

    Who gives outputs to other processes and sums up their scores needs no reference. The processes read all
    facts from `path`, a file of this process that goes with the table.
    """

    def __init__(self, benchmark: BenchmarkFolder) -> None:
        self._file = tempfile.NamedTemporaryFile(prefix="medbench-", suffix=".cases")  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self.path = self._file.name
        self._places: dict[str, int] = {}
        self._strata: list[dict[str, str]] = []
        self._topics = array("q")
        self.asks = False
        """True if a case asks a question with a known answer."""
        cases = each_case(benchmark)
        while chunk := list(islice(cases, _CHUNK)):
            pickle.dump(chunk, self._file)
            for case_id, facts in chunk:
                self._places[case_id] = len(self._strata)
                self._strata.append(facts.strata)
                self._topics.append(facts.topic)
                self.asks = self.asks or facts.question is not None
        self._file.flush()

    def __contains__(self, case_id: object) -> bool:
        return case_id in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def strata(self, case_id: str) -> dict[str, str]:
        """Return the strata of a case; cases with the same share one dictionary."""
        return self._strata[self._places[case_id]]

    def topic(self, case_id: str) -> int:
        """Return the number of a case's topic."""
        return self._topics[self._places[case_id]]


def facts_in(table: str | bytes) -> dict[str, CaseFacts]:
    """Read the facts about all cases, in the order of the benchmark."""
    facts: dict[str, CaseFacts] = {}
    opened = BufferedReader(BytesIO(table)) if isinstance(table, bytes) else Path(table).open("rb")  # noqa: SIM115
    with opened as file:
        while file.peek(1):
            facts.update(pickle.load(file))  # noqa: S301 - written by the process that started this one
    return facts
