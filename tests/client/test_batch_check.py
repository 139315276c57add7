"""Mixed-up answers of a batch are found: by checks that only they can answer, and by the tokens used."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable

import pytest
from exhaustive import bounded

from medbench.client.batch_answer import Came
from medbench.client.batch_check import mixed_up, new_check
from medbench.schema.batch import CHECK, BatchItem
from medbench.schema.response import CallFor, Request

HEAD = "Describe all findings of these images, organ by organ. Clinical history: "


def _item(number: int, words: int, sizes: tuple[str, ...] = ("512x512",)) -> BatchItem:
    return BatchItem(
        key=f"key-{number}",
        request_digest=f"{number:064x}",
        call_for=CallFor(case_id=f"case-{number}", stage="single"),
        asked="m",
        prompt=HEAD + " ".join(["fever"] * words),
        sizes=sizes,
    )


def _check(number: int) -> BatchItem:
    request, word = new_check(Request(model="m", text="", settings={"system": "s", "max_tokens": 9}))
    assert request.settings == {"max_tokens": 9}
    return BatchItem(
        key=f"check-{number}",
        request_digest=request.digest,
        call_for=CallFor(case_id=f"check-{number}", stage=CHECK),
        asked="m",
        prompt=request.text,
        word=word,
    )


def _batch(
    calls: int, seed: int, *, checks: int = 20, image: Callable[[str], float] = lambda _: 258.0
) -> tuple[list[BatchItem], dict[str, Came]]:
    """A batch with histories of 3 to 80 words, one to four images, and a tokenizer that isn't regular."""
    chance = random.Random(seed)
    items = [_item(n, chance.randint(3, 80), ("512x512",) * chance.randint(1, 4)) for n in range(calls)]
    came = {}
    for item in items:
        tokens = len(item.prompt.encode()) / 4.6 + sum(map(image, item.sizes)) + 12 + chance.gauss(0, 1.5)
        came[item.key] = Came.of(f"FINDINGS: a mass in {item.key}.", round(tokens))
    asked = [_check(n) for n in range(checks)]
    came |= {item.key: Came.of(f"{item.word}", 22) for item in asked}
    return items + asked, came


def _swap(came: dict[str, Came], one: str, other: str) -> None:
    came[one], came[other] = came[other], came[one]


@pytest.mark.parametrize("seed", range(5))
def test_answers_in_their_places_are_trusted(seed: int) -> None:
    """No batch is quarantined for what a tokenizer does."""
    assert mixed_up(*_batch(1000, seed)) is None


@pytest.mark.parametrize("other", ["key-7", "check-3"])
def test_one_pair_of_a_thousand_with_a_check_in_it_is_found(other: str) -> None:
    """Whichever it is exchanged with."""
    items, came = _batch(1000, 1)
    _swap(came, "check-11", other)
    assert mixed_up(items, came) is not None


def test_one_pair_of_a_thousand_without_a_check_is_found_by_its_tokens() -> None:
    """Where the two requests are of different length; two that are alike cannot be told apart by them."""
    items, came = _batch(1000, 2)
    pairs = random.Random(3)
    found = far = 0
    tried = bounded(40, 12)
    for _ in range(tried):
        one, other = pairs.sample(items[:1000], 2)
        exchanged = dict(came)
        _swap(exchanged, one.key, other.key)
        reason = mixed_up(items, exchanged)
        is_far = len(one.sizes) != len(other.sizes) or abs(len(one.prompt) - len(other.prompt)) > 100
        found += reason is not None
        far += is_far
        if is_far:
            assert reason is not None
            assert "fit each other's requests" in reason
    assert far > 0.6 * tried
    assert found >= far


def _tokens_as_of_pieces(text: str) -> int:
    """Count tokens as a tokenizer does: usual words are whole, others come in pieces, and so do digits."""
    pieces = 0
    for word in re.findall(r"\w+|[^\w\s]", text):
        is_usual = zlib.crc32(word.encode()) % 4 > 0
        pieces += 1 if is_usual else 1 + len(word) // 3
    return pieces


def _histories(number: int, seed: int) -> list[str]:
    """Return texts as histories are: most of one or two lines, some of a page, each with words of its own."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abcdeilmnorstu", k=chance.randint(2, 9))) for _ in range(4000)]
    texts = []
    for _ in range(number):
        length = min(300, max(3, round(chance.lognormvariate(2.8, 1.1))))
        own = chance.sample(words, min(length, 60))
        texts.append(" ".join(chance.choice(own) for _ in range(length)))
    return texts


@pytest.mark.parametrize("seed", range(4))
def test_long_texts_that_a_tokenizer_cuts_small_are_no_mix_up(seed: int) -> None:
    """Of a page it is less certain how many tokens it has than of a line; exchanged ones are found still."""
    chance = random.Random(seed)
    texts = _histories(600, seed)
    items = [
        _item(n, 0, ("512x512",) * chance.randint(1, 4)).model_copy(update={"prompt": HEAD + text})
        for n, text in enumerate(texts)
    ]
    came = {
        item.key: Came(frozenset(), _tokens_as_of_pieces(item.prompt) + 258 * len(item.sizes))
        for item in items
    }
    assert mixed_up(items, came) is None
    for _ in range(5):
        one, other = chance.sample([item for item in items if len(item.prompt) < 400], 2)
        if len(one.sizes) != len(other.sizes):
            exchanged = dict(came)
            _swap(exchanged, one.key, other.key)
            assert mixed_up(items, exchanged) is not None


def test_a_shift_of_all_answers_is_found() -> None:
    """Each answer under the key of the request before: every check is wrong."""
    items, came = _batch(300, 4, checks=6)
    keys = [item.key for item in items]
    shifted = dict(zip(keys, [came[key] for key in keys[1:] + keys[:1]], strict=True))
    assert mixed_up(items, shifted) is not None


def test_images_that_take_more_tokens_than_usual_are_no_mix_up() -> None:
    """A twentieth of the images are large, and taken apart into tiles: a rule that is no line."""
    chance = random.Random(5)
    items, came = _batch(600, 5)
    for n in range(0, 600, 20):
        large = items[n].model_copy(update={"sizes": ("2048x1536",)})
        items[n] = large
        tokens = len(large.prompt.encode()) / 4.6 + 258 * chance.choice([6, 6, 12]) + 12
        came[large.key] = Came.of("FINDINGS: none.", round(tokens))
    assert mixed_up(items, came) is None


def test_a_model_that_does_not_do_as_it_is_told_says_nothing_of_the_service() -> None:
    """Its answers to checks are all wrong; one that mostly does it is caught in one."""
    items, came = _batch(100, 6, checks=4)
    for n in range(4):
        came[f"check-{n}"] = Came.of("I cannot do that.", 22)
    assert mixed_up(items, came) is None
    items, came = _batch(100, 6, checks=4)
    came["check-2"] = Came.of("FINDINGS: a mass.", 22)
    assert mixed_up(items, came) == "1 of 4 checks have another answer than their own"


@pytest.mark.parametrize("form", ["{}", "Code: {}.", "`{}`", "code{}", "The code is **{}**\n", "{}00"])
def test_the_code_is_found_whatever_stands_around_it(form: str) -> None:
    """Also where letters before it could be a part of one."""
    items, came = _batch(20, 9, checks=4)
    for item in items[-4:]:
        came[item.key] = Came.of(form.format(item.word.upper()), 22)
    assert mixed_up(items, came) is None
    _swap(came, "check-0", "check-1")
    assert mixed_up(items, came) is not None


def test_fewer_tokens_than_words_are_of_another_request() -> None:
    """Also in a small batch, where nothing is known of what is usual."""
    items, came = _batch(4, 7, checks=0)
    came["key-1"] = Came.of("FINDINGS: a mass.", 9)
    reason = mixed_up(items, came)
    assert reason == "case 'case-1' was answered for 9 tokens, which are fewer than its words"


def test_what_is_not_known_is_held_against_nobody() -> None:
    """No answer at all, no counts of tokens."""
    items, came = _batch(50, 8)
    assert mixed_up(items, {}) is None
    assert mixed_up(items, {key: one._replace(tokens=None) for key, one in came.items()}) is None
