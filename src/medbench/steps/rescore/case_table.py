"""The cases of a benchmark while it is scored: strata and topics at hand, references in a file."""

from __future__ import annotations

import os
import pickle
import tempfile
import weakref
from array import array
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from medbench.scoring.item import MOST_REMEMBERED, CaseFacts, PackedReference
from medbench.scoring.rouge import Signs
from medbench.steps.reading.case_facts import each_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from medbench.scoring.controls import Cases
    from medbench.store.benchmark import BenchmarkFolder


class _Kind(NamedTuple):
    """Facts that many cases share."""

    strata: dict[str, str]
    modalities: frozenset[str]
    planes: frozenset[str]


class CaseIndex(NamedTuple):
    """The facts about all cases that take little room, and where the others are in a file."""

    kinds: list[_Kind]
    """Facts that cases share, each once."""
    kind: array[int]
    """Case to the place of its kind."""
    topics: array[int]
    """Case to the number of its topic."""
    places: array[int]
    """Where the other facts about each case begin in the file, and where those of the last one end."""
    stems: dict[str, str]
    """Stems of words to the signs that stand for them in packed references."""


class CaseFile:
    """The facts about all cases, in the order of the benchmark; a reference is read when it is asked for."""

    def __init__(self, file: IO[bytes], index: CaseIndex) -> None:
        """Take a file that is open for reading, and is closed with this; and where the cases are in it."""
        weakref.finalize(self, file.close)
        self._file, self._index = file, index
        self._signs = Signs(index.stems)

    def __iter__(self) -> Iterator[CaseFacts]:
        return map(self.__getitem__, range(len(self._index.topics)))

    def __getitem__(self, place: int) -> CaseFacts:
        index = self._index
        kind = index.kinds[index.kind[place]]
        start, end = index.places[place : place + 2]
        record = os.pread(self._file.fileno(), end - start, start)
        case_id, reference, question, *packed = pickle.loads(record)  # noqa: S301 - our own file
        return CaseFacts(
            case_id=case_id,
            reference=reference,
            strata=kind.strata,
            modalities=kind.modalities,
            planes=kind.planes,
            topic=index.topics[place],
            question=question,
            packed=PackedReference(packed[0], packed[1], self._signs) if packed else None,
        )


class CaseTable:
    """The cases of a benchmark by name; their references, the most of it, are on the disk.

    Who gives outputs to other processes and sums up their scores needs no reference. The processes read the
    facts from `path`, a file of this process that goes with the table.
    """

    def __init__(self, benchmark: BenchmarkFolder) -> None:
        self._places: dict[str, int] = {}
        self.index = CaseIndex([], array("i"), array("q"), array("q"), {})
        self.asks = False
        """True if a case asks a question with a known answer."""
        self.has_packed = False
        """True if the file has all references packed as well."""
        self._write(self._noted(each_case(benchmark)))

    def _noted(self, cases: Iterable[CaseFacts]) -> Iterator[CaseFacts]:
        """Take note of all but the references of cases as they pass by."""
        kinds: dict[object, int] = {}
        for facts in cases:
            self._places[facts.case_id] = len(self._places)
            self.index.topics.append(facts.topic)
            kind = _Kind(facts.strata, facts.modalities, facts.planes)
            number = kinds.setdefault((*facts.strata.items(), *kind[1:]), len(kinds))
            if number == len(self.index.kinds):
                self.index.kinds.append(kind)
            self.index.kind.append(number)
            self.asks = self.asks or facts.question is not None
            yield facts

    def _write(self, cases: Iterable[CaseFacts]) -> None:
        """Write a file with all cases, which takes the place of the one before."""
        file = tempfile.NamedTemporaryFile(prefix="medbench-", suffix=".cases")  # noqa: SIM115
        close = weakref.finalize(self, file.close)
        places = array("q", [0])
        for facts in cases:
            packed = facts.packed[:2] if facts.packed else ()
            file.write(pickle.dumps((facts.case_id, facts.reference, facts.question, *packed)))
            places.append(file.tell())
        file.flush()
        self.path, self._close = file.name, close
        self.index = self.index._replace(places=places)

    def __contains__(self, case_id: object) -> bool:
        return case_id in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def place(self, case_id: str) -> int:
        """Return the place of a case among all."""
        return self._places[case_id]

    def strata(self, case_id: str) -> dict[str, str]:
        """Return the strata of a case; cases with the same share one dictionary."""
        return self.index.kinds[self.index.kind[self._places[case_id]]].strata

    def topic(self, case_id: str) -> int:
        """Return the number of a case's topic."""
        return self.index.topics[self._places[case_id]]

    def references(self) -> Iterator[str]:
        """Read the references of all cases."""
        return (facts.reference for facts in self._facts())

    def add_findings(self, findings: Iterable[bytes]) -> None:
        """Pack all references, given their findings: who opens the file from then on has them packed."""
        close_before = self._close
        signs = Signs()
        both = zip(self._facts(), findings, strict=True)
        self._write(_with_packed(facts, found, signs) for facts, found in both)
        self.index = self.index._replace(stems=signs.stems)
        self.has_packed = True
        close_before()

    def _facts(self) -> Iterator[CaseFacts]:
        with Path(self.path).open("rb") as file:
            yield from CaseFile(file, self.index)


def _with_packed(facts: CaseFacts, found: bytes, signs: Signs) -> CaseFacts:
    # Of a reference without either, scorers read the text.
    if not found or signs.is_full:
        return facts
    return facts._replace(packed=PackedReference(found, signs.of(facts.reference), signs))


def packed_findings(reference: str) -> bytes:
    """Return what is found in a reference, packed; nothing where the code fails on it."""
    from medbench.scoring.findings import pack

    try:
        return pack(reference)
    except Exception:  # noqa: BLE001 - it fails again, and names the case, where an output is held against it
        return b""


def facts_in(table: str | bytes, index: CaseIndex) -> Cases:
    """Return the facts about all cases.

    They are held in memory where what scorers take from them is, and read one by one of more cases.

    Args:
        table: Path of a table's file, or what is in it.
        index: The table's index.
    """
    if isinstance(table, bytes):
        file: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - it ends with its reader
        file.write(table)
    else:
        file = Path(table).open("rb", buffering=0)  # noqa: SIM115 - it ends with its reader
    cases = CaseFile(file, index)
    return [*cases] if len(index.topics) <= MOST_REMEMBERED else cases
