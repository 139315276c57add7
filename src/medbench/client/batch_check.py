"""Tell if a batch's answers stand under the right requests, which a service is known to have got wrong.

Two signs are looked for. A few requests, the checks, ask for a word that only they hold: no other answer may
have it, and theirs must. And the tokens that a service billed for a request must fit the request: where those
of one fit another one, and the other way round, the two were exchanged. How many they should be is known to
the token where the service counts texts beforehand (`batch_exact`), else by and large.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final

from medbench.client.batch_exact import exchanged
from medbench.schema.response import CallFor, Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from medbench.client.batch_answer import Came
    from medbench.schema.batch import BatchItem

EVERY: Final = 50
"""Requests of a batch for which there is one check: two in a hundred."""
FEWEST: Final = 3
"""Checks of a small batch."""
_MEASURED: Final = 12
"""Answers with counted tokens, below which nothing can be said about what is usual."""
_SCALE: Final = 1.4826
"""Times the median absolute deviation: the standard deviation of a normal distribution."""
_FAR: Final = 8.0
"""Standard deviations from what is expected beyond which tokens do not fit their own request."""
_NEAR: Final = 6.0
"""Standard deviations from what is expected within which tokens fit another request."""
_LEAST: Final = 6.0
"""Tokens that are never too far."""
_FOR_ALL_SIGNS: Final = 100
"""Answers from which on words, digits and the like are looked at beside bytes, images and pixels."""
_SIGNS: Final = tuple(
    re.compile(sign)
    for sign in (
        r"[^\W\d_]+",  # words
        r"[^\W\d_]{8,}",
        r"[^\W\d_]{12,}",
        r"\b[a-z]{1,3}\b",
        r"[A-Z]",
        r"\d",
        r"\d+",
        r"[^\w\s]",
        r"\s+",
        r"\n",
        r"[^\x00-\x7f]",
    )
)
"""Parts of a text whose numbers say how many tokens it has."""
_STEADY_BYTES: Final = 50.0
"""Bytes beside which the length of a text does not matter for how well its tokens are known."""


def new_check(request: Request) -> tuple[Request, str]:
    """Return a request whose right answer stands only in itself, and that answer."""
    word = secrets.token_hex(4)
    kept = {key: value for key, value in request.settings.items() if key not in {"response_schema", "system"}}
    text = f"Answer with this code and nothing else: {word}"
    return Request(model=request.model, text=text, settings=kept), word


def check_call(batch: str, number: int, stage: str, role: str) -> CallFor:
    """Return the purpose of a check."""
    return CallFor(case_id=f"{batch}-check-{number}", stage=stage, role=role)


def mixed_up(items: Sequence[BatchItem], came: Mapping[str, Came]) -> str | None:
    """Return why the answers of a batch cannot be trusted; None where nothing speaks against them.

    Args:
        items: What was sent.
        came: Key to its answer, of those that came.
    """
    calls = [item for item in items if not item.word]
    return _wrong_word(items, came) or _wrong_tokens(calls, came) or _fitting(exchanged(items, came))


def _wrong_word(items: Sequence[BatchItem], came: Mapping[str, Came]) -> str | None:
    words = {item.word: item for item in items if item.word}
    asked = [item for item in words.values() if item.key in came]
    right = [item for item in asked if item.word in came[item.key].codes]
    # A model that does not do as it is told says nothing about the service.
    if len(right) < len(asked) and 2 * len(right) >= len(asked):
        return f"{len(asked) - len(right)} of {len(asked)} checks have another answer than their own"
    for item in items:
        found = came[item.key].codes if item.key in came else frozenset()
        if any(word in words and word != item.word for word in found):
            return f"the answer to a check stands under the request of {_named(item)}"
    return None


def _wrong_tokens(items: Sequence[BatchItem], came: Mapping[str, Came]) -> str | None:
    counted = [(item, tokens) for item in items if item.key in came and (tokens := came[item.key].tokens)]
    for item, tokens in counted:
        if tokens < len(item.prompt.split()):  # a word is one token at least
            return f"{_named(item)} was answered for {tokens:,} tokens, which are fewer than its words"
    if len(counted) < _MEASURED:
        return None
    import numpy as np

    used = np.array([tokens for _, tokens in counted], dtype=float)
    expected, spread = _expected([item for item, _ in counted], used)
    odd = np.flatnonzero(np.abs(used - expected) > np.maximum(_FAR * spread, _LEAST))
    near = np.maximum(_NEAR * spread[odd], _LEAST)
    # Tokens that fit no request are the model's own way of counting. Those that fit the request of another
    # odd one, and the other way round, are exchanged.
    takes, gives = _near(used[odd], expected[odd], near), _near(expected[odd], used[odd], near)
    away, fits = np.abs(used - expected)[odd], takes & gives
    # Images may be billed by a rule that is not linear: some are odd then, and by chance fit one another.
    usual = away[~fits].max(initial=0.0)
    return _fitting([counted[index][0] for index in odd[fits & (away > usual)]])


def _fitting(items: Sequence[BatchItem]) -> str | None:
    """Return what is wrong where the tokens of some answers fit each other's requests."""
    if len(items) < 2:
        return None
    names = " and ".join(map(_named, items[:2]))
    return f"the tokens of {len(items)} answers fit each other's requests, such as those of {names}"


def _near(
    values: NDArray[np.float64], others: NDArray[np.float64], tolerance: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return of each value if one of the others is near it."""
    import numpy as np

    others = np.sort(others)
    first = np.searchsorted(others, values - tolerance)
    return first < np.searchsorted(others, values + tolerance, side="right")


def _expected(
    items: Sequence[BatchItem], used: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the tokens that each request should take, and how far from that is usual for it.

    They are a constant, and so much an image, a pixel and a byte of text, in large batches also a word, a
    digit and the like: least squares, without the odd. What a tokenizer makes of a text is the less certain
    the longer the text is, by the root of its length; what all requests have in common is not part of that.
    Where the service has counted the texts, its tokens stand for all that, and images alone are uncertain.
    """
    import numpy as np

    if all(item.tokens is not None for item in items):
        facts = np.array([(1.0, item.tokens, len(item.sizes), _pixels(item)) for item in items], dtype=float)
        unit = np.ones(len(items))
    else:
        signs = _SIGNS if len(items) >= _FOR_ALL_SIGNS else ()
        facts = np.array([_facts(item, signs) for item in items])
        length = facts[:, 1] - facts[:, 1].min() + _STEADY_BYTES
        unit = np.sqrt(length / np.median(length))
    near = np.ones(len(items), dtype=bool)
    spread, expected = 0.0, used
    for _ in range(5):
        scaled = facts[near] / unit[near, None]
        weights = np.linalg.lstsq(scaled, used[near] / unit[near], rcond=None)[0]
        expected = facts @ weights
        away = np.abs(used - expected) / unit
        spread = _SCALE * float(np.median(away))
        near = away <= max(3 * spread, _LEAST)
        if near.sum() < _MEASURED / 2:
            break
    return expected, spread * unit


def _facts(item: BatchItem, signs: Sequence[re.Pattern[str]]) -> tuple[float, ...]:
    """Return what the tokens of a request depend on; the first two are 1 and the bytes of its text."""
    text = item.prompt
    counts = (len(sign.findall(text)) for sign in signs)
    return (1.0, len(text.encode()), len(item.sizes), _pixels(item), *counts)


def _pixels(item: BatchItem) -> float:
    """Return the megapixels of a request."""
    pairs = (size.split("x") for size in item.sizes)
    return sum(int(width) * int(height) for width, height in pairs) / 1e6


def _named(item: BatchItem) -> str:
    return "a check" if item.word else f"case '{item.call_for.case_id}'"
