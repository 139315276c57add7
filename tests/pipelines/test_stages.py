"""Pipelines of several calls: what each stage is asked, what comes of it, and what is paid once."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scripted import Scripted, write_models

import medbench as mb
from medbench.api.experiments.result import ExperimentResult
from medbench.errors import UsageError
from medbench.images.recorded import Pictures
from medbench.schema.case import Case
from medbench.schema.reference import Reference
from medbench.schema.response import Request, Response
from medbench.schema.run import Output
from medbench.scoring.consensus import consensus
from medbench.scoring.findings import measured
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import OUTPUTS, RESPONSES

SETTINGS = "max_tokens = 100\ntemperature = 1.0"
ASKED: list[Request] = []


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder with two model files; the list of requests begins empty."""
    monkeypatch.chdir(tmp_path)
    write_models("small", "large", limits="concurrency = 2", settings=SETTINGS)
    ASKED.clear()
    monkeypatch.setattr(Scripted, "says", staticmethod(heard))
    yield
    ASKED.clear()


def heard(request: Request) -> str:
    """Keep the request, and answer with the model's name."""
    ASKED.append(request)
    return f"A mass, says {request.model}."


def experiment(
    grid: str, *, limit: int = 4, more: str = "", benchmark: str = "phantom-40"
) -> ExperimentResult:
    """Conduct an experiment with this grid on a few phantom cases."""
    head = (
        f'question = "?"\nbenchmark = "{benchmark}"\nprimary = "finding.f1"\nmax_cost = 1\nlimit = {limit}\n'
    )
    Path("e.toml").write_text(f"{head}[grid]\n{grid}\n{more}", "utf-8")
    return mb.experiment("e.toml", progress=False)


def outputs(run: str) -> list[Output]:
    """The outputs of a run."""
    return list(read_records(Path("runs/phantom-40") / run / OUTPUTS, Output))


TWO = """
pipeline = ["two-stage"]
"stages.first.model" = ["small.toml"]
"stages.second.model" = ["large.toml", "small.toml"]
"""


def test_the_second_stage_takes_up_the_first_answer() -> None:
    """With the images, free to correct it; and what both systems ask first is asked once."""
    experiment(TWO)
    first = [request for request in ASKED if "main abnormality on these images?" in request.text]
    second = [request for request in ASKED if "A mass, says small." in request.text]
    assert len(first) == 4
    assert len(second) == 8
    assert all(request.images for request in (*first, *second))
    assert {request.model for request in second} == {"large", "small"}
    runs = sorted(
        path.name for path in Path("runs/phantom-40").iterdir() if path.name.startswith("two-stage")
    )
    responses = [list(read_records(Path("runs/phantom-40") / run / RESPONSES, Response)) for run in runs]
    assert sum(one.reused_from is not None for lines in responses for one in lines) == 4
    (mixed,) = [run for run in runs if "large" in run]
    assert [output.text for output in outputs(mixed)] == ["A mass, says large."] * 4


def test_a_refiner_sees_the_text_and_no_image() -> None:
    """The rewriting model may read text only."""
    experiment(
        'pipeline = ["refine"]\nmodel = ["small.toml"]\n"stages.rewrite.model" = ["large.toml", "small.toml"]'
    )
    rewriting = [request for request in ASKED if "Rewrite the description" in request.text]
    assert rewriting
    assert not any(request.images for request in rewriting)
    assert all("A mass, says small." in request.text for request in rewriting)


def test_questions_are_those_of_the_region_and_their_answers_stand_together() -> None:
    """Each is a call of its own."""
    experiment('model = ["small.toml", "large.toml"]\nprompt = ["by-region"]', limit=5)
    (run,) = [path.name for path in Path("runs/phantom-40").iterdir() if path.name.startswith("small")]
    for output in outputs(run):
        assert len(output.responses) == 3
        assert output.text is not None
        assert output.text.count("A mass, says small.") == 3
        assert output.text.count("?") >= 3


def test_fewer_samples_are_the_first_of_more() -> None:
    """Three samples of a case cost nothing where five are paid for; the notes say who agreed."""
    experiment('model = ["small.toml"]\npipeline = ["self-consistency"]\nsamples = [3, 5]')
    assert len(ASKED) == 4 * 5
    runs = sorted(path.name for path in Path("runs/phantom-40").iterdir() if path.name.startswith("small"))
    for run in runs:
        assert [output.notes["agreement"] for output in outputs(run)] == [{"mass": 1.0}] * 4


def test_a_majority_of_noisy_readers_is_better_the_more_they_are() -> None:
    """A reader who names each true finding with .7 and each false one with .3: as the binomial says."""
    true = ["pneumothorax", "renal mass", "gallstone", "ascites"]
    false = ["meningioma", "scoliosis", "appendicitis", "thyroid nodule"]
    truth = " ".join(f"{name.capitalize()}." for name in true)
    noise = random.Random(5)

    def reading() -> str:
        said = [name for name in true if noise.random() < 0.7] + [
            name for name in false if noise.random() < 0.3
        ]
        return "\n".join(f"{name.capitalize()}." for name in said) or "Nothing."

    means, rounds = [], 40
    for samples in (1, 5, 11):
        texts = [consensus([reading() for _ in range(samples)]).text for _ in range(rounds)]
        for names, rate in ((true, 0.7), (false, 0.3)):
            kept = sum(name in text.casefold() for text in texts for name in names) / rounds / len(names)
            # Each finding is kept as the binomial says; four standard errors apart at most.
            assert abs(kept - majority(rate, samples)) < 4 * math.sqrt(0.25 / rounds / len(names))
        means.append(sum(measured(truth, text).f1 or 0.0 for text in texts) / rounds)
    assert means[0] < means[1] < means[2]
    assert means[2] - means[0] > 0.1


def majority(rate: float, samples: int) -> float:
    """The chance that more than half of the samples have what each has with this rate."""
    return sum(
        math.comb(samples, n) * rate**n * (1 - rate) ** (samples - n)
        for n in range(samples // 2 + 1, samples + 1)
    )


def test_retrieval_shows_pool_texts_and_says_which() -> None:
    """Never a case of the benchmark; k of them, with their likeness."""
    experiment('model = ["small.toml"]\npipeline = ["retrieval"]\nk = [1, 3]\nby = ["both"]')
    cases = {case.case_id for case in mb.benchmark("phantom-40").cases}
    (run,) = [path.name for path in Path("runs/phantom-40").iterdir() if "k=3" in path.name]
    for output in outputs(run):
        neighbours = output.notes["neighbours"]
        assert len(neighbours) == 3
        assert not {name for name, _ in neighbours} & cases
        assert [likeness for _, likeness in neighbours] == sorted((n for _, n in neighbours), reverse=True)
    assert all("Example 1:" in request.text for request in ASKED)


def test_retrieval_shows_an_image_of_each_example_before_those_of_the_case() -> None:
    """Whole files of the pool, each numbered in the text; who is sent no image is sent none of these."""
    experiment(
        'model = ["small.toml"]\npipeline = ["retrieval"]\nby = ["region"]\nexample_images = [false, true]'
    )
    benchmark = mb.benchmark("phantom-40")
    pictures = Pictures(benchmark.path, shipped=True)
    pool = {example.case.images[0].sha256 for example in benchmark.folder.pool}
    cases = {case.case_id: case for case in benchmark.cases}
    plain, shown = (
        [one for one in ASKED if ("(image 1)" in one.text) is with_it] for with_it in (False, True)
    )
    assert len(plain) == len(shown) > 1
    own = {one.case_key: one.images for one in plain}
    for request in shown:
        before, after = request.images[:2], request.images[2:]
        assert {image.sha256 for image in before} <= pool
        assert (
            after == own[request.case_key] == cases[request.case_key.partition("/")[0]].images[: len(after)]
        )
        assert "Images 1 to 2 are of the examples; the images after them are of the patient" in request.text
        assert "Example 2 (image 2):" in request.text
        for image in before:
            assert hashlib.sha256(pictures.read(image)).hexdigest() == image.sha256
    ASKED.clear()
    experiment(
        'model = ["large.toml"]\npipeline = ["retrieval"]\nexample_images = [true]\n'
        'images = ["none", "first"]'
    )
    assert {(len(one.images), "(image 1)" in one.text) for one in ASKED} == {(0, False), (3, True)}


def test_images_of_examples_count_among_those_that_a_model_takes() -> None:
    """Two examples and an image of the case are three: an error before the first call."""
    write_models("small", limits="concurrency = 2, images = 2", settings=SETTINGS)
    grid = 'model = ["small.toml"]\npipeline = ["retrieval"]\nimages = ["first"]\nexample_images = [{}]'
    with pytest.raises(UsageError, match="3 images"):
        experiment(grid.format("false, true"))
    assert ASKED == []


@pytest.mark.parametrize("leak", ["id", "image"])
def test_a_pool_with_a_measured_case_is_refused(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, leak: str
) -> None:
    """Whoever is chosen by whatever likeness, no example may be the answer; nothing is asked."""
    cases: list[Case] = []

    def planted(case: Case) -> Case:
        cases.append(case)
        if case.case_id != "pool-001":
            return case
        same = {"case_id": "case-001"} if leak == "id" else {"images": cases[1].images}
        return Case.model_validate(case.model_dump() | {"digest": ""} | same)

    def reference(case: Case) -> Reference:
        return Reference(case_id=planted(case).case_id, source_id=case.case_id, text="There is a mass.")

    write_benchmark(tmp_path / "leaky", 4, pool=4, reference=reference, changed=planted)
    with pytest.raises(UsageError, match="is measured too"):
        experiment('model = ["small.toml"]\npipeline = ["single", "retrieval"]', benchmark="leaky")
    assert ASKED == []
    experiment('model = ["small.toml", "large.toml"]', benchmark="leaky")
    assert len(ASKED) == 8


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ('model = ["small.toml"]\nprompt = ["elaborate", "primary"]', "uses .answer"),
        ('model = ["small.toml"]\npipeline = ["retrieval"]\nby = ["x", "both"]', "cannot be chosen by"),
        (
            'pipeline = ["two-stage"]\nmodel = ["large.toml"]\n"stages.second.prompt" = ["focused"]',
            "never uses",
        ),
        (
            'pipeline = ["refine"]\nmodel = ["small.toml"]\n"stages.third.model" = ["large.toml"]',
            "third",
        ),
    ],
)
def test_what_does_not_fit_is_an_error_before_the_first_call(grid: str, words: str) -> None:
    """A prompt without the pipeline that fills it in, a role that is none."""
    with pytest.raises(UsageError, match=words):
        experiment(grid)
    assert ASKED == []
