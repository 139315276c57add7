"""Verdicts, listings and canaries that other runs have paid for, found by their questions."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from medbench.errors import MedbenchError
from medbench.judging.question import block
from medbench.schema.response import Response
from medbench.schema.verdict import Canary, Listing, Verdict
from medbench.steps.reading.outputs import sha256
from medbench.store.jsonl import read_at, read_records, read_with_offsets
from medbench.store.ledger import PaidElsewhere, paid_in, role_and_sample
from medbench.store.runs import AUDIT, LISTINGS_FOLDER, RESPONSES, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from medbench.prompts.rubrics import Rubric
    from medbench.schema.base import FileRecord
    from medbench.schema.reference import Reference
    from medbench.schema.response import CallFor, Request
    from medbench.store.ledger import Recorded

R = TypeVar("R", bound="FileRecord")
LISTINGS = "listings.jsonl"
"""The lists of findings that a run had made, in its folder."""


class ListingKey(NamedTuple):
    """The key of a list: all that it depends on."""

    case_id: str
    reference_sha256: str
    rubric_digest: str


def listing_key(reference: Reference, rubric: Rubric) -> ListingKey:
    """Return the key of the list of a reference by a rubric."""
    return ListingKey(reference.case_id, sha256(reference.text), rubric.digest)


def known_listings(runs: Path) -> dict[ListingKey, Listing]:
    """Return the lists on the disk, the first of each key."""
    known: dict[ListingKey, Listing] = {}
    for found in read_records(runs / LISTINGS_FOLDER / LISTINGS, Listing):
        key = ListingKey(found.case_id, found.reference_sha256, found.rubric_digest)
        known.setdefault(key, found)
    return known


def canary_key(canary: Canary) -> tuple[str, ...]:
    """Return what a canary shares with its copies in other runs, and with no other canary."""
    return (canary.probe, canary.detail, *canary.responses)


class _Place(NamedTuple):
    """The place of a line in a ledger."""

    path: Path
    offset: int


class JudgedBefore(PaidElsewhere):
    """Verdicts of judges in other runs, read when first needed; a failure is not taken over."""

    def __init__(self, root: Path, without: Collection[Path] = ()) -> None:
        left_out = {folder.resolve() for folder in without}
        self._folders = [
            path.parent
            for path in sorted(root.glob(f"*/*/{RESPONSES}"))
            if path.parent.resolve() not in left_out and not path.parent.name.startswith(".")
        ]
        self._unreadable: dict[Path, str] = {}
        self.open: list[Recorded] = []
        """Ledgers of runs that are being judged at the same time."""

    def unreadable(self) -> tuple[str, ...]:
        """Return in words which files of other runs cannot be read to their end: their rest is paid again."""
        _ = self._answers  # which reads them
        return tuple(
            f"{path} cannot be read to its end: what else it holds of a judge is paid for again. {why}"
            for path, why in self._unreadable.items()
        )

    def find(self, request: Request, call_for: CallFor, sample: int) -> Response | None:
        """Return the answer to this very question, marked with the run that paid for it."""
        for ledger in self.open:
            if (response := ledger.find(request, call_for, sample)) and response.failure is None:
                return paid_in(response, ledger.folder)
        places, _ = self._answers
        place = places.get((bytes.fromhex(request.digest), call_for.role, sample)) if places else None
        return self._read(place) if place else None

    def response(self, response_id: str) -> Response | None:
        """Return an answer by its id, marked with the run that paid for it."""
        place = self._answers[1].get(response_id)
        return self._read(place) if place else None

    def listing(self, reference: Reference, rubric: Rubric, lister: str) -> Listing | None:
        """Return the list of a reference, that of the same model before any other."""
        found = self._listings.get((sha256(reference.text), rubric.digest), [])
        return min(found, key=lambda listing: listing.lister != lister, default=None)

    def canaries(
        self, rater_digest: str, references: Mapping[str, Reference], done: Collection[Canary] = ()
    ) -> Iterator[Canary]:
        """Yield the canaries that a judge has graded, each once.

        Args:
            rater_digest: The judge.
            references: Case to reference: a canary is of use where its case still has the same one.
            done: Canaries that are there already.
        """
        seen = set(map(canary_key, done))
        for canary in self._canaries.get(rater_digest, []):
            reference, first = references.get(canary.case_id), self.response(canary.responses[0])
            if reference is None or first is None or canary_key(canary) in seen:
                continue
            if block("REFERENCE", reference.text) in (first.prompt or ""):
                seen.add(canary_key(canary))
                yield canary

    @cached_property
    def _used(self) -> frozenset[str]:
        """The ids of the responses behind grades and lists."""
        ids: set[str] = set()
        for folder in self._folders:
            for verdict in self._records(folder / VERDICTS, Verdict):
                ids.update(verdict.responses if verdict.grade else ())
        ids.update(name for some in self._canaries.values() for canary in some for name in canary.responses)
        ids.update(name for some in self._listings.values() for one in some for name in one.responses)
        return frozenset(ids)

    @cached_property
    def _answers(self) -> tuple[dict[tuple[bytes, str, int], _Place], dict[str, _Place]]:
        """The answers behind grades and lists, by question, role and sample, and by their ids."""
        by_question: dict[tuple[bytes, str, int], _Place] = {}
        by_id: dict[str, _Place] = {}
        for folder in self._folders if self._used else ():
            path = folder / RESPONSES
            with self._readable(path):
                for offset, response in read_with_offsets(path, Response):
                    if response.response_id in self._used:
                        key = (bytes.fromhex(response.request_digest), *role_and_sample(response))
                        by_question.setdefault(key, _Place(path, offset))
                        by_id.setdefault(response.response_id, _Place(path, offset))
        return by_question, by_id

    @cached_property
    def _canaries(self) -> dict[str, list[Canary]]:
        by_rater = defaultdict(list)
        for folder in self._folders:
            for canary in self._records(folder / AUDIT, Canary):
                if canary.grade is not None and canary.rater_digest is not None and canary.responses:
                    by_rater[canary.rater_digest].append(paid_in(canary, folder))
        return by_rater

    @cached_property
    def _listings(self) -> dict[tuple[str, str], list[Listing]]:
        by_text = defaultdict(list)
        for folder in self._folders:
            for listing in self._records(folder / LISTINGS, Listing):
                by_text[listing.reference_sha256, listing.rubric_digest].append(paid_in(listing, folder))
        return by_text

    def _read(self, place: _Place) -> Response:
        with place.path.open("rb") as file:
            return paid_in(read_at(file, place.offset, Response), place.path.parent)

    def _records(self, path: Path, kind: type[R]) -> Iterator[R]:
        with self._readable(path):
            yield from read_records(path, kind)

    @contextmanager
    def _readable(self, path: Path) -> Iterator[None]:
        """Pass over the rest of a file that cannot be read, and keep the reason."""
        try:
            yield
        except MedbenchError as error:
            self._unreadable[path] = error.message
