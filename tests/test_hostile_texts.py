"""Whatever an answer, reference, name or error holds: no form obeys it, and forms of data give it back."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest
import yaml
from graded_runs import graded_run, verdict
from markdown_it import MarkdownIt

from medbench.schema.case import Case
from medbench.schema.reference import Reference
from medbench.schema.response import Failure
from medbench.schema.run import ModelUse, Output, PromptUse, System
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records, write_one, write_records
from medbench.store.runs import HEAD, OUTPUTS, VERDICTS, RunFolder

pytestmark = pytest.mark.usefixtures("few_draws")

TEXTS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</td></table><b", "&lt;b&gt; &#x3c;",
    "<!-- x", "]]>", "<![CDATA[", "<?xml?>", "\u202eexe.gpj\u202c", "\u2066left\u2069 \u200f",
    "a\u200bb\ufeff", "\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;http://e.org\x1b\\link",
    "\x9b31m\x85", "\r\x08\x7f", "\x00", "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1",
    "=cmd|' /C calc'!A0", '"=1', "'=1", "a;=1", "a|b", "[x](javascript:alert(1))", "![p](//e.org/p)",
    "http://e.org www.e.org", "# h\n\n---\n> q", "```\nfence", "@octocat #12", "$a$", "\ufffe\uffff",
    "\U000e0041\U0010ffff", "- a: b\n- c", "key: &a *a !!python/object:x", "%YAML 1.2\n---", "{{ 7*7 }}",
    "{% x %}", "${jndi:x} $(id) `id`", '{"a": 1}', "\u2028line\u2029", "\x0b\x0c\x1c",
    "\U0001f600 \u0130\u00df", "..\\..\\x", "../../etc", "[bold]x[/bold] [link=x]", "\\", "\\n\\x1b",
]  # fmt: skip
SENT = "=a|<b>[x](//e.org) \x1b[31m\u202e`@you` #1 {{7}}\nBetter."
"""The name of a system, a model, a rater: what a run that somebody sends can say in its records."""
NAME = SENT.replace("\n", " ")
"""The same as it is read: a name is one line, and begins no sentence."""
LONG = "An effusion of 3 cm. " * 10_000
_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_OURS = re.compile(r"<!-- -->|<br>|</?strong>")
_INERT = {
    "paragraph",
    "inline",
    "text",
    "softbreak",
    "hardbreak",
    "html_inline",
    "table",
    "thead",
    "tbody",
    "tr",
}
_INERT |= {"th", "td", "text_special", "heading", "bullet_list", "list_item", "fence", "code_block"}


@pytest.fixture(scope="module")
def made(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path_factory: pytest.TempPathFactory
) -> BenchmarkFolder:
    """A benchmark and two runs on it in which every text that others write is a hostile one."""
    folder, texts, histories = tmp_path_factory.mktemp("hostile"), cycle(TEXTS), cycle(reversed(TEXTS))

    def reference(case: Case) -> Reference:
        text = next(texts)
        more = {"title": text, "diagnosis": text, "topic": text, "split": text}
        return Reference(case_id=case.case_id, source_id=f"S {text}", text=f"A mass. {text}", **more)

    def changed(case: Case) -> Case:
        data = case.model_dump(exclude={"digest"}) | {"history": next(histories), "region": NAME}
        return type(case).model_validate(data)

    cases = len(TEXTS) + 2
    bench = write_benchmark(folder / "<b>=bench|`x` [y](z)", cases, reference=reference, changed=changed)
    for name, grades in (("one", "gpo"), ("two", "ogg")):
        run = graded_run(folder / "runs/bench" / name, bench, (grades * cases)[:cases])
        _make_hostile(run, bench, grades)
    return bench


def _make_hostile(run: RunFolder, bench: BenchmarkFolder, grades: str) -> None:
    model = ModelUse(name=SENT, provider=SENT, id=f"{SENT}/{run.name}")
    prompt = PromptUse(name=SENT, digest=SENT)
    name = f"{SENT} {run.name}"
    system = System(name=name, family=SENT, pipeline=SENT, model=model, prompt=prompt, settings={"x": SENT})
    told = {"system": system, "system_digest": system.digest, "command": f"medbench run {SENT}"}
    write_one(run.path / HEAD, run.head.model_copy(update=told))
    write_records(run.path / OUTPUTS, list(_outputs(run.path / OUTPUTS)))
    said = ({"rationale": text, "asked": SENT, "answered": text, "raw": text} for text in cycle(TEXTS))
    graded = zip(bench.cases(), cycle(grades), said, strict=False)
    verdicts = [verdict(case.case_id, grade, SENT).model_copy(update=more) for case, grade, more in graded]
    write_records(run.path / VERDICTS, verdicts)


@pytest.fixture
def world(
    made: BenchmarkFolder, medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> BenchmarkFolder:
    """That benchmark, its folder the working directory of `medbench`; scored once for all tests."""
    monkeypatch.chdir(made.path.parent)
    return made


def _outputs(path: Path) -> Iterator[Output]:
    """Yield the outputs with hostile texts: one of 200 kB, and one that failed for a hostile reason."""
    *most, long, failed = read_records(path, Output)
    for output, text in zip(most, TEXTS, strict=True):
        yield output.model_copy(update={"text": text, "notes": {"seen": text}})
    yield long.model_copy(update={"text": LONG})
    reason = "".join(TEXTS)
    yield failed.model_copy(
        update={"text": None, "failure": Failure(kind="refused", reason=reason, final=True)}
    )


def _moves_nothing(text: str) -> None:
    """Check that a terminal that prints a text does that and nothing else."""
    bad = {
        char for char in text if char not in "\n\t" and unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs"}
    }
    assert not bad, ascii(bad)


@pytest.mark.parametrize(
    "line",
    [
        "show", "show --sort name", "show one", "show case-000", "show case-000 --full", "show --spent",
        "compare", "compare --full", "compare --pairs", "compare --raters", "compare --by region",
        "gate two --against one", "verify one", "report one --card",
    ],
)  # fmt: skip
def test_a_terminal_prints_and_obeys_nothing(
    world: BenchmarkFolder, medbench: Callable[..., Any], line: str
) -> None:
    """No control character and no mark of direction leaves on either channel; no traceback."""
    said = medbench(*line.split())
    assert said.code in {0, 1, 3}, said.err
    assert "Traceback" not in said.err
    assert said.out or said.err
    _moves_nothing(said.out)
    _moves_nothing(said.err)


def test_every_case_can_be_shown(world: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """That of 200 kB, and that whose error is hostile, among them."""
    for case in world.cases():
        said = medbench("show", case.case_id)
        assert said.code == 0, said.err
        _moves_nothing(said.out)
        assert len(said.out) < 30_000


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_rows_give_every_text_back(
    world: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any], form: str
) -> None:
    """No cell begins a formula, and each text and reason is what it was."""
    file = tmp_path / f"rows.{form}"
    said = medbench("export", "one", "two", f"--{form}", "-o", file)
    assert said.code == 0, said.err
    _moves_nothing(said.err)
    if form == "csv":
        csv.field_size_limit(len(LONG) + 1)
        header, *cells = csv.reader(io.StringIO(file.read_bytes().decode(), newline=""), strict=True)
        numbers = [name for name in header if "." in name and not name.startswith(("grade", "key"))]
        for row in (header, *cells):
            for name, cell in zip(header, row, strict=True):
                assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n")), (name, cell)
                assert not cell.startswith("-") or name in numbers, (name, cell)
        plain = [[cell.removeprefix("'") for cell in row] for row in (header, *cells)]
        rows = [dict(zip(plain[0], row, strict=True)) for row in plain[1:]]
    elif form == "jsonl":
        rows = [json.loads(line) for line in file.read_bytes().decode().split("\n")[:-1]]
    else:
        rows = pl.read_parquet(file).to_dicts()
    for run in ("one", "two"):
        own = [row for row in rows if row["run"] == run]
        assert [row["text"] for row in own] == [*TEXTS, LONG, "" if form == "csv" else None]
        assert own[-1]["reason"] == "".join(TEXTS)
        assert own[-1]["failure"] == "refused"
        assert {row[f"grade.{NAME}"] for row in own} == {"good", "partial", "poor"} - (
            {"partial"} if run == "two" else set()
        )


@pytest.mark.parametrize(
    "line", ["compare", "compare --full", "compare --pairs", "compare --raters", "gate two --against one"]
)
def test_markdown_shows_and_does_nothing(
    world: BenchmarkFolder, medbench: Callable[..., Any], line: str
) -> None:
    """No link, picture, HTML, code or mention that is not ours."""
    said = medbench(*line.split(), "--format", "markdown")
    assert said.code in {0, 1, 3}, said.err
    assert said.out
    _moves_nothing(said.out)
    tokens = [token for top in _PARSER.parse(said.out) for token in (top, *(top.children or ()))]
    assert {re.sub("_(open|close)$", "", token.type) for token in tokens} <= _INERT
    assert not [
        token.content
        for token in tokens
        if token.type == "html_inline" and not _OURS.fullmatch(token.content)
    ]
    assert not re.search(r"[@#]\w", said.out)


def test_a_card_has_no_markup_of_others(world: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """The page holds our elements alone, and no link, script or style attribute."""
    card = world.path.parent / "hostile.html"
    assert medbench("report", "two", "--card", "-o", card).code == 0
    page = card.read_text("utf-8")
    _moves_nothing(page)
    elements = {token.partition(" ")[0] for token in re.findall(r"<([a-z0-9]+[^>]*)>", page)}
    ours = "html head meta title style body main section h1 h2 p div table thead tbody tr th td strong span"
    assert elements <= {*ours.split()}
    assert not re.search(r" (style|href|src|on[a-z]+)=", page)


@pytest.mark.parametrize("line", ["compare", "gate two --against one"])
def test_junit_is_xml(world: BenchmarkFolder, medbench: Callable[..., Any], line: str) -> None:
    """One case a claim, whatever the names in it."""
    said = medbench(*line.split(), "--format", "junit")
    assert said.code in {0, 1, 3}, said.err
    assert len(list(ET.fromstring(said.out.encode()).iter("testcase"))) == 1
    _moves_nothing(said.out)


@pytest.mark.parametrize("line", ["compare", "gate two --against one"])
def test_a_machine_gets_names_as_they_are(
    world: BenchmarkFolder, medbench: Callable[..., Any], line: str
) -> None:
    """JSON holds the name of the rater and of the benchmark, character by character."""
    record = json.loads(medbench(*line.split(), "--format", "json").out)
    assert NAME in _strings(record)
    assert world.head.name in _strings(record)


def _strings(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(map(str, value)) | set().union(*map(_strings, value.values()))
    if isinstance(value, list):
        return set().union(*map(_strings, value))
    return {value} if isinstance(value, str) else set()


def test_every_eval_ever_gives_every_text_back(
    world: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """The files lie below the folder, and the samples hold the texts as they were."""
    said = medbench("export", "one", "--every-eval-ever", "-o", tmp_path / "shared")
    assert said.code == 0, said.err
    _moves_nothing(said.err)
    (path,) = (tmp_path / "shared").glob("data/*/*/*/*.json")
    record = json.loads(path.read_bytes())
    samples = [
        json.loads(line)
        for line in (path.parent / f"{path.stem}_samples.jsonl").read_bytes().decode().splitlines()
    ]
    good = [sample for sample in samples if sample["evaluation_result_id"].endswith("/good")]
    assert [sample["output"]["raw"][0] for sample in good] == [*TEXTS, LONG]
    assert record["model_info"]["additional_details"]["system"] == f"{NAME} one"
    assert not [char for part in path.relative_to(tmp_path).parts for char in part if char in '<>:"\\|?*\x1b']


def test_the_hub_gets_names_as_they_are(
    world: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """YAML reads them back, and their files lie below the folder."""
    said = medbench("export", "one", "--hf", "--hub-dataset", "a/b", "-o", tmp_path / "hub")
    assert said.code == 0, said.err
    (path,) = (tmp_path / "hub").glob("models/*/*/.eval_results/*.yaml")
    entries = yaml.safe_load(path.read_bytes())
    assert any(f"system={NAME} one" in entry["notes"] for entry in entries)
    assert yaml.safe_load((tmp_path / "hub/dataset/eval.yaml").read_bytes())["name"] == world.head.name


def test_croissant_names_the_benchmark(world: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """JSON-LD with its name as it is, and no word of a case."""
    said = medbench("export", world.path, "--croissant")
    assert json.loads(said.out)["name"] == world.head.name
    assert "A mass." not in said.out
