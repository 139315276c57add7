"""The verdicts of a run as columns: some thirty bytes each, so that a million of them can be held."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from medbench.schema.model import same_model
from medbench.schema.verdict import GRADES, Verdict
from medbench.steps.reading.verdict_book import RaterKey, made_of_verdict
from medbench.store.jsonl import file_state, read_records
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from medbench.store.runs import RunFolder

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

NONE: Final = -1
"""Stands for no grade, no failure, no text."""
KINDS: tuple[Literal["judge", "panel", "reviewer"], ...] = ("judge", "panel", "reviewer")
_TYPES: Final = {
    "rater": "i",
    "case": "i",
    "replicate": "i",
    "judging": "i",
    "kind": "b",
    "grade": "b",
    "key_finding": "b",
    "failure": "i",
    "parser": "i",
    "sha256": "q",
    "by_fallback": "b",
    "corrects": "b",
}
"""Column to the type of its array while it grows."""
_CODED: Final = ("rater", "case", "replicate", "judging", "failure", "parser")


class Names:
    """Texts by number, held as one: an object a text would take five times the memory."""

    def __init__(self, names: Iterable[str]) -> None:
        parts = list(names)
        self._text, self._ends = "".join(parts), np.cumsum([0, *map(len, parts)])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        return self._text[self._ends[number] : self._ends[number + 1]]

    def __iter__(self) -> Iterator[str]:
        ends = self._ends.tolist()
        return (self._text[start:end] for start, end in pairwise(ends))


@dataclass(frozen=True, slots=True)
class VerdictColumns:
    """The verdicts of one run in the order of the file, each column an array over them."""

    raters: tuple[RaterKey, ...]
    """The raters, in the order in which they first appear."""
    made_of: Mapping[RaterKey, Mapping[str, str]]
    """Parts of each, as far as its verdicts tell: model, rubric, settings."""
    fallback_models: Mapping[RaterKey, frozenset[str]]
    """The models whose grades stand among the fallback's."""
    other_models: Mapping[RaterKey, Mapping[str, int]]
    """Models that answered a judge's calls and were not asked for, with the number of their verdicts."""
    same_family: frozenset[RaterKey]
    """Judges that are of the family of the system."""
    names: Names
    """Case ids; `case` has their numbers."""
    replicates: tuple[int, ...]
    """Replicates; `replicate` has their numbers."""
    failures: tuple[str, ...]
    """Kinds of failure; `failure` has their numbers."""
    parsers: tuple[str, ...]
    """Parsers; `parser` has their numbers."""
    rater: Ints
    """The rater."""
    case: Ints
    """The case."""
    replicate: Ints
    """The repeat of the case."""
    judging: Ints
    """The repeat of the judging."""
    kind: Ints
    """Place in KINDS."""
    grade: Ints
    """Place in GRADES; NONE of a failure."""
    key_finding: Ints
    """1 where the key finding is named, 0 where not; NONE where the rater does not say."""
    failure: Ints
    """The kind of failure; NONE of a grade."""
    parser: Ints
    """The parser that found the judged text; NONE where that is unknown."""
    sha256: Ints
    """A number for the digest of the judged text; of no use where its parser is unknown."""
    by_fallback: Bools
    """True where the fallback stood in."""
    corrects: Bools
    """True where a person corrects what they gave before."""

    def __len__(self) -> int:
        return len(self.case)

    def outputs(self) -> Ints:
        """Return a number for the output of each verdict: of two on one output the same."""
        return self.case.astype(np.int64) * max(1, len(self.replicates)) + self.replicate

    def judgings(self) -> Ints:
        """Return a number for each verdict's output and repeat of the judging."""
        return self.outputs() * (int(self.judging.max(initial=0)) + 1) + self.judging

    def output_of(self, number: int) -> tuple[str, int]:
        """Return case and replicate of an output by its number."""
        case, replicate = divmod(number, max(1, len(self.replicates)))
        return self.names[case], self.replicates[replicate]

    def judges(self) -> list[RaterKey]:
        """Return the raters that are models, in the order in which they first graded."""
        numbers = np.unique(self.rater[self.kind != KINDS.index("reviewer")]).tolist()
        return [self.raters[number] for number in numbers]

    def graded_by(self, rater: RaterKey) -> Bools:
        """Return True for each verdict of a rater that is a grade."""
        graded: Bools = (self.rater == self.raters.index(rater)) & (self.grade != NONE)
        return graded

    def by_fallback_alone(self, rater: RaterKey) -> frozenset[str]:
        """Return the cases with a judging that the rater's fallback graded, and not the rater itself."""
        graded = self.graded_by(rater)
        fallback = graded & self.by_fallback
        if not fallback.any():
            return frozenset()
        judgings = self.judgings()
        alone = fallback & ~np.isin(judgings, judgings[graded & (~self.by_fallback | self.corrects)])
        return frozenset(map(self.names.__getitem__, np.unique(self.case[alone]).tolist()))

    def in_cases(self, case_ids: frozenset[str]) -> Bools:
        """Return True for each verdict on one of these cases."""
        if not case_ids:
            return np.zeros(len(self), dtype=bool)
        return np.fromiter((name in case_ids for name in self.names), bool, len(self.names))[self.case]


class _Codes(dict[Any, int]):
    """Numbers of values, in the order in which they first appear."""

    def __missing__(self, value: Any) -> int:
        self[value] = len(self)
        return self[value]


class _Builder:
    """Takes verdicts one by one."""

    def __init__(self) -> None:
        self._codes = {name: _Codes() for name in _CODED}
        self._columns = {name: array(code) for name, code in _TYPES.items()}
        self._made_of: dict[RaterKey, dict[str, str]] = {}
        self._fallback_models: dict[RaterKey, set[str]] = defaultdict(set)
        self._other_models: dict[RaterKey, Counter[str]] = defaultdict(Counter)
        self._same_family: set[RaterKey] = set()

    def add(self, verdict: Verdict) -> None:
        """Add the next verdict of the file."""
        rater, text, codes = RaterKey.of(verdict), verdict.judged_text, self._codes
        row = (
            codes["rater"][rater],
            codes["case"][verdict.case_id],
            codes["replicate"][verdict.replicate],
            codes["judging"][verdict.judge_replicate],
            KINDS.index(verdict.rater_kind),
            NONE if verdict.grade is None else GRADES.index(verdict.grade),
            NONE if verdict.key_finding is None else verdict.key_finding,
            NONE if verdict.failure is None else codes["failure"][verdict.failure.kind],
            NONE if text is None else codes["parser"][text.parser],
            0 if text is None else digest_number(text.sha256),
            verdict.by_fallback,
            verdict.corrects,
        )
        for column, value in zip(self._columns.values(), row, strict=True):
            column.append(value)
        if not verdict.by_fallback and not self._made_of.get(rater):
            self._made_of[rater] = made_of_verdict(verdict)
        if verdict.by_fallback and verdict.asked and verdict.grade is not None:
            self._fallback_models[rater].add(verdict.asked)
        if verdict.rater_kind != "reviewer":
            if verdict.asked and not same_model(verdict.asked, verdict.answered):
                self._other_models[rater][str(verdict.answered)] += 1
            if verdict.same_family:
                self._same_family.add(rater)

    def built(self) -> VerdictColumns:
        """Return the columns."""
        columns = {name: np.array(column) for name, column in self._columns.items()}
        columns |= {name: columns[name].astype(bool) for name in ("by_fallback", "corrects")}
        for name in _CODED:  # of most there are few, and two bytes will do
            if columns[name].max(initial=0) <= np.iinfo(np.int16).max:
                columns[name] = columns[name].astype(np.int16)
        return VerdictColumns(
            raters=tuple(self._codes["rater"]),
            made_of=self._made_of,
            fallback_models={rater: frozenset(models) for rater, models in self._fallback_models.items()},
            other_models=dict(self._other_models),
            same_family=frozenset(self._same_family),
            names=Names(self._codes["case"]),
            replicates=tuple(self._codes["replicate"]),
            failures=tuple(self._codes["failure"]),
            parsers=tuple(self._codes["parser"]),
            **columns,
        )


def digest_number(sha256: str) -> int:
    """Return a number of 63 bits that stands for a digest."""
    try:
        return int.from_bytes(bytes.fromhex(sha256[:16])) >> 1
    except ValueError:  # it's from outside, and no digest
        return int.from_bytes(blake2b(sha256.encode(errors="surrogatepass"), digest_size=8).digest()) >> 1


def verdict_columns(run: RunFolder) -> VerdictColumns:
    """Return the verdicts of a run. Whoever asks again, while nothing was added, is given the same.

    Raises:
        RecordError: A line is not a verdict.
    """
    path = run.path / VERDICTS
    return _read(path, file_state(path))


@lru_cache(maxsize=128)
def _read(path: Path, _state: tuple[int, ...]) -> VerdictColumns:
    builder = _Builder()
    for verdict in read_records(path, Verdict):
        builder.add(verdict)
    return builder.built()
