"""Prompts: words in files, filled from what may be shown of a case, and from nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from medbench.errors import UsageError
from medbench.prompts.prompt import GIVEN, NOT_GIVEN, PLACEHOLDERS, Prompt, fill, load_prompt
from medbench.registry import shipped_names
from medbench.schema.case import Case

CASE = Case(case_id="c", region="Head", history="costs $5 and $history", images=())


def _file(folder: Path, content: str) -> str:
    path = folder / "mine.toml"
    path.write_text(content, "utf-8")
    return str(path)


@pytest.mark.parametrize("name", shipped_names("prompts/findings"))
def test_every_shipped_prompt_loads_and_fills(name: str) -> None:
    """Each prompt file loads, uses only what may be shown, and fills without leaving a placeholder."""
    prompt = load_prompt("findings", name)
    assert prompt.name == name
    assert set(prompt.uses) <= PLACEHOLDERS
    filled = fill(prompt, CASE.model_copy(update={"history": "plain"}), 1, **dict.fromkeys(GIVEN, "given"))
    assert "$" not in filled


def test_the_published_prompt_is_never_edited() -> None:
    """The prompt of the February report keeps its words: its digest is known."""
    prompt = load_prompt("findings", "comprehensive")
    assert prompt.digest == "05f8e7748469b16c98186774a30b3a92fc353271d2627093ef947c2014e3dcd5"
    assert fill(prompt, CASE).startswith("Clinical history: costs $5")


def test_the_published_prompt_is_that_of_the_seed_run_byte_for_byte(shared: Path) -> None:
    """Filled in with the history of each of the 20 cases it is what both models were sent."""
    recorded = json.loads((shared / "data/seed_run/raw_responses.json").read_text("utf-8"))
    cases = json.loads((shared / "data/seed_run/medpix_multiregion_20.json").read_text("utf-8"))
    histories = {case["uid"]: case["history"] for case in cases}
    prompt = load_prompt("findings", "comprehensive")
    assert len(recorded) == len(histories) == 20
    for one in recorded:
        filled = fill(prompt, CASE.model_copy(update={"history": histories[one["uid"]]}))
        assert filled.encode() == one["medgemma_prompt"].encode() == one["gemini_prompt"].encode()


def test_values_are_not_templates() -> None:
    """A history with dollar signs is put in as it is; what a case lacks reads 'not given'."""
    prompt = Prompt(kind="findings", uses=("history", "age"), text="$history / $age / $$")
    assert fill(prompt, CASE) == f"costs $5 and $history / {NOT_GIVEN} / $"


def test_every_placeholder_can_be_filled() -> None:
    """Each placeholder that a prompt may use has a value for every case."""
    prompt = Prompt(
        kind="findings", uses=tuple(PLACEHOLDERS), text=" ".join(f"${name}" for name in PLACEHOLDERS)
    )
    case = CASE.model_copy(update={"history": None})
    assert "$" not in fill(prompt, case, 1, **dict.fromkeys(GIVEN, "given"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('kind="findings"\nuses=["diagnosis"]\ntext="$diagnosis"', "'diagnosis'"),
        ('kind="findings"\nuses=[]\ntext="$reference"', "'reference'"),
        ('kind="findings"\nuses=["history"]\ntext="none"', "says it uses"),
        ('kind="findings"\nuses=[]\ntext="$history"', "says it uses"),
        ('kind="findings"\nuses=[]\ntext="costs $ 5"', "lone '\\$'"),
        ('kind="findings"\nuses=[]\ntext="costs $5"', "lone '\\$'"),
        ('kind="findings"\ntext=', "line 2 is not TOML: 'text='"),
        ('kind="findings"\nuses=[]', "has no field 'text'"),
        ('kind="findings"\nwords="x"', "'words'"),
        ("\udcff", "not UTF-8"),
    ],
)
def test_a_prompt_that_cannot_be_used_is_a_sentence(tmp_path: Path, content: str, why: str) -> None:
    """A placeholder that does not exist, or a file that is not a prompt, is refused when it is loaded."""
    path = tmp_path / "mine.toml"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=why) as caught:
        load_prompt("findings", str(path))
    assert caught.value.hint


@pytest.mark.parametrize("name", ["comprehensiv", "./none.toml", ""])
def test_a_prompt_that_is_not_there_is_a_sentence(name: str) -> None:
    """A wrong name or path is a usage error with a way on."""
    with pytest.raises(UsageError) as caught:
        load_prompt("findings", name)
    assert caught.value.hint


def test_a_prompt_of_ones_own_loads(tmp_path: Path) -> None:
    """A file of one's own is named after itself, and its digest covers its words."""
    one = load_prompt("findings", _file(tmp_path, 'kind="findings"\nuses=["age"]\ntext="$age"'))
    assert one.name == "mine"
    assert fill(one, CASE.model_copy(update={"age": "61"})) == "61"
    assert one.digest != one.model_copy(update={"text": "$age."}).digest
    assert one.digest == one.model_copy(update={"name": "other"}).digest
