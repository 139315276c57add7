"""One text: its score, findings and flags."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import medbench as mb
from medbench.scoring import findings, rouge

REFERENCE = "12 mm nodule in the right upper lobe. No pleural effusion."


def test_a_text_has_the_metrics_of_findings_and_rouge() -> None:
    """All metrics of both scorers are there; the reference itself scores 1 against itself."""
    numbers = mb.score(REFERENCE, REFERENCE)
    assert set(numbers) == {*findings.METRICS, *rouge.METRICS}
    assert numbers["finding.f1"] == numbers["finding.key"] == numbers["rouge_l.f1"] == 1.0
    assert numbers["finding.missed"] == numbers["finding.invented"] == 0.0


def test_the_answer_is_taken_apart_first() -> None:
    """Text that holds no findings, such as an impression, is not scored; the old parser has its own way."""
    answer = f"FINDINGS: {REFERENCE}\n\nIMPRESSION: Pneumonia of the left lower lobe."
    assert mb.score(answer, REFERENCE) == mb.score(REFERENCE, REFERENCE)
    old = mb.score(f"**FINDINGS:**\n{REFERENCE}", REFERENCE, parser="report-2026-02")
    assert old["rouge_l.recall"] == 1.0
    with pytest.raises(mb.MedbenchError, match=r"no parser is called 'findings-x'.\nTry: .*findings-2"):
        mb.score(answer, REFERENCE, parser="findings-x")


@pytest.mark.parametrize("text", ["", "  \n", "FINDINGS:\n\nIMPRESSION:"])
def test_a_text_without_words_has_no_numbers(text: str) -> None:
    """Nothing to measure is None, and never 0."""
    assert set(mb.score(text, REFERENCE).values()) == {None}


def test_a_reference_without_findings_leaves_finding_metrics_unknown() -> None:
    """Without a finding in the reference its metrics are None, while ROUGE-L compares words."""
    numbers = mb.score("The lungs are clear.", "See above.")
    assert numbers["finding.f1"] is None
    assert numbers["rouge_l.f1"] == 0.0


def test_findings_say_what_where_and_how_large() -> None:
    """Each finding has its concept and kin, presence, side and size; unknown sizes are None."""
    nodule, effusion = mb.findings(REFERENCE)
    assert (nodule.concept.name, nodule.concept.kin) == ("lung nodule", "lesion")
    assert (nodule.presence, nodule.side, nodule.size_mm) == ("present", "right", 12.0)
    assert (effusion.concept.name, effusion.presence) == ("pleural effusion", "absent")
    assert effusion.size_mm is None
    assert mb.findings("") == ()


def test_flags_need_only_the_text() -> None:
    """A text alone is enough; what is known of the images is used where it is given, in any collection."""
    assert mb.flags("") == ("empty",)
    assert mb.flags(REFERENCE) == ()
    assert mb.flags("This MRI shows a mass.") == ()
    assert mb.flags("This MRI shows a mass.", modalities=["CT"]) == ("wrong_modality",)
    assert mb.flags("There is a mass in", finish_reason="length") == ("truncated",)


def test_threads_get_the_numbers_of_their_own_texts() -> None:
    """Many threads at once give what one gives in turn."""
    texts = [f"{size} mm nodule in the {side} lung." for size in range(5, 45) for side in ("left", "right")]
    alone = [(mb.score(text, REFERENCE), mb.findings(text)) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: (mb.score(text, REFERENCE), mb.findings(text)), texts))
    assert together == alone
