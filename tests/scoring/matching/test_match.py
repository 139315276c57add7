"""Matching: the best assignment, errors by name, and numbers that follow the harm."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.scoring import findings, rules
from medbench.scoring.extraction.extract import extract
from medbench.scoring.item import Item
from medbench.scoring.matching.assignment import assignment
from medbench.scoring.matching.key import key_finding
from medbench.scoring.matching.match import match
from medbench.scoring.matching.measures import measured
from medbench.scoring.matching.pair import Pair
from medbench.scoring.matching.sides import output_side, reference_side
from medbench.scoring.matching.wording import notable
from medbench.scoring.parsing.parsed import ParsedText

REFERENCE = (
    "There is a 3 cm enhancing mass in the right frontal lobe with moderate surrounding edema. "
    "Small left mastoid effusion. No midline shift. The orbits are normal."
)


def _scores(output: str, reference: str = REFERENCE) -> dict[str, float | None]:
    item = Item(parsed=ParsedText("plain", "whole", output), reference=reference)
    return {**findings.make()(item), **rules.make()(item)}


def _pairs(reference: str, output: str) -> tuple[Pair, ...]:
    return match(reference_side(extract(reference)), output_side(extract(output)))


def _f1(output: str, reference: str = REFERENCE) -> float:
    value = _scores(output, reference)["finding.f1"]
    assert value is not None
    return value


@pytest.mark.parametrize(
    ("output", "error"),
    [
        (REFERENCE.replace("right", "left"), "side"),
        (REFERENCE.replace("frontal", "occipital"), "site"),
        (REFERENCE.replace("3 cm", "9 cm"), "size"),
        (REFERENCE.replace("There is a", "There is no").replace("3 cm ", ""), "negation"),
        (REFERENCE.replace("There is a", "There is possibly a"), "certainty"),
        (REFERENCE.replace("Small left", "Large left"), "severity"),
        (REFERENCE.replace("There is a", "There was an old"), "history"),
        (REFERENCE.replace("3 cm enhancing mass", "3 cm enhancing nodule"), "concept"),
    ],
)
def test_each_error_is_named_and_costs(output: str, error: str) -> None:
    """A text that differs in one thing has that error and a lower F1 than the reference itself."""
    scores = _scores(output)
    assert scores[f"finding.error.{error}"]
    assert _f1(output) < 0.97 < _f1(REFERENCE)


def test_a_text_against_itself_is_all_right() -> None:
    """F1 1, significance 1, key finding, good; no error."""
    scores = _scores(REFERENCE)
    assert scores["finding.f1"] == scores["finding.significance"] == scores["finding.key"] == 1
    assert scores["rules.good"] == 1
    assert not any(value for name, value in scores.items() if "error" in name)


def test_normal_is_worth_nothing_where_there_is_disease_and_all_where_there_is_none() -> None:
    """Significance -1 and poor against a tumour; 1 and good against a normal reference."""
    normal = "Normal MRI of the brain. No mass, hemorrhage or infarct."
    scores = _scores(normal)
    assert scores["finding.significance"] == -1
    assert scores["rules.poor"] == 1
    assert scores["rules.key_finding"] == 0
    same = _scores("No abnormality. The brain is normal.", normal)
    assert same["finding.significance"] == same["rules.good"] == same["rules.key_finding"] == 1


def test_inventions_push_the_significance_down_but_not_below_what_is_missed_altogether() -> None:
    """More false alarms than credit: between -1 and 0; still more is lower."""
    right = "3 cm mass in the right frontal lobe. Large pneumothorax."
    one = _scores(right)["finding.significance"]
    many = _scores(f"{right} Aortic dissection. Pulmonary embolism.")["finding.significance"]
    assert one is not None
    assert many is not None
    assert -1 < many < one < 0


def test_two_invented_emergencies_are_not_good() -> None:
    """Everything right and two urgent findings too many: partial."""
    scores = _scores(REFERENCE + " Acute subdural hematoma on the left. Skull fracture.")
    assert scores["rules.partial"] == 1
    assert scores["finding.invented"] == 2


def test_a_denial_of_what_is_there_is_contradicted() -> None:
    """Both ways, and no pair of it earns credit."""
    pairs = _pairs("Left pneumothorax.", "No pneumothorax.")
    assert [(pair.outcome, pair.credit) for pair in pairs] == [("contradicted", 0)]
    pairs = _pairs("No pneumothorax.", "Left pneumothorax.")
    assert [(pair.outcome, pair.credit) for pair in pairs] == [("contradicted", 0)]


def test_what_is_missed_and_invented_is_said_in_words() -> None:
    """The audit names side, place and size, and leaves out what both deny."""
    lines = notable(_pairs(REFERENCE, "2 cm cyst in the left cerebellum. No hydrocephalus."))
    assert ("missed", "mass, right frontal, 30 mm") in lines
    assert ("unverifiable", "cyst, left posterior fossa: cerebellum, 20 mm") in lines
    assert not any("hydrocephalus" in words for _, words in lines)


def test_nothing_to_measure_is_none() -> None:
    """A reference without a finding and an output without a word have no numbers, not 0."""
    assert set(_scores("A mass.", "See captions.").values()) == {None}
    item = Item(parsed=ParsedText("plain", "whole", ""), reference=REFERENCE, empty=True)
    assert set({**findings.make()(item), **rules.make()(item)}.values()) == {None}


def test_the_key_finding_is_the_gravest_then_the_first() -> None:
    """An urgent one before a minor one named first; certain before doubtful; none where all is normal."""
    found = extract("Atelectasis. Possible pulmonary embolism. Pneumothorax on the left.")
    key = key_finding(found)
    assert key is not None
    assert key.concept.name == "pneumothorax"
    assert key_finding(extract("No mass.")) is None


@given(st.integers(1, 5), st.integers(1, 5), st.data())
def test_the_assignment_is_optimal(rows: int, columns: int, data: st.DataObject) -> None:
    """No other pairing of small matrices gains more."""
    number = st.integers(0, 8).map(lambda value: value / 8)
    gains = [[data.draw(number) for _ in range(columns)] for _ in range(rows)]
    pairs = assignment(gains)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == min(rows, columns)
    if rows <= columns:
        totals = [
            sum(gains[row][column] for row, column in enumerate(chosen))
            for chosen in itertools.permutations(range(columns), rows)
        ]
    else:
        totals = [
            sum(gains[row][column] for column, row in enumerate(chosen))
            for chosen in itertools.permutations(range(rows), columns)
        ]
    assert sum(gains[row][column] for row, column in pairs) == pytest.approx(max(totals))


SENTENCES = st.lists(
    st.sampled_from(
        [
            "There is a 3 cm mass in the liver.",
            "No pleural effusion.",
            "Left pneumothorax.",
            "Possible right renal stone, 5 mm.",
            "The spleen is normal.",
            "Old infarct.",
            "Multiple lung nodules.",
            "Severe spinal stenosis at L4-5.",
        ]
    ),
    min_size=1,
    max_size=6,
)


@given(SENTENCES, SENTENCES)
def test_numbers_stay_in_their_ranges_and_mirror(reference: list[str], output: list[str]) -> None:
    """Shares in [0, 1], significance in (-1, 1]; every finding of the reference in exactly one pair."""
    asked, said = extract(" ".join(reference)), extract(" ".join(output))
    whole = reference_side(asked)
    pairs = match(whole, output_side(said))
    assert [pair.reference for pair in pairs if pair.reference is not None] == list(asked)
    used = [id(pair.output) for pair in pairs if pair.output is not None and not pair.output.is_normal]
    assert len(used) == len(set(used)) or any(finding.presence == "absent" for finding in said)
    found = measured(pairs, whole.key)
    assert found.recall is not None
    assert found.precision is not None
    assert found.f1 is not None
    assert found.significance is not None
    assert 0 <= found.recall <= 1
    assert 0 <= found.precision <= 1
    assert min(found.recall, found.precision) - 1e-9 <= found.f1 <= max(found.recall, found.precision) + 1e-9
    assert -1 <= found.significance <= 1


@given(SENTENCES)
def test_the_order_of_sentences_does_not_matter(sentences: list[str]) -> None:
    """A text and its sentences reversed have the same score against a reference."""
    forward, backward = " ".join(sentences), " ".join(reversed(sentences))
    assert _f1(forward, "There is a 3 cm mass in the liver. Left pneumothorax.") == pytest.approx(
        _f1(backward, "There is a 3 cm mass in the liver. Left pneumothorax.")
    )


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_have_a_result(reference: str, output: str) -> None:
    """The scorers never raise, and say the same twice."""
    first = _scores(output, reference)
    findings.matched.cache_clear()
    assert _scores(output, reference) == first
