"""The prompt that was sent earns nothing, however an answer repeats it."""

from __future__ import annotations

import pytest

from medbench.prompts.prompt import load_prompt
from medbench.registry import shipped_names
from medbench.scoring.extraction.extract import extract
from medbench.scoring.parsing.text import parse

PROMPT = """Clinical history: fall, rule out subdural hematoma.
You are a radiologist. Report on:
1. Hemorrhage, infarct or edema
2. **Location and laterality of abnormalities**
- Mass effect and midline shift (e.g. herniation, hydrocephalus)
Skull fracture
Do NOT report a normal study as abnormal. Example: There is a large meningioma."""


@pytest.mark.parametrize(
    "answer",
    [
        PROMPT,
        PROMPT.upper(),
        PROMPT.replace("\n", "\n\n"),
        "\n".join(f"- {line}" for line in PROMPT.splitlines()),
        "\n".join(f"**{line.strip('*')}:**" for line in PROMPT.splitlines()),
        "\n".join(f"{number}) {line}" for number, line in enumerate(PROMPT.splitlines(), 1)),
        "Skull fracture:\nMass effect and midline shift\n### Hemorrhage, infarct or edema",
        "There is a large meningioma.",
    ],
)
def test_the_prompt_alone_has_no_findings(answer: str) -> None:
    """Its lines are never credited: as they are, numbered, bold, in capitals, without their examples."""
    assert not [one for one in extract(parse(answer, prompt=PROMPT).findings) if one.presence != "absent"]


@pytest.mark.parametrize("name", shipped_names("prompts/findings"))
def test_no_shipped_prompt_answers_itself(name: str) -> None:
    """Neither its instructions nor its example of JSON are findings, as they are or line by line."""
    prompt = load_prompt("findings", name).text
    for answer in (prompt, prompt.upper(), "\n\n".join(f"- **{line}**" for line in prompt.splitlines())):
        found = extract(parse(answer, prompt=prompt).findings)
        assert not [one for one in found if one.presence != "absent"], answer


def test_what_stands_under_a_line_of_the_prompt_is_content() -> None:
    """A repeated line is a heading: what answers it is read, and its own words aren't."""
    answer = "Skull fracture\n- None.\nMass effect and midline shift\n- 6 mm midline shift to the left.\n"
    seen = {one.concept.name: one.presence for one in extract(parse(answer, prompt=PROMPT).findings)}
    assert (seen["skull fracture"], seen["midline shift"]) == ("absent", "present")
    assert seen.get("mass effect") != "present"


def test_an_answer_that_repeats_nothing_is_not_changed() -> None:
    """Only what was sent is taken out."""
    answer = "There is a 2 cm subdural hematoma on the right. The midline is shifted by 6 mm."
    assert parse(answer, prompt=PROMPT).findings == parse(answer).findings == answer
