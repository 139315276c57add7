"""ROUGE-L against the package it must equal, and against the numbers of the old run."""

from __future__ import annotations

import importlib.metadata
import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from exhaustive import spread
from hypothesis import given
from hypothesis import strategies as st
from rouge_score import rouge_scorer

from medbench.scoring import rouge
from medbench.scoring.item import Item, PackedReference
from medbench.scoring.parsing.parsed import ParsedText
from medbench.scoring.parsing.text import CURRENT, OLD, parse

Score = Callable[[str, str], tuple[float | None, ...]]


@pytest.fixture(scope="module")
def ours() -> Score:
    """Recall, precision, F1 of findings against a reference, by the scorer."""
    score = rouge.make()
    return lambda reference, findings: tuple(
        score(Item(ParsedText(CURRENT, "whole", findings), reference))[name] for name in rouge.METRICS
    )


@pytest.fixture(scope="module")
def theirs() -> Score:
    """The same by the package."""
    scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)

    def score(reference: str, findings: str) -> tuple[float | None, ...]:
        found = scorer.score(reference.strip(), findings)["rougeL"]
        return found.recall, found.precision, found.fmeasure

    return score


def test_a_worked_example(ours: Score) -> None:
    """Four of five reference tokens in order, of eight: recall 4/5, precision 4/8, F1 8/13."""
    recall, precision, f1 = ours("Masses in the left lobe", "There is a mass in the right lobe.")
    assert (recall, precision) == (4 / 5, 4 / 8)
    assert f1 == pytest.approx(8 / 13, abs=1e-15)


def test_what_the_tokens_are(ours: Score) -> None:
    """Case, punctuation, endings and letters beyond a-z do not count; words of three keep theirs."""
    assert ours("Enlarged NODES, 3.2 cm (L4-5)", "enlarging node 3 2 cm l4 5") == (1.0, 1.0, 1.0)
    assert ours("a caf\u00e9", "a caf") == (1.0, 1.0, 1.0)
    assert ours("has", "ha") == (0.0, 0.0, 0.0)


def test_what_it_cannot_see(ours: Score) -> None:
    """A negation costs next to nothing, and a longer text never loses recall."""
    reference = "a large pleural effusion"
    assert ours(reference, "no large pleural effusion")[0] == 3 / 4
    assert (
        ours(reference, "there is a large mass and no pleural effusion on this or any other side")[0] == 1.0
    )


@pytest.mark.parametrize(
    "texts", [("", ""), ("mass", ""), ("", "mass"), ("\u80ba", "\u80ba"), ("...", "mass")]
)
def test_a_side_without_tokens_gives_zero(ours: Score, theirs: Score, texts: tuple[str, str]) -> None:
    """As in the package."""
    assert ours(*texts) == theirs(*texts) == (0.0, 0.0, 0.0)


WORDS = st.sampled_from(
    ["mass", "masses", "the", "enlarged", "enlargement", "3.2", "L4-5", "no", "\u00e9t\u00e9"]
)
TEXTS = (
    st.text(max_size=60)
    | st.lists(WORDS, max_size=30).map(" ".join)
    | st.text("ab \n\x00\x1c\u2028", max_size=40)
)


@given(reference=TEXTS, findings=TEXTS)
def test_equal_to_the_package_on_any_text(ours: Score, theirs: Score, reference: str, findings: str) -> None:
    """Unicode, control characters, empty: to the last digit."""
    assert ours(reference, findings) == theirs(reference, findings)


def test_called_twice_gives_the_same() -> None:
    """The caches change the time only, also when they are full."""
    item = Item(parse("FINDINGS: Enlarged masses are seen."), "An enlarging mass is seen.")
    score = rouge.RougeL()
    first = score(item)
    assert score(item) == first == rouge.make()(item)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many words and references there are, a bounded number is remembered, with the same scores."""
    large = rouge.RougeL()
    items = [
        Item(
            ParsedText(CURRENT, "whole", f"mass{number} in the liver"),
            f"a mass{number} of liver {number % 9}",
        )
        for number in range(200)
    ]
    wanted = [large(item) for item in items]
    assert [large(item) for item in items] == wanted
    monkeypatch.setattr(rouge, "_MOST_WORDS", 50)
    monkeypatch.setattr(rouge, "MOST_REMEMBERED", 5)
    small = rouge.RougeL()
    assert [small(item) for item in items] == wanted
    assert len(small._signs.stems) < 60
    assert len(small._signs._words) <= 50
    assert small._asked.cache_info().currsize <= 5


@given(reference=TEXTS, findings=TEXTS, other=TEXTS)
def test_a_packed_reference_is_compared_as_its_text(
    ours: Score, reference: str, findings: str, other: str
) -> None:
    """Words that no reference has get one sign, and agree with none."""
    given = rouge.Signs()
    tokens = [given.of(text) for text in (other, reference)][1]
    packed = PackedReference(b"", tokens, rouge.Signs(given.stems))
    numbers = rouge.make()(Item(ParsedText(CURRENT, "whole", findings), "", packed=packed))
    assert tuple(numbers[name] for name in rouge.METRICS) == ours(reference, findings)


def test_the_method_names_the_package_that_is_installed() -> None:
    """Another rouge-score may split words otherwise, and is another measure."""
    assert rouge.METHOD.endswith(f"as:rouge-score-{importlib.metadata.version('rouge-score')}")


def test_importing_the_scorer_loads_nothing_heavy() -> None:
    """Every command imports the registry's scorers, so only making this one loads rapidfuzz."""
    code = (
        "import sys; import medbench.scoring.rouge, medbench.scoring.usage, medbench.scoring.flags\n"
        "assert not {'nltk', 'rouge_score', 'rapidfuzz', 'numpy', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_scoring_needs_neither_nltk_nor_the_package() -> None:
    """Both are installed for the tests only: nltk would take a second and 100 MB to load."""
    code = (
        "import sys; from medbench.scoring.rouge import make; from medbench.scoring.item import Item\n"
        "from medbench.scoring.parsing.text import parse\n"
        "assert make()(Item(parse('Pleural effusions'), 'effusion'))['rouge_l.recall'] == 1.0\n"
        "assert not {'nltk', 'rouge_score', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_old_run_to_the_last_digit(shared: Path, ours: Score) -> None:
    """All 40 triples of the report of February 2026, and its two means, with the parser of that time."""
    wanted = {
        case["uid"]: case
        for case in json.loads((shared / "data/seed_run/expected_numbers.json").read_text("utf-8"))["cases"]
    }
    recalls: dict[str, list[float | None]] = {"medgemma": [], "gemini": []}
    for case in json.loads((shared / "data/seed_run/raw_responses.json").read_text("utf-8")):
        for model, means in recalls.items():
            known = wanted[case["uid"]][model]
            found = ours(case["gold_findings"], parse(case[f"{model}_raw"], OLD).findings)
            assert found == (known["recall"], known["precision"], known["f1"]), (case["uid"], model)
            means.append(found[0])
    rounded = {model: round(sum(filter(None, means)) / 20, 3) for model, means in recalls.items()}
    assert rounded == {"medgemma": 0.219, "gemini": 0.310}


def test_equal_to_the_package_on_real_texts(shared: Path, ours: Score, theirs: Score) -> None:
    """The old run's answers under both parsers and MedPix findings against each other, to the last digit."""
    pairs = [
        (case["gold_findings"], parse(case[f"{model}_raw"], parser).findings)
        for case in json.loads((shared / "data/seed_run/raw_responses.json").read_text("utf-8"))
        for model in ("medgemma", "gemini")
        for parser in (CURRENT, OLD)
    ]
    cases = json.loads((shared / "data/medpix/Case_topic.json").read_text("utf-8"))
    texts = [text for case in cases if (text := case["Case"].get("Findings"))]
    pairs += itertools.pairwise(texts)
    assert len(pairs) > 700
    for reference, findings in spread(pairs, 200):
        assert ours(reference, findings) == theirs(reference, findings)
