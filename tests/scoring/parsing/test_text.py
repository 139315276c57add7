"""How an answer is taken apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st

from medbench.errors import UsageError
from medbench.scoring.parsing.answer import answer_of, has_open_thought, is_unanswered
from medbench.scoring.parsing.headings import heading_of
from medbench.scoring.parsing.text import (
    CURRENT,
    FINDINGS_1,
    OLD,
    parse,
    parser_names,
    says_nothing,
)

MASS = "There is a mass in the left lobe."


def answers(folder: Path) -> list[tuple[str, str, str]]:
    """Case, model and answer of each answer in an old run."""
    cases: list[dict[str, Any]] = json.loads((folder / "raw_responses.json").read_text("utf-8"))
    return [
        (case["uid"], model, case[f"{model}_raw"])
        for case in cases
        for model in ("medgemma", "gemini")
        if case[f"{model}_raw"]
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "FINDINGS:",
        "Findings:",
        "findings:",
        "**FINDINGS:**",
        "**FINDINGS**:",
        "**FINDINGS**",
        "__Findings:__",
        "*Findings*:",
        "## FINDINGS",
        "### **FINDINGS:**",
        "#### Findings ####",
        "**Primary Imaging Findings:**",
        "IMAGING FINDINGS",
        "Key Findings:",
        "Observations:",
        "FINDINGS (axial CT):",
        "1. Findings:",
        "**2. FINDINGS**",
        "  Findings :",
        "FINDINGS\uff1a",
    ],
)
def test_a_findings_heading_is_seen_however_it_is_dressed(heading: str) -> None:
    """Any mix of '#', bold, number, case and colon marks the section, on its own line."""
    parsed = parse(f"Intro.\n\n{heading}\n{MASS}\n\n**IMPRESSION:**\nA tumour.\n")
    assert (parsed.section, parsed.findings, parsed.impression) == ("findings", MASS, "A tumour.")


@pytest.mark.parametrize("heading", ["FINDINGS: ", "**FINDINGS:** ", "**Findings**: ", "## Findings: "])
def test_findings_may_stand_on_the_line_of_their_heading(heading: str) -> None:
    """With a colon, the text goes on behind the heading."""
    assert parse(heading + MASS).findings == MASS


@pytest.mark.parametrize(
    "line",
    [
        "Findings are normal",
        "findings",
        "*   **Findings:** a mass",
        "- FINDINGS:",
        "1.  **Diagnosis:** The diagnosis is plausible",
        "Associated findings: none",
        "Incidental Findings:",
        "CT findings:",
        "Impression of the liver on the kidney",
        "Note that the kidney is absent",
        "",
        "**",
    ],
)
def test_content_is_not_taken_for_a_heading(line: str) -> None:
    """Bullets, sentences, sub-headings and the end of a wrapped sentence are content."""
    assert heading_of(line) is None


@pytest.mark.parametrize(
    "name",
    [
        "IMPRESSION",
        "Conclusion",
        "FINAL ASSESSMENT",
        "Summary",
        "Diagnosis",
        "DIFFERENTIAL",
        "Differential Diagnosis",
    ],
)
def test_the_conclusion_is_kept_apart(name: str) -> None:
    """What the answer concludes is never part of a findings section."""
    parsed = parse(f"FINDINGS:\n{MASS}\n\n**{name}:** Probably a tumour.")
    assert (parsed.findings, parsed.impression, parsed.notes) == (MASS, "Probably a tumour.", None)


@pytest.mark.parametrize("name", ["Disclaimer", "Important Note", "Note", "Important Considerations"])
def test_a_disclaimer_is_kept_apart(name: str) -> None:
    """Remarks on the answer are notes."""
    parsed = parse(f"FINDINGS:\n{MASS}\n\n**{name}:** Ask a doctor.")
    assert (parsed.findings, parsed.impression, parsed.notes) == (MASS, None, "Ask a doctor.")


def test_an_unnamed_disclaimer_at_the_end_is_a_note() -> None:
    """Boilerplate without a heading is recognised by how it begins, on its own line or paragraph."""
    remark = "This analysis is based on one image\nand is no advice."
    parsed = parse(f"FINDINGS:\n{MASS}\n\n{remark}")
    assert (parsed.findings, parsed.notes) == (MASS, remark)
    assert parse(f"{MASS}\nI am an AI and no doctor.").findings == MASS


def test_a_remark_in_the_middle_does_not_end_the_findings() -> None:
    """'Note: …' lasts for its paragraph."""
    parsed = parse("FINDINGS:\nA mass.\nNote: motion artefact.\n\nNormal spleen.\n\nIMPRESSION:\nTumour.")
    assert (parsed.findings, parsed.notes) == ("A mass.\n\nNormal spleen.", "motion artefact.")


def test_a_nested_findings_bullet_does_not_cut_the_answer() -> None:
    """Models write a 'Findings' bullet under each organ; nothing is lost there."""
    text = (
        "Based on the provided image, the following findings are observed:\n\n"
        "**Kidneys:**\n*   **Findings:** Both are large.\n\n**Liver:**\n*   **Findings:** One cyst is seen."
    )
    parsed = parse(text)
    assert parsed.section == "whole"
    assert parsed.findings.startswith("**Kidneys:**\n*   **Findings:** Both are large.")
    assert parsed.findings.endswith("One cyst is seen.")


def test_findings_headings_under_each_organ_are_one_section() -> None:
    """Without a bullet, too, what stands between two findings headings is not lost."""
    parsed = parse("**Liver**\n**Findings:** A cyst is seen.\n**Spleen**\n**Findings:** It is large.")
    assert parsed.findings == "A cyst is seen.\n**Spleen**\n\nIt is large."


def test_a_repeated_template_before_the_findings_is_left_out() -> None:
    """The prompt's list, said again, is not the answer."""
    parsed = parse(f"FINDINGS:\n- Location of lesions\n- Size of lesions\n\nFINDINGS:\n- {MASS}")
    assert parsed.findings == f"- {MASS}"


def test_a_template_of_blanks_is_left_out() -> None:
    """Sections that hold only brackets to be filled are neither findings nor impression."""
    text = f"IMPRESSION: [Summary of it]\n\nFINDINGS: [Describe]\n\nIMPRESSION: [x]\n\nFINDINGS:\n{MASS}\n"
    parsed = parse(text)
    assert (parsed.findings, parsed.impression) == (MASS, None)


def test_the_last_complete_findings_win() -> None:
    """A revised answer replaces the first one, but one that was cut does not."""
    revised = f"FINDINGS:\nNo mass is seen.\n\nIMPRESSION:\nNormal.\n\nFINDINGS:\n{MASS}\n"
    assert parse(revised).findings == MASS
    assert parse(revised.removesuffix("left lobe.\n")).findings == "No mass is seen."


def test_plain_findings_come_before_key_findings() -> None:
    """A list of key findings after the report is a summary of it."""
    parsed = parse(f"FINDINGS:\n{MASS} It is large.\n\nKEY FINDINGS:\nA mass.")
    assert parsed.findings.startswith(MASS)


@pytest.mark.parametrize(
    "preamble",
    [
        "Based on the provided axial CT image of the head, the following findings are observed:",
        "Okay, I have reviewed the image. Based on it, the following analysis is provided:",
        "Okay, I will analyze the provided image.",
        "Here are the detailed imaging findings:",
        "Sure!",
        "The findings are as follows:",
    ],
)
def test_a_preamble_is_not_scored(preamble: str) -> None:
    """Without a heading the whole text counts, less the announcement before it."""
    parsed = parse(f"{preamble}\n\n**Liver:** {MASS}")
    assert (parsed.section, parsed.findings) == ("whole", f"**Liver:** {MASS}")


@pytest.mark.parametrize(
    "text",
    [
        "Great vessels are normal.\n\nThe heart is large.",
        "Based on the provided image, there is a nodule: 3 mm.\n\nNo effusion.",
        "The image shows a mass. It is large.\n\nNo effusion.",
        "Based on the following findings:",
    ],
)
def test_a_first_sentence_with_content_is_kept(text: str) -> None:
    """Only what announces is taken off, and never the whole answer."""
    assert parse(text).findings == text


def test_a_conclusion_at_the_end_of_headless_findings_is_not_scored() -> None:
    """Organ headings first, 'Impression' last: the impression stays apart."""
    parsed = parse(f"**Liver:** {MASS}\n\n**Impression:** Tumour.\n\n**Disclaimer:** No advice.")
    assert (parsed.findings, parsed.impression, parsed.notes) == (
        f"**Liver:** {MASS}",
        "Tumour.",
        "No advice.",
    )


def test_a_conclusion_before_headless_findings_does_not_swallow_them() -> None:
    """'Diagnosis: …' at the start and organs after it: all is kept, since none can tell where it ends."""
    parsed = parse(f"Diagnosis: Tumour.\n\n**Liver:** {MASS}")
    assert MASS in parsed.findings


def test_an_answer_that_is_only_a_conclusion_is_scored() -> None:
    """Where nothing else is said, it is what there is to score."""
    assert parse("IMPRESSION: No acute disease.").findings == "No acute disease."


@pytest.mark.parametrize(
    "asked", ["Clinical question: appendicitis?", "Reason for exam: torsion?", "History: known cirrhosis."]
)
def test_an_answer_that_is_only_a_history_keeps_its_heading(asked: str) -> None:
    """So that the finding metric sees that it describes nothing."""
    assert parse(asked).findings == asked
    assert parse(f"{asked}\n\n{MASS}").findings == MASS


def test_thoughts_and_special_tokens_are_no_answer() -> None:
    """What a model thinks between its markers is not scored; the markers never are."""
    text = f"<unused94>thought\nFINDINGS: none.<unused95><start_of_turn>model\nFINDINGS:\n{MASS}<end_of_turn>"
    assert parse(text).findings == MASS
    assert parse(f"<think>Hm.</think>{MASS}").findings == MASS


def test_an_unfinished_thought_is_all_that_was_said() -> None:
    """An answer that never got out of its thought is kept, and known to be cut."""
    text = "<unused94>thought\nThe image shows"
    assert "The image shows" in answer_of(text)
    assert has_open_thought(text)
    assert not has_open_thought("<unused94>a<unused95>b")
    assert says_nothing(text)
    assert not says_nothing("<think>\nFINDINGS:\nA stone in the left kidney.")
    assert not says_nothing("Thought: done.\nAction: stop\nFinal Answer: a stone in the left kidney.")


def test_marks_of_code_fences_are_taken_off() -> None:
    """The words inside a fence stay."""
    assert parse(f"```markdown\n## Findings\n{MASS}\n```").findings == MASS


def test_an_answer_in_json_is_read() -> None:
    """An object with findings in it is taken as headed text, lists and all."""
    text = '```json\n{"Findings": ["A mass.", "No effusion."], "impression": "Tumour.", "n": 1}\n```'
    parsed = parse(text)
    assert (parsed.findings, parsed.impression) == ("- A mass.\n- No effusion.", "Tumour.")


@pytest.mark.parametrize("text", ['{"a": 1}', "{broken", "[" * 100_000, '{"a":' * 100_000])
def test_other_json_is_text(text: str) -> None:
    """What holds no findings, or is no JSON, is taken as it stands."""
    assert parse(text).section == "whole"


@pytest.mark.parametrize("end", ["<br", "<br/", "<br /", "</p", "</div", "<strong", "<li", "<h2", "<BR"])
@pytest.mark.parametrize("begin", ["<p>No ascites.</p>", "No ascites.<br>"])
def test_a_tag_that_the_end_cuts_off_is_no_word(begin: str, end: str) -> None:
    """Of a text that is HTML; numbers below a bound stay."""
    assert parse(f"{begin}\nThe cyst is <5 mm.{end}").findings == "No ascites.\n\nThe cyst is <5 mm."
    assert parse(f"{begin}\nA cyst{end}\nof 5 mm.").findings.split()[-3:] == ["of", "5", "mm."]
    assert parse("The cyst is <b").findings == "The cyst is <b"


def test_bold_that_is_only_closed_is_trimmed() -> None:
    """A heading that opened the bold leaves no '**' behind, and rules at the ends go."""
    assert parse("**FINDINGS: a mass is seen.**\n\n---\n").findings == "a mass is seen."
    assert parse("FINDINGS: a **mass**").findings == "a **mass**"


def test_nothing_is_cut_by_length() -> None:
    """A long answer is kept to its last word."""
    text = " ".join(f"Finding {number} is seen." for number in range(20_000))
    assert parse(text).findings == text
    assert parse(f"FINDINGS:\n{text}").findings == text


def test_an_unknown_parser_is_answered_with_the_nearest() -> None:
    """A wrong name is a usage error that offers the right one."""
    with pytest.raises(UsageError) as caught:
        parse("", "finding-1")
    assert "finding-1" in caught.value.message
    assert FINDINGS_1 in caught.value.hint
    assert parser_names() == (CURRENT, FINDINGS_1, OLD)


def test_the_old_parser_needs_a_colon_at_the_start_of_a_line() -> None:
    """Plain or wholly bold, any case; anything else is not seen."""
    text = f"Intro\n**Findings:** {MASS}\nDifferential: x\nFINDINGS: later"
    assert parse(text, OLD).findings == MASS
    for missed in (f"### **FINDINGS:**\n{MASS}", f"FINDINGS\n{MASS}", f" FINDINGS: {MASS}"):
        assert parse(missed, OLD).section == "whole"


def test_the_old_parser_cuts_what_has_no_heading() -> None:
    """2,000 characters, as the old run did; the current parser never does."""
    assert len(parse("word " * 1000, OLD).findings) == 2000


@pytest.mark.parametrize("parser", parser_names())
@given(text=st.text(max_size=400))
def test_any_text_gives_a_result_and_the_same_again(parser: str, text: str) -> None:
    """The parsers are total and pure."""
    assert parse(text, parser) == parse(text, parser)


@given(
    pieces=st.lists(
        st.sampled_from(
            [
                "FINDINGS:",
                "**",
                "#",
                "\n",
                "\n\n",
                "IMPRESSION:",
                "Note: x",
                "[Summary]",
                "- ",
                MASS,
                "```",
                "<think>",
            ]
        )
    )
)
def test_findings_are_empty_only_without_words(pieces: list[str]) -> None:
    """Whatever the shape, an answer that says something has findings to score; a thought is none."""
    text = "".join(pieces)
    if any(character.isalnum() for character in answer_of(text)) and not is_unanswered(text):
        assert parse(text).findings


@pytest.mark.parametrize(
    "hostile",
    [
        "a", "**", "#", "\n", " ", "[", "[a", "<unused94>", "<think></think>", "FINDINGS:\n",
        "Note: x\n\ny\n", "```\n", "``` ", "Okay, ", "IMPRESSION: [x]\n", "\n\nDisclaimer x",
        '{"a":', "FINDINGS:\nIt is so.\n",
    ],
)  # fmt: skip
def test_time_grows_with_the_length_only(hostile: str) -> None:
    """Ten times the text takes about ten times as long, not a hundred."""
    assert growth(parse, hostile, 30_000) < LINEAR


def test_the_old_run_is_parsed_as_read_by_eye(shared: Path) -> None:
    """Of 40 answers of the seed run 33 have a findings heading; no preamble or disclaimer is left."""
    sections = []
    for uid, model, text in answers(shared / "data/seed_run"):
        parsed = parse(text)
        sections.append(parsed.section)
        start, end = parsed.findings[:60].lower(), parsed.findings[-300:].lower()
        assert "based on the provided" not in start, (uid, model)
        assert "disclaimer" not in end, (uid, model)
        assert "this analysis is based" not in end, (uid, model)
    assert (sections.count("findings"), sections.count("whole")) == (33, 7)


def test_nested_bullets_of_the_old_run_are_whole(shared: Path) -> None:
    """MPX2444 holds 'Findings' bullets twice: the answer is kept to its end."""
    text = next(
        text
        for uid, model, text in answers(shared / "data/seed_run")
        if (uid, model) == ("MPX2444", "gemini")
    )
    parsed = parse(text)
    assert parsed.section == "whole"
    assert parsed.findings.split()[-1] == text.split()[-1]
    assert len(parsed.findings.split()) > 0.9 * len(text.split())


@pytest.mark.parametrize("run", ["222216", "232354"])
def test_older_runs_lose_their_templates(shared: Path, run: str) -> None:
    """Blanks to be filled and critiques around the report are not findings."""
    for uid, model, text in answers(shared / "data/old_runs" / run):
        parsed = parse(text)
        if parsed.section == "findings":
            assert "[" not in parsed.findings, (uid, model)
            assert "Critique" not in parsed.findings, (uid, model)
            assert 40 <= len(parsed.findings.split()) <= 230, (uid, model)
