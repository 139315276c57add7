"""Exchanged answers are found to the token, where the service counted texts before they were sent."""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Callable

import pytest
from exhaustive import bounded

from medbench.client.batch_answer import Came
from medbench.client.batch_check import mixed_up
from medbench.client.batch_exact import told_apart
from medbench.client.batch_file import Wanted
from medbench.client.batch_tokens import dealt, indistinct
from medbench.schema.batch import BatchItem
from medbench.schema.case import Image
from medbench.schema.response import CallFor, Request

SIZES = ((512, 512), (512, 512), (512, 512), (256, 256), (512, 640), (900, 1200), (2048, 1536))


def _fixed(width: int, height: int) -> int:
    del width, height
    return 256


def _tiles(width: int, height: int) -> int:
    """The rule that Google publishes for Gemini 2."""
    unit = max(256, min(768, int(min(width, height) / 1.5)))
    return 258 if max(width, height) <= 384 else 258 * -(-width // unit) * -(-height // unit)


def _tokens(text: str) -> int:
    """Count tokens as a tokenizer does: usual words are whole, others come in pieces."""
    return sum(1 if zlib.crc32(word.encode()) % 4 else 1 + len(word) // 3 for word in text.split())


def _wanted(number: int, seed: int) -> list[Wanted]:
    """Return calls whose histories are mostly of a line or two, with one to four images."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abcdeilmnorstu", k=chance.randint(2, 9))) for _ in range(900)]
    calls = []
    for n in range(number):
        length = min(300, max(3, round(chance.lognormvariate(2.8, 0.9))))
        images = tuple(_image(*chance.choice(SIZES)) for _ in range(chance.randint(1, 4)))
        text = f"Describe all findings. Clinical history: {' '.join(chance.choices(words, k=length))}"
        request = Request(model="m", text=text, images=images)
        calls.append(Wanted(request, CallFor(case_id=f"case-{n}", stage="single"), 0))
    return calls


def _image(width: int, height: int) -> Image:
    facts = {"file": "a.png", "sha256": "0" * 64, "bytes": 1, "mode": "L", "modality": "CT"}
    return Image.model_validate({**facts, "width": width, "height": height})


def _batches(
    calls: list[Wanted], image: Callable[[int, int], int], *, apart: bool, off: Callable[[], int] = lambda: 0
) -> list[tuple[list[BatchItem], dict[str, Came]]]:
    """Return the batches in which calls are sent, and the right answers to them.

    Args:
        calls: The calls.
        image: Tokens of an image by its width and height.
        apart: True if the service says how many of the tokens are text.
        off: Tokens by which the service bills a text as more than it counted.
    """
    tokens = {each.key: _tokens(each.request.text) for each in calls}
    made = []
    for batch in dealt({each.key: each for each in calls}, tokens):
        items, came = [], {}
        for each in batch:
            items.append(_item(each, tokens[each.key]))
            text = tokens[each.key] + 12 + off()
            whole = text + sum(2 + image(one.width, one.height) for one in each.request.images)
            came[each.key] = Came(frozenset(), whole, text if apart else None)
        made.append((items, came))
    return made


def _item(wanted: Wanted, tokens: int | None) -> BatchItem:
    request = wanted.request
    return BatchItem(
        key=wanted.key,
        request_digest=request.digest,
        call_for=wanted.call_for,
        asked="m",
        prompt=request.text,
        sizes=tuple(f"{image.width}x{image.height}" for image in request.images),
        tokens=tokens,
    )


def _swapped(came: dict[str, Came], one: BatchItem, other: BatchItem) -> dict[str, Came]:
    return {**came, one.key: came[other.key], other.key: came[one.key]}


@pytest.mark.parametrize(
    ("image", "apart", "most"), [(_fixed, False, 0), (_fixed, True, 0), (_tiles, True, 2)]
)
def test_each_exchanged_pair_in_a_thousand_is_found(
    image: Callable[[int, int], int], apart: bool, most: int
) -> None:
    """Hardly any two of one batch have as many tokens; where they have, images by tiles may not tell them."""
    batches = _batches(_wanted(1000, 1), image, apart=apart)
    assert 1 < len(batches) <= 20
    assert sum(indistinct(items) for items, _ in batches) <= 2
    assert [mixed_up(items, came) for items, came in batches] == [None] * len(batches)
    chance = random.Random(2)
    missed = []
    for _ in range(bounded(200, 50)):
        items, came = chance.choice(batches)
        one, other = chance.sample(items, 2)
        reason = mixed_up(items, _swapped(came, one, other))
        if reason is None:
            assert one.tokens == other.tokens
            missed.append((one.sizes, other.sizes))
        else:
            assert "fit each other's requests" in reason
    assert len(missed) <= most, missed


@pytest.mark.parametrize("rate", [0.0, 0.002, 0.01, 0.05, 0.5])
def test_no_faultless_batch_is_quarantined(rate: float) -> None:
    """None of many, also where some texts are billed as a token or two more or less than was counted."""
    chance = random.Random(f"{rate}")
    seen = 0
    while seen < bounded(100, 40):
        image, apart = chance.choice([_fixed, _tiles]), chance.random() < 0.5
        calls = _wanted(chance.choice([15, 60, 200]), chance.randrange(10**6))
        off = lambda: chance.choice([-2, -1, 1, 2]) if chance.random() < rate else 0  # noqa: E731
        for items, came in _batches(calls, image, apart=apart, off=off):
            assert mixed_up(items, came) is None, (rate, image, apart, len(items))
            seen += 1


def test_a_pair_is_found_beside_what_the_service_counts_otherwise() -> None:
    """One text was billed as three tokens more; a pair that differs by more is exchanged all the same."""
    ((items, came),) = _batches(_wanted(40, 3), _fixed, apart=True)
    by_tokens = sorted(items, key=lambda item: item.tokens or 0)
    odd, one, other = by_tokens[20], by_tokens[0], by_tokens[-1]
    came[odd.key] = came[odd.key]._replace(text_tokens=(came[odd.key].text_tokens or 0) + 3)
    assert mixed_up(items, came) is None
    assert mixed_up(items, _swapped(came, one, other)) is not None


def test_a_service_that_counts_in_another_way_than_it_bills_is_judged_by_length() -> None:
    """Its counts are half of what it bills: nothing agrees to the token, and a far pair is found still."""
    ((items, came),) = _batches(_wanted(40, 4), _fixed, apart=False)
    halved = [item.model_copy(update={"tokens": (item.tokens or 0) // 2}) for item in items]
    assert mixed_up(halved, came) is None
    assert told_apart(halved, came) == 0
    by_tokens = sorted(halved, key=lambda item: item.tokens or 0)
    assert mixed_up(halved, _swapped(came, by_tokens[0], by_tokens[-1])) is not None


def test_images_that_take_tokens_by_their_size() -> None:
    """Two of a size of which there are many are told apart to the token, by what a whole request took."""
    ((items, came),) = _batches(_wanted(40, 5), _tiles, apart=False)
    plain = [item.model_copy(update={"sizes": ("512x512",)}) for item in items[:-6]]
    large = [item.model_copy(update={"sizes": ("2048x1536",)}) for item in items[-6:]]
    items = [*plain, *large]
    billed = {"512x512": 258, "2048x1536": 3_096}
    came = {item.key: Came(frozenset(), (item.tokens or 0) + billed[item.sizes[0]]) for item in items}
    assert mixed_up(items, came) is None
    first = plain[0]
    near = min(
        (item for item in plain[1:] if item.tokens != first.tokens),
        key=lambda item: abs((item.tokens or 0) - (first.tokens or 0)),
    )
    assert mixed_up(items, _swapped(came, first, near)) is not None


def _plain(*requests: tuple[int, int]) -> tuple[list[BatchItem], dict[str, Came]]:
    """Return requests of so many tokens and images, and the answers; an image is 256 tokens."""
    items = [
        BatchItem(
            key=f"key-{n}",
            request_digest=f"{n:064x}",
            call_for=CallFor(case_id=f"case-{n}", stage="single"),
            asked="m",
            prompt="x",
            sizes=("8x8",) * images,
            tokens=tokens,
        )
        for n, (tokens, images) in enumerate(requests)
    ]
    return items, {item.key: Came(frozenset(), (item.tokens or 0) + 256 * len(item.sizes)) for item in items}


def test_what_fits_by_chance_is_no_exchange() -> None:
    """A pair that is one token off is exchanged, unless another answer that fits nobody is further off."""
    items, came = _plain(*((20 + n, 1) for n in range(40)))
    exchanged = _swapped(came, items[4], items[5])
    assert mixed_up(items, exchanged) is not None
    odd = items[30].key
    assert mixed_up(items, {**exchanged, odd: came[odd]._replace(tokens=999)}) is None


def test_a_number_of_images_that_few_requests_have() -> None:
    """What it takes is known from what one image does, as others show."""
    items, came = _plain(*((20 + n, 1 + n % 2) for n in range(40)), (70, 9))
    assert told_apart(items, came) == 41
    off = {**came, "key-40": came["key-40"]._replace(tokens=70 + 256 * 9 + 1)}
    assert told_apart(items, off) == 40


def test_answers_are_told_apart_that_have_tokens_of_their_own() -> None:
    """Two requests of as many tokens share them, also where one of them has no answer; copies do not."""
    items, came = _plain(*((tokens, 1) for tokens in [*range(20, 40), 50, 50, 60, 60]))
    items[-1] = items[-1].model_copy(update={"request_digest": items[-2].request_digest})
    assert indistinct(items) == 2
    assert told_apart(items, came) == 22
    del came["key-20"]
    assert told_apart(items, came) == 22
    came["key-3"] = came["key-3"]._replace(tokens=999)
    assert told_apart(items, came) == 21
    uncounted = [item.model_copy(update={"tokens": None}) for item in items]
    assert (told_apart(uncounted, came), indistinct(uncounted)) == (0, 0)


def test_requests_that_are_alike_go_in_different_batches() -> None:
    """Batches of 25 calls and more; copies of one request stay together, and images are dealt evenly."""
    calls = _wanted(120, 6)
    copies = [Wanted(calls[0].request, CallFor(case_id="again", stage="single"), 0)]
    calls += copies
    tokens = {each.key: 7 for each in calls}
    batches = dealt({each.key: each for each in calls}, tokens)
    assert sorted(len(batch) for batch in batches) == [30, 30, 30, 31]
    assert sorted(each.key for batch in batches for each in batch) == sorted(each.key for each in calls)
    home = next(batch for batch in batches if calls[0] in batch)
    assert copies[0] in home
    numbers = [Counter(len(each.request.images) for each in batch) for batch in batches]
    assert max(max(abs(one[n] - other[n]) for n in range(1, 5)) for one in numbers for other in numbers) <= 2


def test_uncounted_requests_go_together() -> None:
    """Nothing is gained by more batches, whose order is that of the calls."""
    calls = _wanted(120, 7)
    (batch,) = dealt({each.key: each for each in calls}, {})
    assert list(batch) == calls
    assert dealt({}, {}) == []
