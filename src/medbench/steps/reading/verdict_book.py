"""Verdicts and outputs of a run as judging and comparing need them: what stands, what is missing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from medbench.schema.verdict import Verdict
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from medbench.schema.verdict import Grade, Order
    from medbench.store.runs import RunFolder


class RaterKey(NamedTuple):
    """What makes a rater; two of the same name may differ in their digests."""

    name: str
    digest: str | None


class VerdictKey(NamedTuple):
    """What a verdict is about."""

    case_id: str
    replicate: int
    judge_replicate: int


class StoredVerdict(NamedTuple):
    """What of a verdict is held in memory."""

    grade: Grade
    key_finding: bool | None
    sha256: str | None
    order: Order | None
    same_family: bool


class Failed(NamedTuple):
    """What of a failure is held in memory."""

    kind: str
    final: bool


class VerdictBook:
    """The verdicts of one rater on one run, its own and its fallback's apart: the first success stands."""

    def __init__(self) -> None:
        self.own: dict[VerdictKey, StoredVerdict] = {}
        self.fallback: dict[VerdictKey, StoredVerdict] = {}
        self.failed: dict[VerdictKey, Failed] = {}
        self.fallback_failed: dict[VerdictKey, Failed] = {}
        self._newer: dict[VerdictKey, StoredVerdict] = {}
        self._newer_fallback: dict[VerdictKey, StoredVerdict] = {}

    def add(self, verdict: Verdict) -> None:
        """Take note of a verdict."""
        place = VerdictKey(verdict.case_id, verdict.replicate, verdict.judge_replicate)
        if verdict.grade is None:
            assert verdict.failure is not None
            failed = self.fallback_failed if verdict.by_fallback else self.failed
            failed[place] = Failed(verdict.failure.kind, verdict.failure.final)
            return
        said = StoredVerdict(
            verdict.grade,
            verdict.key_finding,
            verdict.judged_text.sha256 if verdict.judged_text else None,
            verdict.order,
            verdict.same_family,
        )
        first = self.fallback if verdict.by_fallback else self.own
        newer = self._newer_fallback if verdict.by_fallback else self._newer
        if place not in first:
            first[place] = said
        elif said.sha256 != first[place].sha256:
            newer.setdefault(place, said)

    def said(
        self, place: VerdictKey, *, by_fallback: bool, sha256: str | None = None
    ) -> StoredVerdict | None:
        """The verdict that stands; of a text that was parsed anew, the first of the text as it is now."""
        first, newer = (self.fallback, self._newer_fallback) if by_fallback else (self.own, self._newer)
        found = first.get(place)
        if found is not None and sha256 is not None and found.sha256 != sha256 and place in newer:
            return newer[place]
        return found

    def has(self, key: VerdictKey, sha256: str | None = None) -> bool:
        """True if the rater's own verdict stands, of the text of that digest where one is given."""
        verdict = self.said(key, by_fallback=False, sha256=sha256)
        return verdict is not None and sha256 in {None, verdict.sha256}

    def may_come(self, key: VerdictKey) -> bool:
        """True unless the rater has failed for good, after it was asked twice."""
        failed = self.failed.get(key)
        return failed is None or not failed.final


def fallback_cases(books: Iterable[VerdictBook]) -> frozenset[str]:
    """Cases that the fallback grades for all systems, because the judge could not for one of them."""
    return frozenset(place.case_id for book in books for place in book.fallback if place not in book.own)


def fallback_cases_by_rater(runs: Iterable[RunFolder]) -> dict[RaterKey, frozenset[str]]:
    """Rater to the cases that its fallback grades for all of these runs; see `counts`."""
    books: dict[RaterKey, list[VerdictBook]] = defaultdict(list)
    for run in runs:
        for key, book in books_of(run).items():
            books[key].append(book)
    return {key: fallback_cases(found) for key, found in books.items()}


def counts(verdict: Verdict, moved: Mapping[RaterKey, frozenset[str]]) -> bool:
    """Whether a verdict is by the one that grades this case for all systems: no pair has two judges."""
    cases = moved.get(RaterKey(verdict.rater, verdict.rater_digest), frozenset())
    return verdict.by_fallback == (verdict.case_id in cases)


def books_of(run: RunFolder) -> dict[RaterKey, VerdictBook]:
    """The verdicts of a run, by rater, in the order in which the raters first appear."""
    found: dict[RaterKey, VerdictBook] = defaultdict(VerdictBook)
    for verdict in read_records(run.path / VERDICTS, Verdict):
        found[RaterKey(verdict.rater, verdict.rater_digest)].add(verdict)
    return dict(found)
