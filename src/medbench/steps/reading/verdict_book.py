"""The verdicts of a run by rater: which one stands, which is missing, which cases the fallback grades."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from medbench.schema.verdict import Verdict
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.schema.response import Failure
    from medbench.schema.verdict import Canary, Grade, Order
    from medbench.store.runs import RunFolder


class RaterKey(NamedTuple):
    """A rater; two of the same name may differ in their digests."""

    name: str
    digest: str | None

    @classmethod
    def of(cls, record: Verdict | Canary) -> RaterKey:
        """Return the rater that gave a verdict, or a judge's grade of a canary."""
        return cls(record.rater, record.rater_digest)


class VerdictKey(NamedTuple):
    """The output that a verdict is about, and the repeat of the judging."""

    case_id: str
    replicate: int
    judge_replicate: int


class StoredVerdict(NamedTuple):
    """The part of a verdict that is held in memory."""

    grade: Grade
    key_finding: bool | None
    sha256: str | None
    """Digest of the text that was judged; None where unknown."""
    order: Order | None
    same_family: bool


class StoredFailure(NamedTuple):
    """The part of a failure that is held in memory."""

    kind: str
    final: bool


class VerdictBook:
    """The verdicts of one rater on one run. Those of its fallback stand apart; the first success stands.

    A person's correction takes the place of what it corrects.
    """

    def __init__(self) -> None:
        self.own: dict[VerdictKey, StoredVerdict] = {}
        self.fallback: dict[VerdictKey, StoredVerdict] = {}
        self.failed: dict[VerdictKey, StoredFailure] = {}
        """The last failure of the rater itself, also where it succeeded later."""
        self.last_failure: Failure | None = None
        """The last of them, whole."""
        self.fallback_failed: dict[VerdictKey, StoredFailure] = {}
        # Of a text that the parser reads otherwise by now there may be a second verdict.
        self._newer: dict[tuple[bool, VerdictKey], StoredVerdict] = {}

    def add(self, verdict: Verdict) -> None:
        """Take note of a verdict or a failure."""
        key = VerdictKey(verdict.case_id, verdict.replicate, verdict.judge_replicate)
        if verdict.grade is None:
            assert verdict.failure is not None
            failed = self.fallback_failed if verdict.by_fallback else self.failed
            failed[key] = StoredFailure(verdict.failure.kind, verdict.failure.final)
            if not verdict.by_fallback:
                self.last_failure = verdict.failure
            return
        stored = StoredVerdict(
            verdict.grade,
            verdict.key_finding,
            verdict.judged_text.sha256 if verdict.judged_text else None,
            verdict.order,
            verdict.same_family,
        )
        if verdict.corrects:
            self.own[key] = stored
        first = (self.fallback if verdict.by_fallback else self.own).setdefault(key, stored)
        if stored.sha256 != first.sha256:
            self._newer.setdefault((verdict.by_fallback, key), stored)

    def verdict(
        self, key: VerdictKey, *, by_fallback: bool, sha256: str | None = None
    ) -> StoredVerdict | None:
        """Return the verdict that stands; None where there is none.

        Args:
            key: The output, and the repeat of the judging.
            by_fallback: True for the fallback's.
            sha256: Digest of the text as it is parsed now: a newer verdict stands before the first one where
                that is of another text.
        """
        first = (self.fallback if by_fallback else self.own).get(key)
        if first is None or sha256 in {None, first.sha256}:
            return first
        return self._newer.get((by_fallback, key), first)

    def has(self, key: VerdictKey, sha256: str | None = None) -> bool:
        """Return True if the rater's own verdict stands, of the text of that digest where one is given."""
        verdict = self.verdict(key, by_fallback=False, sha256=sha256)
        return verdict is not None and sha256 in {None, verdict.sha256}

    def may_come(self, key: VerdictKey) -> bool:
        """Return True unless the rater has failed for good, after it was asked twice."""
        failure = self.failed.get(key)
        return failure is None or not failure.final


def fallback_cases(books: Iterable[VerdictBook]) -> frozenset[str]:
    """Return the cases that the fallback grades for all systems, because the judge could not for one."""
    return frozenset(key.case_id for book in books for key in book.fallback if key not in book.own)


def made_of_verdict(verdict: Verdict) -> dict[str, str]:
    """Return what the rater of a verdict is made of, as far as that tells; empty where it does not."""
    known = {"model": verdict.asked, "rubric": verdict.rubric_digest and verdict.rubric_digest[:8]}
    parts = known | (verdict.settings or {})
    return {part: f"{value}" for part, value in parts.items() if value is not None}


def books_of(run: RunFolder) -> dict[RaterKey, VerdictBook]:
    """Read the verdicts of a run, by rater, in the order in which the raters first appear."""
    books: dict[RaterKey, VerdictBook] = defaultdict(VerdictBook)
    for verdict in read_records(run.path / VERDICTS, Verdict):
        books[RaterKey.of(verdict)].add(verdict)
    return dict(books)
