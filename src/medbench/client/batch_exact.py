"""Compare the tokens that a service billed with those that it counted beforehand, to the token.

Images, and what all requests have in common, are billed beside the text that was counted. How much that is,
is taken from the batch itself: most of its answers stand in their places. Where most do not agree to the
token, the service counts in another way than it bills, and nothing is concluded.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from medbench.client.batch_answer import Came
    from medbench.schema.batch import BatchItem

FEWEST: Final = 12
"""Answers with counted tokens, below which nothing is concluded."""
_AGREEING: Final = 0.9
"""Share of answers that must have been billed as they were counted."""
_KNOWN: Final = 3
"""Requests of one kind that agree, from which on it is known what is billed beside their texts."""

Kind: TypeAlias = tuple[str, int | tuple[str, ...]]
"""Class of like requests: the stage, and the number or the sizes of their images."""


class Row(NamedTuple):
    """A request that was counted."""

    item: BatchItem
    used: int | None
    """Tokens that were billed for it; None where no answer came."""
    expected: int
    """Tokens that should be."""

    @property
    def away(self) -> int:
        """Tokens between the two."""
        return 0 if self.used is None else abs(self.used - self.expected)


def exchanged(items: Sequence[BatchItem], came: Mapping[str, Came]) -> list[BatchItem]:
    """Return the requests whose answers have the tokens of one another; none where nothing speaks for that.

    Args:
        items: What was sent.
        came: Key to its answer, of those that came.
    """
    for rows in _comparisons(items, came):
        odd = [row for row in rows if row.away]
        takes, gives = {row.expected for row in odd}, {row.used for row in odd}
        fitting = [row for row in odd if row.used in takes and row.expected in gives]
        # What fits no request shows by how much the service's two counts differ; less than that is no sign.
        usual = max((row.away for row in odd if row not in fitting), default=0)
        found = [row.item for row in fitting if row.away > usual]
        if len(found) > 1:
            return found
    return []


def told_apart(items: Sequence[BatchItem], came: Mapping[str, Came]) -> int:
    """Return how many answers have tokens that only their own request has."""
    counted = [item for item in items if item.is_counted]
    sure: set[str] = set()
    for rows in _comparisons(items, came):
        if len(rows) == len(counted):
            requests = {row.item.request_digest: row.expected for row in rows}
            times = Counter(requests.values())
            sure |= {row.item.key for row in rows if row.used == row.expected and times[row.expected] == 1}
    return len(sure)


def _comparisons(items: Sequence[BatchItem], came: Mapping[str, Came]) -> Iterator[list[Row]]:
    """Yield what was billed beside what was expected, by each way of counting in which most agree."""
    counted = [item for item in items if item.is_counted]
    texts = {key: answer.text_tokens for key, answer in came.items()}
    wholes = {key: answer.tokens for key, answer in came.items()}
    yield _rows(counted, texts, lambda item: (item.call_for.stage, 0))
    # Most models take as many tokens for each image; others for each size of one.
    by_number = _rows(counted, wholes, lambda item: (item.call_for.stage, len(item.sizes)))
    yield by_number or _rows(counted, wholes, lambda item: (item.call_for.stage, tuple(sorted(item.sizes))))


def _rows(
    items: Sequence[BatchItem], used: Mapping[str, int | None], kind: Callable[[BatchItem], Kind]
) -> list[Row]:
    """Return the requests of which it is known what is billed beside their texts; none where few agree.

    Args:
        items: The requests that were counted.
        used: Key to the tokens that were billed.
        kind: What decides how many are billed beside the text: the stage, and the images.
    """
    beside: dict[Kind, Counter[int]] = defaultdict(Counter)
    for item in items:
        if (tokens := used.get(item.key)) is not None:
            beside[kind(item)][tokens - _tokens(item)] += 1
    usual = _usual(beside)
    rows = [
        Row(item, used.get(item.key), _tokens(item) + usual[kind(item)])
        for item in items
        if kind(item) in usual
    ]
    billed = [row for row in rows if row.used is not None]
    agreeing = sum(not row.away for row in billed)
    return rows if len(billed) >= FEWEST and agreeing >= _AGREEING * len(billed) else []


def _usual(beside: Mapping[Kind, Counter[int]]) -> dict[Kind, int]:
    """Return what is usually billed beside the text of each kind; of rare ones, by their number of images."""
    most = {kind: counts.most_common(1)[0] for kind, counts in beside.items()}
    measured = {kind: tokens for kind, (tokens, times) in most.items() if times >= _KNOWN}
    usual = dict(measured)
    for stage, images in beside.keys() - measured.keys():
        same = [
            (most[stage, number][1], number, tokens)
            for (of, number), tokens in measured.items()
            if of == stage and isinstance(number, int)
        ]
        if isinstance(images, int) and len(same) > 1:
            (_, one, tokens), (_, other, others) = sorted(same, reverse=True)[:2]
            usual[stage, images] = tokens + round((others - tokens) / (other - one) * (images - one))
    return usual


def _tokens(item: BatchItem) -> int:
    """Return the tokens of the text of a request that was counted."""
    assert item.tokens is not None
    return item.tokens
