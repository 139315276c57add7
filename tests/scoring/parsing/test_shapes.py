"""What is scored of an answer, whatever a model wraps around it, and the flag of one that is no answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from growth import LINEAR, growth

from medbench.scoring.findings import findings
from medbench.scoring.flags import find_flags
from medbench.scoring.item import Item
from medbench.scoring.parsing.text import parse, says_nothing

SAID = "There is a 9 mm stone in the left kidney. No hydronephrosis."
NOT_SAID = "Large abdominal aortic aneurysm."
SHAPES = {
    "think": f"<think>\n{NOT_SAID} Wait.\n</think>\n\n{SAID}",
    "think in capitals": f"<THINK>{NOT_SAID}</THINK>{SAID}",
    "thought": f"<thought>{NOT_SAID}</thought>\n{SAID}",
    "inner monologue": f"<inner_monologue>{NOT_SAID}</inner_monologue>\n{SAID}",
    "folded away": f"<details>\n<summary>Reasoning</summary>\n{NOT_SAID}\n</details>\n\n{SAID}",
    "thinking and answer as headings": f"**Thinking:** {NOT_SAID}\n\n**Answer:** {SAID}",
    "reasoning and answer as JSON": json.dumps({"reasoning": NOT_SAID, "answer": SAID}),
    "reflection": f"<reflection>{NOT_SAID}</reflection>{SAID}",
    "two thoughts": f"<think>{NOT_SAID}</think>\n{SAID}\n<think>{NOT_SAID}</think>",
    "only the end": f"{NOT_SAID} So I answer.\n</thinking>\n{SAID}",
    "only the end, in brackets": f"{NOT_SAID}\n[/THINK]\n{SAID}",
    "marks of Kimi": f"\u25c1think\u25b7{NOT_SAID}\u25c1/think\u25b7{SAID}",
    "begin of thought": (
        f"<|begin_of_thought|>{NOT_SAID}<|end_of_thought|><|begin_of_solution|>{SAID}<|end_of_solution|>"
    ),
    "answer tag": f"<reasoning>{NOT_SAID}</reasoning><answer>{SAID}</answer>",
    "answer tag alone": f"{NOT_SAID} Let me answer.\n<final_answer>\n{SAID}\n</final_answer>",
    "answer tag, cut": f"<think>{NOT_SAID}</think><answer>{SAID}",
    "harmony": (
        f"<|channel|>analysis<|message|>{NOT_SAID}<|end|><|start|>assistant"
        f"<|channel|>final<|message|>{SAID}<|return|>"
    ),
    "harmony with commentary": (
        f"<|channel|>analysis<|message|>{NOT_SAID}<|end|><|channel|>commentary<|message|>{NOT_SAID}<|end|>"
        f"<|channel|>final<|message|>{SAID}"
    ),
    "harmony without marks": f"analysisWe see. {NOT_SAID}assistantfinal{SAID}",
    "lead-in and thought": f"Of course.\n<thinking>{NOT_SAID}</thinking>\n{SAID}",
    "chat template": (
        f"<|im_start|>user\nExample: {NOT_SAID}<|im_end|>\n<|im_start|>assistant\n{SAID}<|im_end|>"
    ),
    "instruction tags": f"[INST] Describe. Example: {NOT_SAID} [/INST] {SAID}",
    "human and assistant": f"Human: describe it. Example: {NOT_SAID}\n\nAssistant: {SAID}",
    "instruction and response": f"### Instruction:\nExample: {NOT_SAID}\n\n### Response:\n{SAID}",
    "fence": f"```\n{SAID}\n```",
    "fence with words around": (
        f"Sure!\n```json\n{json.dumps({'findings': SAID, 'diagnosis': NOT_SAID})}\n```\nHope this helps!"
    ),
    "list of texts": json.dumps({"findings": SAID.split(". "), "impression": [NOT_SAID]}),
    "two levels down": json.dumps({"study": {"report": {"findings": SAID, "impression": NOT_SAID}}}),
    "capital keys": json.dumps({"Findings": SAID, "Impression": NOT_SAID}),
    "impression first": json.dumps({"impression": NOT_SAID, "findings": SAID}),
    "objects": json.dumps(
        {"findings": [{"observation": "9 mm stone", "location": "left kidney"}], "conclusion": NOT_SAID}
    ),
    "objects by organ": json.dumps(
        {"findings": {"kidneys": {"left": "9 mm stone", "right": "normal"}}, "assessment": NOT_SAID}
    ),
    "objects with a denial": json.dumps(
        {
            "findings": [{"name": "9 mm stone", "present": True, "side": "left"}],
            "differential": [{"name": NOT_SAID}],
        }
    ),
    "reasoning beside findings": json.dumps({"reasoning": NOT_SAID, "findings": SAID}),
    "cut in a list": '{"findings": ["9 mm stone in the left kidney.", "No hydro',
    "cut behind a key": '{"findings": "9 mm stone in the left kidney.", "impression":',
    "Python's literals": "{'findings': '9 mm stone, left kidney.', 'n': None, 'impression': 'Aneurysm'}",
    "a comma too many": '{"findings": ["9 mm stone, left kidney",], "impression": "Large aneurysm.",}',
    "xml": f"<findings>{SAID}</findings>\n<impression>{NOT_SAID}</impression>",
    "conclusion first": f"CONCLUSION: {NOT_SAID}\n\nFINDINGS: {SAID}",
    "misspelt": f"FINDIGS:\n{SAID}\n\nIMPRESSSION:\n{NOT_SAID}",
    "brackets": f"[FINDINGS]\n{SAID}\n\n[IMPRESSION]\n{NOT_SAID}",
    "rules": f"=== FINDINGS ===\n{SAID}\n=== IMPRESSION ===\n{NOT_SAID}",
    "no colon": f"FINDINGS {SAID}\nCONCLUSION {NOT_SAID}",
    "dash": f"Clinical history - {NOT_SAID}\nFindings - {SAID}",
    "long dash": f"**Findings** \u2014 {SAID}\n**Impression** \u2014 {NOT_SAID}",
    "Spanish headings": f"Hallazgos: {SAID}\nConclusi\u00f3n: {NOT_SAID}",
    "history alone": f"Clinical indication: {NOT_SAID}\n\n{SAID}",
    "history and technique": f"HISTORY: {NOT_SAID}\nTECHNIQUE: CT.\nFINDINGS: {SAID}",
    "dash and nothing behind": f"Findings -\n{SAID}\n\nConclusion -\n{NOT_SAID}",
    "two languages": f"Befund / Findings: {SAID}\nBeurteilung / Impression: {NOT_SAID}",
    "two scripts": f"\u6240\u89c1 (Findings): {SAID}\n\u5370\u8c61 (Impression): {NOT_SAID}",
    "HTML": f"<h2>Findings</h2><p>{SAID}</p><h2>Impression</h2><p>{NOT_SAID}</p>",
    "HTML in lines": f"<b>Findings:</b> {SAID}<br/><b>Impression:</b> {NOT_SAID}",
    "LaTeX": f"\\section*{{Findings}}\n{SAID}\n\\textbf{{Impression}}\n{NOT_SAID}",
    "pictures": f"\U0001f50d **Findings**\n{SAID}\n\n\U0001fa7a **Impression**\n{NOT_SAID}",
    "dots": f"FINDINGS.......\n{SAID}\nIMPRESSION......\n{NOT_SAID}",
    "letters": f"A. Findings\n{SAID}\nB. Impression\n{NOT_SAID}",
    "steps": f"Step 1: Findings\n{SAID}\nStep 2: Diagnosis\n{NOT_SAID}",
    "corner brackets": f"\u300cFindings\u300d\n{SAID}\n\u300cImpression\u300d\n{NOT_SAID}",
    "one line": f"Findings: {SAID} Impression: {NOT_SAID}",
    "rows": f"| Section | Content |\n|---|---|\n| Findings | {SAID} |\n| Impression | {NOT_SAID} |",
    "a quoted thought": f"> Thinking: {NOT_SAID}\n\n{SAID}",
    "thoughts and report as JSON": json.dumps({"thoughts": NOT_SAID, "report": SAID}),
    "rationale and output as JSON": json.dumps({"rationale": NOT_SAID, "output": SAID}),
    "a call before": f'{{"tool": "measure", "args": {{"x": "{NOT_SAID}"}}}}\n{SAID}',
    "code of a tool before": f"<tool_code>print('{NOT_SAID}')</tool_code>\n{SAID}",
    "both in one": f"IMPRESSION AND FINDINGS:\n{SAID}",
}
NO_ANSWERS = {
    "tool code": ("```tool_code\nimage.segment('kidney')\n```", "empty"),
    "tool call": ('<tool_call>\n{"name": "zoom", "arguments": {"x": 1}}\n</tool_call>', "empty"),
    "function": ('{"function": "look_up", "parameters": {"term": "stone"}}', "empty"),
    "calls in a list": ('[{"name": "measure", "arguments": {}}]', "empty"),
    "Mistral's calls": ('[TOOL_CALLS] [{"name": "zoom", "arguments": {}}]', "empty"),
    "null": ("null", "empty"),
    "an error": ("Error: 500 Internal Server Error", "empty"),
    "no findings": ('{"findings": [], "impression": ""}', "empty"),
    "French": ("Il y a un calcul de 9 mm dans le rein gauche. Pas d'hydrops.", "language"),
    "Spanish": ("Se observa un calculo de 9 mm en el hilio izquierdo, sin edema.", "language"),
    "Korean": ("\uc88c\uce21 \uc2e0\uc7a5\uc5d0 9 mm \uacb0\uc11d.", "language"),
    "French refusal": ("D\u00e9sol\u00e9, je ne peux pas interpr\u00e9ter cette image.", "refusal"),
    "Spanish refusal": ("Lo siento, no puedo analizar im\u00e1genes m\u00e9dicas.", "refusal"),
    "no image": ("No image was provided. Please upload the CT scan.", "refusal"),
    "not loaded": ("The image could not be loaded.", "refusal"),
    "unable": ("I'm unable to view this image.", "refusal"),
    "cut JSON": ('{"findings": "A stone in the left kid', "truncated"),
    "open thought": ("<think>A stone in the left kidney, so I", "empty"),
    "a thought before a call": ("Thought: I need the tool.\nAction: segment[ct.png]", "empty"),
    "numbered steps": ("**Thought 1:** look\n**Action 1:** segment\n**Action Input:** {}", "empty"),
    "a count": ("".join(f"{n}. Cyst of {n} mm in slice {n}.\n" for n in range(60)), "loop"),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_only_the_findings_are_scored(shape: str) -> None:
    """The stone is scored; what was only thought, asked, concluded or given as history isn't."""
    scored = parse(SHAPES[shape]).findings
    assert "9 mm stone" in scored
    assert "neurysm" not in scored
    assert "{" not in scored


@pytest.mark.parametrize("shape", SHAPES)
def test_an_answer_is_no_fault(shape: str) -> None:
    """No wrapping makes an answer empty, a refusal, a loop or another language."""
    assert not {"empty", "refusal", "loop", "language"} & set(_flags(SHAPES[shape]))


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_what_is_no_answer_is_flagged(name: str) -> None:
    """A call of a tool, an error, another language or a cut text has the flag that says so."""
    text, flag = NO_ANSWERS[name]
    assert flag in _flags(text)
    assert says_nothing(text) == (flag == "empty")


MORE = [json.loads(line) for line in Path(__file__).with_name("shapes.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", MORE, ids=lambda case: case["name"])
def test_more_shapes_are_read_or_flagged(case: dict[str, Any]) -> None:
    """The cyst is scored and the spleen isn't; what is no answer has its flag."""
    flags = _flags(case["text"])
    if case["flag"]:
        assert case["flag"] in flags
    else:
        scored = parse(case["text"]).findings
        assert "4 cm cyst" in scored
        assert not [word for word in ("uptured", "{") if word in scored]
        assert not {"empty", "refusal", "loop", "language"} & set(flags)


FAMILIES = [
    json.loads(line) for line in Path(__file__).with_name("families.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", FAMILIES, ids=lambda case: f"{case['kind']}: {case['name']}")
def test_families_of_shapes_are_read_or_flagged(case: dict[str, Any]) -> None:
    """The cyst is scored; a thought, a call, another's turn, marks and numbers of a program never are."""
    flags, scored = _flags(case["text"]), parse(case["text"]).findings
    assert not [word for word in ("uptured", "{", *case["not"]) if word in scored]
    assert {"empty", "refusal", "loop", "language"} & set(flags) == (
        {case["flag"]} if case["flag"] else set()
    )
    assert "4 cm cyst" in scored or case["flag"] in {"empty", "refusal"}


KEPT = [json.loads(line) for line in Path(__file__).with_name("kept.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", KEPT, ids=lambda case: f"{case['kind']}: {case['text'][:40]}")
def test_what_resembles_a_wrapping_is_kept(case: dict[str, Any]) -> None:
    """A report that has a word or a key of a call, a turn, a thought or a program loses nothing of itself."""
    parsed = parse(case["text"])
    told = f"{parsed.findings}\n{parsed.impression or ''}"
    assert not [words for words in case["says"] if words not in told]
    assert not [words for words in case["not"] if words in told]
    assert not {"empty", "refusal", "loop", "language"} & set(_flags(case["text"]))


@pytest.mark.parametrize(
    "unit",
    ["<think>", "</think>", "<details><summary>thought</summary>", "<b>", "\\textbf{", "a / b\n",
     "[", '{"a":', "<answer>", "```\n", "user\n", "model\n", "Thinking...",
     "Action: a\n", "FINDINGS:\n", "a - ", '"', "<|channel|>analysis<|message|>", "[TOOL_CALLS]",
     "error ", "analysis ", "&lt;think&gt;", "USER: ", "<|user|>", "<|assistant|><|user|>", "</s>",
     "Here is my thought process: ", '\\"a', "<|tool_call>", "[a(b), ",
     "Q: What is the indication?\n", "| Findings | a b c d |\n", "Findings,a\n", "<tr><td>Findings</td><td>a",
     '{"title": "Findings", "content": "a"},', '{"bbox": [1,2],', "?! ",
     "User: a\n", "Human: a\nImpression: b\n", "Question: a?\nAnswer: b\n", '{"name": "a", "input": {',
     "a(b=1)", "Action: Final Answer\n", "~~5 mm ", "<plan a> ", "The reasoning is: "],
)  # fmt: skip
def test_a_megabyte_of_anything_is_taken_apart_in_linear_time(unit: str) -> None:
    """Ten times the text takes about ten times as long."""

    def taken_apart(text: str) -> object:
        return parse(text, prompt=text[:2_000]), _flags(text)

    assert growth(taken_apart, unit) < LINEAR


def test_what_json_holds_is_scored_at_any_depth() -> None:
    """An invented bleed beside 'Normal study.' is no perfect answer, and a right one isn't worthless."""
    bleed = {"impression": "Normal study.", "findings": [{"finding": "subdural hematoma", "side": "left"}]}
    normal = "The brain and ventricles are normal."
    assert (_f1(bleed, normal) or 0.0) < 0.5
    assert (_f1(bleed, "Left subdural hematoma.") or 0.0) > 0.9


def _f1(answer: Any, reference: str) -> float | None:
    return findings(Item(parsed=parse(json.dumps(answer)), reference=reference))["finding.f1"]


def _flags(text: str) -> tuple[str, ...]:
    return find_flags(text, finish_reason=None, prompt=None, modalities=frozenset({"CT"}))
