"""What is wrong with an answer as a text."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import get_args

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st

from medbench.schema.score import Flag
from medbench.scoring.claims import claimed_modalities
from medbench.scoring.flags import (
    claims_wrong_modality,
    echoes,
    find_flags,
    has_placeholder,
    is_loop,
    is_truncated,
)
from medbench.scoring.parsing.refusals import is_refusal

CT = frozenset({"CT"})
GOOD = (
    "FINDINGS:\n- The image is a CT scan of the abdomen.\n- There is a mass in the left lobe of the liver.\n"
    "- The spleen and both kidneys are normal.\n- There is no free fluid.\n"
)
PROMPT = (
    "Clinical history: a person with pain.\n\nAnalyze the given picture with care.\n\nFINDINGS:\n"
    "- Location of the abnormality\n- Size of the lesion\n- Normal structures\n\n"
    "Be complete and exact, please."
)
SENTENCES = (
    "the liver is large and smooth",
    "a cyst lies in the left kidney",
    "no free fluid is seen in the pelvis",
    "the spleen has a normal size",
    "small nodes lie beside the aorta",
    "the bladder wall is thick",
    "gas is seen in the bowel",
)


def flags_of(
    text: str, prompt: str | None = None, modalities: frozenset[str] = frozenset()
) -> tuple[Flag, ...]:
    """The flags, where nothing more is known than is given."""
    return find_flags(text, finish_reason=None, prompt=prompt, modalities=modalities)


def test_a_plain_answer_has_no_flag() -> None:
    """Nothing is wrong with an ordinary report."""
    assert flags_of(GOOD, prompt=PROMPT, modalities=CT) == ()


def test_flags_are_sorted_and_known() -> None:
    """Several things can be wrong; their order says nothing."""
    found = flags_of("The image is a chest X-ray with a mass of [insert size] in the", modalities=CT)
    assert found == ("placeholder", "truncated", "wrong_modality")
    assert set(found) <= set(get_args(Flag))


@pytest.mark.parametrize(
    "text",
    [
        "There is a small hernia on the right side. " * 20,
        "".join(f"- There is a small {side} hernia.\n" for side in ("left", "right", "upper", "lower")) * 12,
        "The lungs are clear and the heart is normal. " * 8,
        "a" * 5000,
        "word " * 500,
    ],
)
def test_saying_the_same_again_and_again_is_a_loop(text: str) -> None:
    """A cycle of any number of lines, or one word, or one letter."""
    assert is_loop(text)


def test_a_loop_after_a_good_start_is_a_loop() -> None:
    """The second half is looked at by itself."""
    start = " ".join(f"{number} {SENTENCES[number % 7]} beside structure {number}." for number in range(40))
    assert not is_loop(start)
    assert is_loop(f"{start}\n" + "The visualized bowel appears intact. " * 80)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Normal. " * 5,
        "No acute disease. No acute disease.",
        GOOD + GOOD,
        "-" * 2000 + "\nThe lungs are clear.",
        "".join(
            f"At {a}{n} there is no stenosis and no disc herniation.\n" for a in "CTL" for n in range(1, 9)
        ),
    ],
)
def test_short_formulaic_and_ruled_texts_are_no_loops(text: str) -> None:
    """A text said twice, a ruler and a spine read level by level do not count."""
    assert not is_loop(text)


def test_long_texts_are_no_loops() -> None:
    """Compression grows with length; that alone must not raise the flag."""
    draw = random.Random(7)
    words = [
        f"{a}{b}"
        for a in ("ar", "bo", "ce", "du", "el", "fi")
        for b in ("num", "tis", "ral", "cus", "dex", "mia")
    ]
    assert not is_loop(" ".join(draw.choice(words) for _ in range(60_000)))


@pytest.mark.parametrize("reason", ["length", "max_tokens", "MAX_TOKENS", "FinishReason.MAX_TOKENS"])
def test_the_provider_says_that_it_cut(reason: str) -> None:
    """A reported limit is enough, whatever the text looks like."""
    assert is_truncated(GOOD, reason)


@pytest.mark.parametrize("reason", ["stop", "end_turn", "eos"])
def test_the_provider_says_that_it_did_not_cut(reason: str) -> None:
    """Where the provider knows, the text is not asked."""
    assert not is_truncated("There is a mass in the", reason)


@pytest.mark.parametrize("reason", [None, "", "other", "safety"])
def test_an_unclear_reason_leaves_it_to_the_text(reason: str | None) -> None:
    """What is neither an end nor a limit says nothing about the text."""
    assert is_truncated("There is a mass in the", reason)
    assert not is_truncated(GOOD, reason)


@pytest.mark.parametrize(
    "text",
    [
        GOOD + "- The mass is displacing the",
        GOOD + "- There is no evidence of any lymph node enlargement in the upper part",
        GOOD + "-",
        GOOD + "- There is",
        GOOD + "FINDINGS:\n- The image",
        "There is a mass. It measures approximately",
        "There is a mass. The spleen is norm",
        "A mass is seen, measuring",
        "A mass is seen.\n\n**Revised",
        "The options are many.\n1. A cyst\n2. Grade I/",
        '```json\n{\n "view": "',
        "<unused94>thought\nThe image shows it.",
    ],
)
def test_ending_mid_sentence_is_truncated(text: str) -> None:
    """Where the provider says nothing, the last line decides."""
    assert is_truncated(text, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD,
        "No acute disease",
        "Normal chest",
        "- mass in the left lobe\n- large spleen in both\n- no free fluid at all\n- normal bones of the hip",
        f"{GOOD}**Tumour is likely.**",
        f'{GOOD}He said "normal."',
        f"{GOOD}- None",
        "A mass is seen (see above).",
        '{"findings": "A mass is seen.", "impression": "Tumour."}',
    ],
)
def test_lists_and_short_answers_are_not_truncated(text: str) -> None:
    """Full stops are a style; leaving them out everywhere is no cut."""
    assert not is_truncated(text, None)


@pytest.mark.parametrize(
    "blank",
    [
        "[insert size]",
        "[estimate the size, e.g., 2 cm]",
        "[Summary of the findings]",
        "[Image description - e.g., a CT]",
        "[e.g., Left, Right]",
        "[Size of the lesion]",
        "[date]",
        "<insert location>",
        "{{finding}}",
        "X.X cm",
        "__ mm",
        "XX cm",
    ],
)
def test_an_unfilled_blank_is_a_placeholder(blank: str) -> None:
    """Brackets that ask for something, and numbers that are none."""
    assert has_placeholder(f"The mass measures {blank} in width.")


@pytest.mark.parametrize(
    "text",
    [
        "as shown before [12]",
        "[PA view]",
        "[left]",
        "[normal]",
        "[3.2 cm]",
        "[insert](http://x)",
        "[see image 2]",
        "[estimated 3 cm]",
        "cranial nerve XX",
        "\\mathrm{cm}",
        "a < b",
    ],
)
def test_brackets_that_say_something_are_not_placeholders(text: str) -> None:
    """References, views and values stand in brackets, too."""
    assert not has_placeholder(f"A mass {text} is seen.")


def test_repeating_an_instruction_is_an_echo() -> None:
    """An instructing sentence of the prompt, anywhere in the answer."""
    assert echoes(f"{GOOD}\nBe complete and exact, please.", PROMPT)
    assert echoes(f"**Analyze the given picture with care.**\n{GOOD}", PROMPT)


@pytest.mark.parametrize(
    "form",
    [
        "Prompt:\n{prompt}\nOutput:\n{answer}",
        "<start_of_turn>user\n{prompt}<end_of_turn>\n<start_of_turn>model\n{answer}<end_of_turn>",
        "user\n{prompt}\nmodel\n{answer}",
        "[INST] {prompt} [/INST] {answer}",
    ],
)
def test_a_turn_that_comes_back_is_an_echo_although_it_is_not_scored(form: str) -> None:
    """What was sent, before the answer; an answer in the same marks alone is none."""
    assert "prompt_echo" in flags_of(form.format(prompt=PROMPT, answer=GOOD), prompt=PROMPT)
    assert "prompt_echo" not in flags_of(form.format(prompt="Describe.", answer=GOOD), prompt=PROMPT)
    assert "prompt_echo" not in flags_of(f"<think>{PROMPT}</think>\n{GOOD}", prompt=PROMPT)


def test_repeating_the_list_is_an_echo() -> None:
    """Three lines of the prompt in a row with nothing between."""
    assert echoes(
        "FINDINGS:\n- Location of the abnormality\n- Size of the lesion\n- Normal structures", PROMPT
    )


@pytest.mark.parametrize(
    "text",
    [
        "FINDINGS:\n- Location of the abnormality: left lobe.\n- Size of the lesion: 3 cm.\nAll is well.",
        "FINDINGS:\n\n* **Location of the abnormality:**\n  * Left.\n* **Size of the lesion:**\n  * 3 cm.",
        "A person with pain. There is a mass.",
        "Be that as it may, there is a mass.",
    ],
)
def test_headings_that_were_asked_for_are_no_echo(text: str) -> None:
    """Keeping to the wanted structure is obedience, and so is naming the history."""
    assert not echoes(text, PROMPT)


def test_without_the_prompt_known_instructions_are_seen() -> None:
    """A few sentences that models are known to repeat."""
    assert echoes(f"{GOOD}\nBe systematic and thorough. Do NOT provide a diagnosis.", None)
    assert not echoes(GOOD, None)
    assert not echoes("Be systematic and thorough.", "Describe the image in one line.")


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I cannot analyze medical images.",
        "I am unable to interpret this X-ray. Please consult a radiologist.",
        "As an AI language model, I can\u2019t provide a medical interpretation of this scan.",
        "I'm not able to help with that.",
        "No image was provided. Please upload the image.",
        "I don't see any image.",
        "I lack the capability to analyze pictures.",
        "I'm a language model and don't have access to the image.",
        "I am not equipped to examine X-rays.",
        "It would not be appropriate for me to interpret this scan.",
        "Analyzing medical images is beyond my capabilities.",
        "Giving a radiological report is not something I can do.",
        "I can't provide a medical diagnosis from this image. Please consult a qualified doctor.",
        "Sorry, I cannot assist with interpreting this X-ray, as I am not a medical professional.",
        "My guidelines do not allow me to interpret medical images.",
        "Only a licensed radiologist can interpret this image.",
        "I don\u2019t feel comfortable interpreting this CT scan. Please consult a radiologist.",
        "I refuse to diagnose from an image.",
        "It looks like the image did not come through. Please upload it again.",
        "The picture hasn't been successfully uploaded.",
        "The scan doesn't seem to have been attached.",
        "There appears to be no image attached to your message.",
    ],
)
def test_declining_is_a_refusal(text: str) -> None:
    """The answer is that there will be no answer."""
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "I cannot provide a diagnosis. There is a mass.",
        f"I cannot interpret this image for a patient, but in general: {GOOD} {GOOD}",
        "I am unable to evaluate the kidneys on this image. The liver is normal.",
        "The pancreas cannot be evaluated.",
        "The left kidney is outside the scope of this study.",
        "The image does not display any fracture, and the scan did not show an abscess.",
        "We do not have the ability to exclude a small fracture.",
        "It would not be appropriate to call this a mass.",
        "There is a fracture. Consult a radiologist.",
        "I cannot give a definitive diagnosis, but there is a fracture of the tibia.",
        "While I am not a doctor, the image shows a fracture of the tibia.",
        "Right lower lobe pneumonia. I am not a doctor; please consult one.",
        "The lungs are clear. Please see your physician for clinical correlation.",
        "Biopsy is needed as imaging cannot provide a diagnosis. Enhancing mass in the left kidney.",
        "",
    ],
)
def test_limits_within_an_answer_are_no_refusal(text: str) -> None:
    """Where findings follow, or a part cannot be judged, the model did answer."""
    assert not is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "This chest X-ray shows a mass.",
        "The image is a chest radiograph.",
        "Based on the provided axial T1-weighted MRI of the brain, there is a mass.",
        "**Image:** Chest X-ray",
        '"modality": "MRI"',
        "The ultrasound shows a cyst.",
        "On this FLAIR image there is a mass.",
        "The abdominal radiograph demonstrates gas.",
        "It obscures the costophrenic angle. The lung fields are clear.",
    ],
)
def test_naming_another_modality_is_wrong(text: str) -> None:
    """A claim about the image at hand that none of the case's images fits."""
    assert claims_wrong_modality(text, CT)


@pytest.mark.parametrize(
    "text",
    [
        "This non-contrast CT scan shows a mass. Compare with MRI.",
        "A chest radiograph is recommended.",
        "Correlation with ultrasound is advised.",
        "Compared with the prior X-ray the mass has grown.",
        "The mass is better seen on MRI.",
        "This PET/CT shows uptake.",
        "This X-ray computed tomography image shows a mass.",
        "The image is a CT scan. The costophrenic angle and the lung fields are clear.",
        "[Image description - e.g., this chest X-ray]",
        "Mr. Smith has a mass.",
        "The lung fields are clear.",
    ],
)
def test_naming_other_modalities_beside_the_image_is_not_wrong(text: str) -> None:
    """Advice, comparison and templates are no claims, and neither is a single word of radiographs."""
    assert not claims_wrong_modality(text, CT)


def test_modality_is_judged_only_where_it_is_known() -> None:
    """No modality, or one that is none of the usual, is not judged."""
    text = "This chest X-ray shows a mass."
    assert not claims_wrong_modality(text, frozenset())
    assert not claims_wrong_modality(text, frozenset({"CT", "OT"}))
    assert not claims_wrong_modality(text, frozenset({"CT", "XR"}))
    assert claimed_modalities(text) == [frozenset({"XR"})]


@given(
    text=st.text(max_size=300),
    reason=st.none() | st.sampled_from(["stop", "length", ""]),
    prompt=st.none() | st.text(max_size=80),
    modalities=st.frozensets(st.sampled_from(["CT", "MR", "XR", "US", "NM", "OT"])),
)
def test_any_text_is_judged_and_the_same_again(
    text: str, reason: str | None, prompt: str | None, modalities: frozenset[str]
) -> None:
    """Total and pure."""
    once = find_flags(text, finish_reason=reason, prompt=prompt, modalities=modalities)
    assert once == find_flags(text, finish_reason=reason, prompt=prompt, modalities=modalities)
    assert list(once) == sorted(once)


@pytest.mark.parametrize(
    "hostile",
    [
        "a", "**", "[", "[a", "_", "X", "this ", "the chest ", "this chest ", "I cannot ", "a ", ". ", "\n",
        "\ud800",
        "```\n", "this\t\t\t\t\t\t\t\t", "- ", "[be e.g ", "image:  ", "I can't view or see the ",
    ],
)  # fmt: skip
def test_time_grows_with_the_length_only(hostile: str) -> None:
    """Ten times the text takes about ten times as long, not a hundred."""

    def flags(text: str) -> object:
        return find_flags(text, finish_reason=None, prompt=PROMPT, modalities=CT)

    assert growth(flags, hostile) < LINEAR


EXPECTED = {
    ("MPX1241", "medgemma"): {"loop", "truncated"},
    ("MPX2442", "medgemma"): {"loop", "truncated"},
    ("MPX1136", "medgemma"): {"loop", "truncated"},
    ("MPX1457", "medgemma"): {"loop"},
    ("MPX2007", "medgemma"): {"loop", "truncated"},
    ("MPX1289", "medgemma"): {"prompt_echo"},
    ("MPX1938", "medgemma"): {"wrong_modality"},
    ("MPX2015", "medgemma"): {"wrong_modality"},
    ("MPX2015", "gemini"): {"placeholder"},
}
"""Every flag of the 40 answers, each read by eye."""


def test_the_old_run_is_flagged_as_read_by_eye(shared: Path) -> None:
    """Exactly five loops, one echo, one blank, two wrong modalities; no other of the 40 answers."""
    modalities = _modalities(shared)
    found = {}
    for case in json.loads((shared / "data/seed_run/raw_responses.json").read_text("utf-8")):
        for model in ("medgemma", "gemini"):
            flags = flags_of(
                case[f"{model}_raw"], prompt=case[f"{model}_prompt"], modalities=modalities[case["uid"]]
            )
            if flags:
                found[case["uid"], model] = set(flags)
    assert found == EXPECTED


def test_the_older_runs_are_flagged_as_read_by_eye(shared: Path) -> None:
    """All ten answers cut at 512 tokens are full of blanks; the other 22 have nothing wrong."""
    modalities = _modalities(shared)
    for run, model, wanted in (
        ("222216", "medgemma", {"placeholder", "truncated"}),
        ("232354", "medgemma", set()),
    ):
        for case in json.loads((shared / f"data/old_runs/{run}/raw_responses.json").read_text("utf-8")):
            flags = set(flags_of(case[f"{model}_raw"], modalities=modalities[case["uid"]]))
            assert flags >= wanted, case["uid"]
            assert bool(flags) is bool(wanted), case["uid"]
            if case["gemini_raw"]:
                assert not flags_of(case["gemini_raw"], modalities=modalities[case["uid"]]), case["uid"]


def test_texts_of_radiologists_are_seldom_flagged(shared: Path) -> None:
    """Of all MedPix findings none loops, refuses or holds a blank; under 3 % end without a full stop."""
    cases = json.loads((shared / "data/medpix/Case_topic.json").read_text("utf-8"))
    texts = [text for case in cases if (text := case["Case"].get("Findings"))]
    flagged = [flag for text in texts for flag in flags_of(text)]
    assert set(flagged) <= {"truncated"}
    assert len(flagged) < 0.03 * len(texts)
    assert not is_loop("\n".join(texts))


def _modalities(shared: Path) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for image in json.loads((shared / "data/medpix/Descriptions.json").read_text("utf-8")):
        found.setdefault(image["U_id"], set()).add(image["Type"])
    return {uid: frozenset(types) for uid, types in found.items()}
