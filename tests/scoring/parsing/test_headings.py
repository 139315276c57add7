"""Headings that are one only where they stand: an answer, a row of a table, a numbered step."""

from __future__ import annotations

import pytest

from medbench.scoring.parsing.text import parse

REPORT = "There is a 3 cm mass in the left kidney with thrombus in the IVC."


@pytest.mark.parametrize("name", ["Answer:", "**Answer:**", "Output:", "### Response:"])
@pytest.mark.parametrize("between", ["", "Reasoning:\nIt enhances.\n", "Rationale: it enhances.\n\n"])
def test_an_answer_behind_a_report_does_not_stand_for_it(name: str, between: str) -> None:
    """The report is scored, with the answer or without."""
    scored = parse(f"{REPORT}\n\n{between}{name} Renal cell carcinoma.").findings
    assert REPORT in scored
    assert "Renal cell carcinoma" in scored


def test_findings_come_before_an_answer() -> None:
    """Whichever of both is first."""
    assert parse(f"Answer: An aneurysm.\n\nFindings: {REPORT}").findings == REPORT
    assert parse(f'{{"answer": "An aneurysm.", "findings": "{REPORT}"}}').findings == REPORT


@pytest.mark.parametrize("row", ["Clinical history", "Technique", "Examination", "Indication", "Note"])
def test_a_row_of_a_table_ends_with_its_line(row: str) -> None:
    """What the rows below say of organs is scored, and what a row says of the history isn't."""
    head = f"| Modality | CT |\n|---|---|\n| {row} | with contrast for two weeks |\n"
    parsed = parse(f"{head}| Liver | 3 cm mass in segment 4 |\n| Spleen | normal in size and shape |")
    assert "3 cm mass" in parsed.findings
    assert "| Spleen | normal in size and shape |" in parsed.findings
    assert ("two weeks" in parsed.findings) == (row not in {"Clinical history", "Indication"})


def test_rows_of_organs_follow_a_row_of_findings_or_a_diagnosis() -> None:
    """A row on the technique among findings ends nothing, and a diagnosis no table of organs."""
    rows = "| Technique | CT with contrast was given |\n| Spleen | normal in size and shape |"
    assert (
        "| Spleen |"
        in parse(f"| Findings | {REPORT} |\n{rows}\n| Impression | A large aneurysm, surely |").findings
    )
    table = "| Organ | Finding |\n|---|---|\n| Diagnosis | hepatocellular carcinoma most likely |"
    assert "| Liver |" in parse(f"{table}\n| Liver | 3 cm mass in segment 4 |").findings


def test_a_final_report_has_the_findings() -> None:
    """What describes the image before it isn't scored beside it."""
    parsed = parse(f"**Image description**\nAxial CT.\n\n**Final Report:**\n{REPORT}")
    assert (parsed.section, parsed.findings) == ("findings", REPORT)


@pytest.mark.parametrize("form", ["{}:", "**{}:**", "## {}:", "## {}", "**{}**:"])
def test_a_step_has_a_colon_of_its_own(form: str) -> None:
    """The heading goes on behind it."""
    first, second = form.format("Step 1: Findings"), form.format("Step 2: Impression")
    parsed = parse(f"{first}\n{REPORT}\n\n{second}\nAn aneurysm is likely.")
    assert (parsed.findings, parsed.impression) == (REPORT, "An aneurysm is likely.")


@pytest.mark.parametrize(
    "answer", ["Answer:", "ANSWER:", "**Answer:**", "## Answer\n", "Output:", "Response:"]
)
@pytest.mark.parametrize(
    "thought",
    [
        "Thinking:",
        "THINKING:",
        "**Thinking:**",
        "Reasoning:",
        "Thought process:",
        "Chain of thought:",
        "Thinking:\n",
    ],
)
def test_thoughts_of_several_paragraphs_end_at_the_answer(thought: str, answer: str) -> None:
    """Whether the first of them stands in the line of the heading or below it."""
    text = f"{thought} I look at the kidneys.\n\nIt could be a cyst.\n\nNo, it enhances.\n\n{answer} {REPORT}"
    assert parse(text).findings == REPORT


@pytest.mark.parametrize("thought", ["Thinking:", "Clinical history:", "**Reasoning:**"])
def test_what_follows_a_paragraph_alone_is_the_answer(thought: str) -> None:
    """Without a heading nobody can tell where else it begins; an answer behind a report is its last line."""
    assert parse(f"{thought} I look at the kidneys.\n\n{REPORT}").findings == REPORT
    told = parse(f"Clinical history: fever.\n\n{REPORT}\n\nAnswer: An aneurysm.").findings
    assert (REPORT in told, "An aneurysm." in told, "fever" in told) == (True, True, False)


@pytest.mark.parametrize("heading", ["Findings:", "Key findings:", "Answer:"])
@pytest.mark.parametrize(
    "aside", ["Reasoning: it enhances.", "Rationale: it enhances.", "History: fever.", "Note: one."]
)
def test_findings_go_on_behind_a_remark(heading: str, aside: str) -> None:
    """What stands before the remark is scored as well."""
    parsed = parse(f"{heading} {REPORT}\n\n{aside}\n\nThe spleen is normal.\n\n{aside}\n\nNo ascites.")
    assert parsed.findings == f"{REPORT}\n\nThe spleen is normal.\n\nNo ascites."
