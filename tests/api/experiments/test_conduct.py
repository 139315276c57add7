"""An experiment from its file to its conclusion, with providers that the test plants."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pages import Parsed
from scripted import Scripted, write_models

import medbench as mb
from medbench.api.experiments.planning import plan_experiment
from medbench.errors import UsageError
from medbench.schema.response import Reply, Request, Usage
from medbench.steps.experiment.seal import read_seal, seal_path

FILE = """
question = "Does the second one see more?"
benchmark = "phantom-40"
primary = "finding.f1"
max_cost = {cost}
limit = {limit}
[grid]
model = ["one.toml", "two.toml"]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an experiment of two models."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Scripted, "asked", [])
    write()
    return tmp_path


def write(*, cost: float = 1, limit: int = 12, price: str = "free = true", more: str = "") -> None:
    """Write the experiment and its two model files."""
    Path("which.toml").write_text(FILE.format(cost=cost, limit=limit) + more, "utf-8")
    write_models("one", "two", price=price)


def sighted(request: Request) -> str:
    """The second model names what is drawn, the first a fixed thing."""
    if request.model == "one":
        return "No abnormality."
    from medbench.store.benchmark import find_benchmark

    case = request.case_key.partition("/")[0]
    references = {one.case_id: one.text for one in find_benchmark("phantom-40").references()}
    return references[case]


def test_an_experiment_ends_in_the_comparison_that_it_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model that sees is better than the one that does not; it was declared before the first answer."""
    monkeypatch.setattr(Scripted, "says", staticmethod(sighted))
    write(limit=40)
    result = mb.experiment("which.toml", progress=False)
    assert result.complete
    assert result.comparison is not None
    (pair,) = [pair for pair in result.comparison.pairs if pair.a == "one"]
    assert pair.conclusion is not None
    assert (pair.b, pair.conclusion.outcome, pair.conclusion.metric) == ("two", "better", "finding.f1")
    shown = str(result)
    assert "Declared before the first answer" in shown
    assert "Does the second one see more?" in shown
    assert [one.answers for one in result.seal.declared] == [0]


def test_of_many_systems_each_declared_comparison_has_its_conclusion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of four systems two pairs are declared: both are concluded in words, beside the ranking of all."""
    monkeypatch.setattr(Scripted, "says", staticmethod(sighted))
    write(more='prompt = ["comprehensive", "focused"]\n[compare]\nagainst = { prompt = "comprehensive" }\n')
    result = mb.experiment("which.toml", progress=False)
    done = result.report_page("which.html", images="none")
    assert done is not None
    page = Parsed(done.path.read_text("utf-8")).text
    for shown in (" ".join(str(result).split()), page):
        concluded, _, ranked = shown.partition("First by finding F1")
        assert concluded.count("by Holm over 2 pairs") == 2
        assert ranked
    assert "p by Holm over 2 comparisons" in " ".join(str(result).split())
    assert "Each system minus" not in page, "the second pair has another reference"


def test_baselines_alone_are_compared(medbench: Callable[..., Any]) -> None:
    """Without a key an experiment of baselines has its comparison, and its next line can be typed."""
    Path("b.toml").write_text(
        'question = "q"\nbenchmark = "phantom-40"\nprimary = "finding.f1"\nmax_cost = 1\nlimit = 12\n'
        '[grid]\nmodel = ["baseline-retrieval", "baseline-normal"]\n',
        "utf-8",
    )
    said = medbench("run", "b.toml")
    assert said.code == 0
    assert "baseline-retrieval against baseline-normal" in said.words
    assert "medbench compare runs/phantom-40/baseline-retrieval runs/phantom-40/baseline-normal" in said.words
    assert "Wrote runs/phantom-40/experiments/b/report.html (40 cases, " in said.words
    page = Parsed(Path("runs/phantom-40/experiments/b/report.html").read_text("utf-8")).text
    assert "Declared before the first answer" in page
    assert "baseline-retrieval minus baseline-normal" in page or "baseline-normal minus" in page


def test_systems_of_one_server_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that drifts hits both alike: no answer is needed before the other system asks as often."""
    begun = Counter({"one": 0, "two": 0})
    alone: list[str] = []
    another = asyncio.Condition()

    async def ask(_: Any, request: Request) -> Reply:
        begun[request.model] += 1
        turn = begun[request.model]
        async with another:
            another.notify_all()
            try:
                async with asyncio.timeout(0 if alone else 60):
                    await another.wait_for(lambda: min(begun.values()) >= turn)
            except TimeoutError:
                alone.append(request.model)
        return Reply(text="There is a mass.")

    monkeypatch.setattr(Scripted, "ask", ask)
    mb.experiment("which.toml", progress=False)
    assert begun == {"one": 12, "two": 12}
    assert alone == []


def test_the_same_file_asks_nothing_twice_and_says_what_was_changed() -> None:
    """A wider margin after the answers is no declaration before them."""
    mb.experiment("which.toml", progress=False)
    asked = len(Scripted.asked)
    write(more="[compare]\nagainst = 'two'\n")
    text = Path("which.toml").read_text("utf-8").replace("max_cost", "margin = 30\nmax_cost")
    Path("which.toml").write_text(text, "utf-8")
    result = mb.experiment("which.toml", progress=False)
    assert len(Scripted.asked) == asked
    shown = str(result)
    assert "Changed after 24 answers" in shown
    assert "margin" in shown
    assert "comparisons" in shown
    seal = read_seal(seal_path(Path("runs"), "phantom-40", "which"))
    assert seal is not None
    assert len(seal.declared) == 2


def test_planned_looks_are_declared_and_share_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next look at more cases is part of the plan; a look that was not planned is a change."""
    monkeypatch.setattr(Scripted, "says", staticmethod(sighted))
    found = []
    for look, limit in ((1, 12), (2, 24), (4, 24)):
        write(limit=limit, more=f"[compare]\nlook = {look}\n")
        found.append(mb.experiment("which.toml", progress=False))
    for result, alpha in zip(found, (0.05 / 2, 0.05 / 6, 0.05 / 20), strict=True):
        assert result.comparison is not None
        assert result.comparison.alpha == pytest.approx(alpha)
    shown = [" ".join(str(result).split()) for result in found]
    assert "look 1, at p ≤ .025" in shown[0]
    assert "Next time: look 2." in shown[0]
    assert "Planned look after 24 answers" in shown[1]
    assert "limit '12' → '24'" in shown[1]
    assert "Changed" not in shown[1]
    assert "Changed after 48 answers" in shown[2]
    assert "look '2' → '4'" in shown[2]
    assert [one.declaration.look for one in found[2].seal.declared] == [1, 2, 4]


def test_a_first_look_after_the_answers_was_not_planned() -> None:
    """The level of a look is no gift to who has seen the data; without a look a declaration is as it was."""
    mb.experiment("which.toml", progress=False)
    seal_file = seal_path(Path("runs"), "phantom-40", "which")
    assert '"look"' not in seal_file.read_text("utf-8")
    write(more="[compare]\nlook = 1\n")
    shown = " ".join(str(mb.experiment("which.toml", progress=False)).split())
    assert "Changed after 24 answers" in shown
    write(more="[compare]\nlook = 0\n")
    with pytest.raises(UsageError, match="look"):
        mb.experiment("which.toml", progress=False)


def test_a_grid_over_its_budget_sends_nothing() -> None:
    """The estimate and what to write stand in the message."""
    write(cost=0.001, price="input = 10.0, output = 100.0, date = 2026-01-01")
    with pytest.raises(UsageError, match=r"expected to cost \$0\.\d\d more, and \$0\.001 may be spent"):
        mb.experiment("which.toml", progress=False)
    assert Scripted.asked == []
    assert not Path("runs/phantom-40/one").exists()


JUDGED = """
[judge]
judge = ["judge.toml"]
rubric = "report-like"
"""
DEAR = "input = 0, output = 10000, date = 2026-01-01"
"""A dollar for a hundred tokens of answer."""


async def _talks_much(self: Any, request: Request) -> Reply:
    """A hundred tokens, where one was expected; the judge's grade where it is asked."""
    judging = self.id == "judge"
    text = '{"reason": "so", "key_finding": true, "rating": "good"}' if judging else "There is a mass."
    usage = Usage(input=0, output=100, source="provider")
    return Reply(text=text, usage=usage, answered=self.id)


@pytest.fixture
def dear(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Writes an experiment of 24 answers and their verdicts that costs more than is expected."""

    def begin(self: Any, model: Any, _: object) -> None:
        self.id = model.id

    monkeypatch.setattr(Scripted, "__init__", begin)
    monkeypatch.setattr(Scripted, "id", "", raising=False)
    monkeypatch.setattr(Scripted, "ask", _talks_much)

    def write_it(cost: float) -> None:
        write(cost=cost, price=DEAR, more=JUDGED)
        write_models("one", "two", "judge", price=DEAR, output_tokens=1)

    return write_it


@pytest.mark.parametrize(
    ("in_file", "typed", "raised"),
    [(20, None, "max_cost in the file"), (66, None, "max_cost in the file"), (500, "66", "--max-cost")],
    ids=["the file's, by the models", "the file's, by the judge", "the line's, by the judge"],
)
def test_a_ceiling_holds_for_models_and_judge_and_names_what_raises_it(
    dear: Callable[[float], None], medbench: Callable[..., Any], in_file: int, typed: str | None, raised: str
) -> None:
    """Whichever is lower of the file's and the line's is what a higher number of goes on with."""
    dear(in_file)
    ceiling = ("--max-cost", typed) if typed else ()
    if in_file == 20:  # without a judge, whose forecast alone is above it
        Path("which.toml").write_text(Path("which.toml").read_text("utf-8").replace(JUDGED, ""), "utf-8")
    said = medbench("run", "which.toml", *ceiling)
    assert said.code == 3, said.err
    words = " ".join((said.out + said.err).split())
    assert f"with a higher {raised}" in words
    other = {"max_cost in the file", "--max-cost"} - {raised}
    assert f"a higher {other.pop()}" not in words
    assert sum(row["usd"] for row in mb.spent().to_dict()["rows"]) <= float(typed or in_file)


@pytest.mark.parametrize(
    ("ceiling", "code", "words"),
    [
        ((), 2, "Try: max_cost ="),
        (("--max-cost", "0.01"), 2, "Try: --max-cost "),
        (("--max-cost", "0.5"), 3, "the same line with a higher --max-cost"),
    ],
    ids=["file", "line", "one call"],
)
def test_a_dry_run_of_an_experiment_ends_as_the_experiment(
    dear: Callable[[float], None],
    medbench: Callable[..., Any],
    ceiling: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    """What is expected does not fit the file's ceiling or the line's, or no single call does."""
    dear(100 if ceiling else 0.01)
    text = Path("which.toml").read_text("utf-8").replace(JUDGED, "")
    Path("which.toml").write_text(text, "utf-8")
    dry, real = medbench("run", "which.toml", *ceiling, "--dry-run"), medbench("run", "which.toml", *ceiling)
    assert (dry.code, real.code) == (code, code)
    assert words in " ".join(dry.err.split())
    if code == 2:
        assert dry.err.partition("Error: ")[2] == real.err.partition("Error: ")[2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("question", "qestion"), "qestion"),
        (('"finding.f1"', '"good"'), "has no .judge."),
        (('["one.toml", "two.toml"]', "[]"), "no values"),
        (("[grid]", "[gird]"), "gird"),
        (('["one.toml", "two.toml"]', '["one.toml"]'), "nothing to compare"),
        (('"phantom-40"', '{ build = "medpicks" }'), "medpicks"),
        (('"phantom-40"', '{ build = "phantom", out = "p", caces = 3 }'), "caces"),
        (("max_cost = 1", "max_cost = -1"), "0 or more"),
    ],
)
def test_a_wrong_file_is_an_error_before_the_first_call(change: tuple[str, str], words: str) -> None:
    """Each names what is wrong."""
    path = Path("which.toml")
    path.write_text(path.read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(UsageError, match=words):
        mb.experiment("which.toml", progress=False)
    assert Scripted.asked == []


def test_a_benchmark_is_built_where_it_is_not_there() -> None:
    """Its folder is made once, and found again."""
    path = Path("which.toml")
    built = '{ build = "phantom", out = "small", cases = 10, pool = 5 }'
    path.write_text(path.read_text("utf-8").replace('"phantom-40"', built), "utf-8")
    for _ in range(2):
        plan = plan_experiment("which.toml", command="", notice=lambda _words: None)
        assert plan.benchmark.head.cases == 10


def test_probes_stand_beside_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are run, sealed and shown by system; the pairs and their p-values are those without them."""
    monkeypatch.setattr(Scripted, "says", staticmethod(sighted))
    write(limit=5)
    text = Path("which.toml").read_text("utf-8").replace("[grid]", 'probes = ["none", "mirror"]\n[grid]')
    Path("which.toml").write_text(text, "utf-8")
    result = mb.experiment("which.toml", progress=False)
    assert result.comparison is not None
    assert not [pair for pair in result.comparison.pairs if "probe" in pair.a + pair.b]
    assert [card.system for card in result.cards] == ["one", "two"]
    assert [drop.probe for drop in result.cards[1].drops] == ["none", "mirror"]
    assert "two+probe=mirror" in result.seal.declared[0].declaration.systems
    assert "Probes of two" in str(result)
    done = result.report_page("which.html", images="none")
    assert done is not None
    page = Parsed(done.path.read_text("utf-8")).text
    assert "Does the second one see more?" in page
    assert "Probes of two" in page
    Path("which.toml").write_text(text.replace('"mirror"', '"mirrors"'), "utf-8")
    with pytest.raises(UsageError, match="mirrors"):
        mb.experiment("which.toml", progress=False)
