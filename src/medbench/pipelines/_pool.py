"""Pool cases by how like a case they are: by picture, by history, or by both."""

from __future__ import annotations

import re
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from medbench.images.fingerprint import NEAR_IDENTICAL, similarities
from medbench.images.load import read_image

if TYPE_CHECKING:
    from medbench.images.recorded import Pictures
    from medbench.pipelines import Tools
    from medbench.schema.case import Case, Example

By = Literal["picture", "history", "both", "region"]
"""Measure of likeness of pool cases; 'region' takes the first ones of the region, the same for all."""
AT_A_TIME = 4
"""Cases whose images are held in memory at the same time: one may have 64 million pixels."""
_WORD = re.compile(r"[a-z]{4,}")


class Neighbour(NamedTuple):
    """A pool case and how like it is."""

    example: Example
    likeness: float
    """From -1 to 1; 1 is the same."""
    picture: float
    """The same of the most alike images alone; -1 where they were not compared."""

    @property
    def is_the_same_picture(self) -> bool:
        """True if one of its images is almost one of the case's: its text would be the answer."""
        return self.picture > NEAR_IDENTICAL


class PoolIndex:
    """The pool of a benchmark, read when it is first needed; safe to ask from several threads."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._reading = Lock()

    def nearest(self, case: Case, count: int, by: By) -> list[Neighbour]:
        """Return the pool cases that are most like a case, the most alike first.

        Of those that are equally alike, the first of the pool comes first, on every machine.
        """
        if not self._tools.pool:
            return []
        if by == "region":
            examples = [one for one in self._tools.pool if one.case.region == case.region]
            return [Neighbour(one, 0.0, -1.0) for one in examples[:count]]
        pictures = self._by_picture(case)
        words = _words(case)
        found = [
            Neighbour(example, _likeness(by, picture, _overlap(words, _words(example.case))), picture)
            for example, picture in zip(self._tools.pool, pictures, strict=True)
        ]
        return sorted(found, key=lambda one: -one.likeness)[:count]

    def _by_picture(self, case: Case) -> list[float]:
        """Return, for each pool case, the largest likeness of one of its images to one of the case."""
        with self._reading:  # the first thread reads the pool, the others wait for it
            owners, rows = self._rows
        best = [-1.0] * len(self._tools.pool)
        for one in fingerprints(case, self._tools.pictures):
            for owner, alike in zip(owners, similarities(one, rows).tolist(), strict=True):
                best[owner] = max(best[owner], alike)
        return best

    @cached_property
    def _rows(self) -> tuple[list[int], Any]:
        import numpy as np

        owners: list[int] = []
        rows = []
        for number, example in enumerate(self._tools.pool):
            for row in fingerprints(example.case, self._tools.pool_pictures):
                owners.append(number)
                rows.append(row)
        return owners, np.stack(rows)


def fingerprints(case: Case, pictures: Pictures) -> list[Any]:
    """Return the small grey thumbnail of each image of a case."""
    return [read_image(pictures.read(image), image.file).fingerprint for image in case.images]


def _words(case: Case) -> frozenset[str]:
    return frozenset(_WORD.findall((case.history or "").lower()))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of words that two histories have in common (Jaccard)."""
    return len(one & other) / len(one | other) if one and other else 0.0


def _likeness(by: By, picture: float, history: float) -> float:
    return {"picture": picture, "history": history}.get(by, (picture + history) / 2)
