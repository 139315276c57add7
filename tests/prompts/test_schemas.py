"""Prompts that ask for JSON: held to a schema where the service can, and read as findings everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import medbench as mb
from medbench.config import Settings
from medbench.errors import UsageError
from medbench.prompts.prompt import fill, load_prompt
from medbench.schema.case import Case, Image
from medbench.schema.spec import SystemSpec
from medbench.steps.access.systems import prepare
from medbench.store.benchmark import find_benchmark

SCREENED = load_prompt("findings", "screening").response_schema["properties"]["findings"]["items"]


@pytest.mark.parametrize(
    ("model", "held"), [("gemini-flash", True), ("lingshu-7b", True), ("claude-haiku", True), ("echo", False)]
)
def test_a_schema_is_a_setting_where_the_service_can_hold_to_it(model: str, *, held: bool) -> None:
    """It is recorded with the system; elsewhere the words of the prompt ask for JSON."""
    specs = [SystemSpec(model=model, prompt=name) for name in ("structured", "comprehensive")]
    asked, plain, *_ = prepare(specs, Settings(), Path("runs"), find_benchmark("phantom-40"))
    assert ("response_schema" in asked.system.settings) == held
    assert "response_schema" not in plain.system.settings
    assert "JSON" in load_prompt("findings", "structured").text


def test_any_prompt_can_go_without_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a setting of the system; where a prompt has none there is nothing to leave out."""
    monkeypatch.chdir(tmp_path)
    bench = find_benchmark("phantom-40")

    def settings(prompt: str, *, history: bool) -> dict[str, object]:
        spec = SystemSpec(model="gemini-flash", prompt=prompt, settings={"history": history})
        return prepare([spec], Settings(), Path("runs"), bench)[0].system.settings

    assert settings("focused", history=False)["history"] is False
    assert "history" not in settings("focused", history=True)
    Path("bare.toml").write_text('kind = "findings"\ntext = "Describe."\n', "utf-8")
    with pytest.raises(UsageError, match="no history to leave out"):
        settings("bare.toml", history=False)


def test_a_schema_is_part_of_the_prompt() -> None:
    """Another schema is another prompt."""
    prompt = load_prompt("findings", "structured")
    assert prompt.digest != prompt.model_copy(update={"response_schema": {}}).digest


@pytest.mark.parametrize("finding", SCREENED["properties"]["finding"]["enum"])
def test_each_finding_that_is_screened_for_is_read(finding: str) -> None:
    """Yes affirms it, no denies it; the confidence is not part of the finding."""
    for said, presence in (("yes", "present"), ("no", "absent")):
        part = {"finding": finding, "present": said, "confidence": 0.7, "side": "", "site": ""}
        (read,) = mb.findings(json.dumps({"findings": [part]}))
        assert read.presence == presence


def test_structured_findings_keep_side_site_and_negatives() -> None:
    """The parts of one finding belong together; a normal structure is not a finding."""
    mass = {"finding": "mass", "present": "yes", "side": "left", "site": "kidney", "size": "3 cm"}
    none = {"finding": "fracture", "present": "no", "side": "", "site": "", "size": "", "description": ""}
    answer = {"findings": [mass | {"description": "round"}, none], "normal": ["liver"]}
    found = {one.concept.name: (one.presence, one.side) for one in mb.findings(json.dumps(answer))}
    assert found["renal mass"] == ("present", "left")
    assert found["fracture"] == ("absent", "")
    assert [name for name, (presence, _) in found.items() if presence == "present"] == ["renal mass"]


def test_words_by_modality_speak_of_its_contrast() -> None:
    """Density on CT, signal on MR, and neither word where the modality is unknown."""
    prompt = load_prompt("findings", "by-modality")
    texts = []
    for kind in ("CT", "MR", None):
        image = Image(file="i", sha256="0" * 64, bytes=1, width=1, height=1, mode="L", modality=kind)
        texts.append(fill(prompt, Case(case_id="c", region="Head", images=(image,))))
    assert ["hypodense" in text for text in texts] == [True, False, False]
    assert ["hypointense" in text for text in texts] == [False, True, False]
