"""Training examples: what a model may learn from is apart from what it is measured by."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as pillow  # noqa: N813 - the class of that name is a record here

from medbench.errors import InputError, UsageError
from medbench.prompts.prompt import fill, load_prompt
from medbench.schema.case import Case
from medbench.schema.reference import Reference
from medbench.schema.training import Training
from medbench.steps.reading.beside import benchmarks_beside
from medbench.steps.training.examples import TrainingPlan, export_training
from medbench.store.benchmark import BenchmarkFolder, find_benchmark
from medbench.store.jsonl import read_one

PROMPT = load_prompt("findings", "comprehensive")


def _tokens(case: Case) -> Reference:
    """A reference with a token in each text; those of the pool have one that may be shown."""
    mark = f"canary-{case.case_id}"
    text = f"Pool answer of {case.case_id}." if case.case_id.startswith("pool") else f"{mark} text"
    return Reference(
        case_id=case.case_id,
        source_id=f"{mark}-source",
        split=f"{mark}-split",
        topic=f"{mark}-topic",
        title=f"{mark}-title",
        diagnosis=f"{mark}-diagnosis",
        differential=f"{mark}-differential",
        discussion=f"{mark}-discussion",
        acr_codes=(f"{mark}-acr",),
        text=text,
        captions=(f"{mark}-caption",),
        source_images=(f"{mark}-image",),
    )


def _like(field: str, value: str, *ids: str) -> Callable[[Case], Reference]:
    """References with tokens, of which these have another value in a field."""
    return lambda case: _tokens(case).model_copy(update={field: value} if case.case_id in ids else {})


def _plan(source: BenchmarkFolder, *apart: BenchmarkFolder, **more: Any) -> TrainingPlan:
    given: dict[str, Any] = {"training_set": False, "chat": "hf", "prompt": PROMPT} | more
    return TrainingPlan(source=source, apart_from=apart, **given)


@pytest.mark.parametrize("chat", ["hf", "vertex"])
def test_nothing_of_a_measured_case_leaves(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, chat: str
) -> None:
    """No token of any reference, nor an image or history of a measured case, is in what is written."""
    source = write_benchmark(tmp_path / "bench", 4, pool=3, reference=_tokens)
    out = tmp_path / "out" / "train.jsonl"
    out.parent.mkdir()
    export_training(_plan(source, chat=chat, images_at="gs://bucket/folder"), out)
    written = {path: path.read_bytes() for path in out.parent.rglob("*") if path.is_file()}
    assert not [path for path, content in written.items() if b"canary" in content or "canary" in str(path)]
    measured = {image.sha256 for case in source.cases() for image in case.images}
    assert measured.isdisjoint(hashlib.sha256(content).hexdigest() for content in written.values())
    everything = b"".join(written.values()).decode("latin-1")
    assert all(case.case_id not in everything for case in source.cases())
    assert everything.count("Pool answer of") == 3


def test_an_example_is_what_a_run_would_send(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """The filled prompt, then the images, unchanged; the reference as the answer; digests in the record."""
    source = write_benchmark(tmp_path / "bench", 4, pool=3, reference=_tokens)
    record = export_training(_plan(source), tmp_path / "train.jsonl")
    content = (tmp_path / "train.jsonl").read_bytes()
    lines = list(map(json.loads, content.splitlines()))
    for example, line in zip(source.pool, lines, strict=True):
        user, model = line["messages"]
        assert user["content"][0] == {"type": "text", "text": fill(PROMPT, example.case)}
        assert user["content"][1:] == [{"type": "image"}] * len(example.case.images)
        assert model == {"role": "assistant", "content": [{"type": "text", "text": example.text}]}
        sent = [(source.pool_path / image.file).read_bytes() for image in example.case.images]
        assert [(tmp_path / name).read_bytes() for name in line["images"]] == sent
    assert record == read_one(tmp_path / "train.record.json", Training)
    assert record.sha256 == hashlib.sha256(content).hexdigest()
    assert record.cases == {example.case.case_id: example.case.digest for example in source.pool}
    assert [one.digest for one in record.apart_from] == [source.head.digest]


def test_vertex_reads_images_from_a_bucket(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Each image is a file of the named folder with its type; without a folder there is nothing to write."""
    source = write_benchmark(tmp_path / "bench", 4, pool=1, reference=_tokens)
    with pytest.raises(UsageError, match="Cloud Storage"):
        export_training(_plan(source, chat="vertex"), tmp_path / "train.jsonl")
    assert not list(tmp_path.glob("train*"))
    export_training(_plan(source, chat="vertex", images_at="gs://b/f/"), tmp_path / "train.jsonl")
    (line,) = map(json.loads, (tmp_path / "train.jsonl").read_text("utf-8").splitlines())
    user, model = line["contents"]
    (name,) = (path.name for path in (tmp_path / "train-images").iterdir())
    assert user["parts"][1] == {"fileData": {"mimeType": "image/png", "fileUri": f"gs://b/f/{name}"}}
    assert model == {"role": "model", "parts": [{"text": "Pool answer of pool-000."}]}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("source_id", "case 17", "same_case"),
        ("topic", "A Topic", "same_topic"),
        ("diagnosis", "Gallstones.\nwith more", "same_topic"),
        ("text", "The lungs, are CLEAR", "same_text"),
    ],
    ids=["source", "topic", "diagnosis", "text"],
)
@pytest.mark.parametrize("own", [True, False], ids=["own", "other"])
def test_a_case_like_a_measured_one_is_refused(
    write_benchmark: Callable[..., BenchmarkFolder],
    tmp_path: Path,
    field: str,
    value: str,
    reason: str,
    own: bool,
) -> None:
    """One reason each, in the benchmark itself and in another one; the other cases remain."""
    shared = ("pool-001", "case-002") if own else ("pool-001",)
    source = write_benchmark(tmp_path / "a", 4, pool=3, reference=_like(field, value, *shared))
    other = write_benchmark(tmp_path / "b", 4, pool=0, reference=_like(field, value.lower(), "case-002"))
    if own:
        other = write_benchmark(tmp_path / "c", 4, pool=0, reference=_tokens)
    record = export_training(_plan(source, other), tmp_path / "train.jsonl")
    assert record.refused == {reason: 1}
    assert set(record.cases) == {"pool-000", "pool-002"}


@pytest.mark.parametrize(
    ("source", "other", "reason"),
    [
        ("MPX1135", "MPX1683_synpic7", "same_patient"),
        ("MPX1001_synpic3", "MPX1001", "same_case"),
        ("MPX1001_synpic3", "MPX1001_synpic4", "same_case"),
    ],
    ids=["patient", "image of a case", "two images of a case"],
)
def test_cases_of_medpix_are_known_by_patient(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, source: str, other: str, reason: str
) -> None:
    """Two cases of one patient, and images of one case, are never on both sides."""

    def reference(case: Case) -> Reference:
        named = {"pool-001": source, "case-002": other}.get(case.case_id)
        return _tokens(case).model_copy(update={"source_id": named} if named else {})

    bench = write_benchmark(tmp_path / "a", 4, pool=3, reference=reference)
    assert export_training(_plan(bench), tmp_path / "train.jsonl").refused == {reason: 1}


def test_an_image_that_is_almost_one_of_a_measured_case_is_refused(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """A copy in another size is found; where no case is left, the reasons are said and nothing is written."""
    source = write_benchmark(tmp_path / "a", 4, pool=1, reference=_tokens)
    (shown,) = source.pool[0].case.images

    def with_copy(case: Case) -> Case:
        made = io.BytesIO()
        with pillow.open(source.pool_path / shown.file) as image:
            image.resize((64, 64)).save(made, "PNG")
        (tmp_path / "b" / case.images[0].file).write_bytes(made.getvalue())
        changed = {"sha256": hashlib.sha256(made.getvalue()).hexdigest()}
        images = (case.images[0].model_copy(update=changed),)
        return Case.model_validate({**case.model_dump(), "images": images, "digest": ""})

    twin = write_benchmark(tmp_path / "b", 1, pool=0, reference=_tokens, changed=with_copy)
    with pytest.raises(InputError, match="1 with almost an image of a measured case"):
        export_training(_plan(source, twin), tmp_path / "train.jsonl")
    assert not list(tmp_path.glob("train*"))
    assert set(export_training(_plan(source), tmp_path / "train.jsonl").cases) == {"pool-000"}


def test_drawings_of_one_kind_are_apart(tmp_path: Path) -> None:
    """The phantom's pool is of its own patients, though each drawing of a kind looks like the others."""
    source = find_benchmark("phantom-40")
    beside = benchmarks_beside(source)
    record = export_training(_plan(source, *beside), tmp_path / "train.jsonl")
    assert (len(record.cases), record.refused) == (60, {})
    assert [one.name for one in record.apart_from] == ["phantom-40", "phantom-200"]


def test_benchmarks_beside_count_unless_others_are_named(
    write_benchmark: Callable[..., BenchmarkFolder],
    medbench: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those of the working folder, of the benchmark's folder and of medbench.toml; the counts are said."""
    monkeypatch.chdir(tmp_path)
    shared = _like("text", "The lungs are clear.", "pool-001", "case-002")
    for name in ("here", "shelf/one", "beside/two"):
        write_benchmark(tmp_path / name, 4, pool=0, reference=shared)
    write_benchmark(
        tmp_path / "beside" / "bench", 4, pool=3, reference=_like("text", "The lungs are clear.", "pool-001")
    )
    (tmp_path / "medbench.toml").write_text('[defaults]\nbenchmarks = "shelf"\n', "utf-8")
    said = medbench("export", "beside/bench", "--chat", "hf", "-o", "train.jsonl")
    assert said.code == 0
    assert "2 examples, apart from bench, two, here, one." in said.err
    assert "Refused 1 case: 1 with the text of a measured case." in said.err
    said = medbench(
        "export", "beside/bench", "--chat", "hf", "-o", "train.jsonl", "--apart-from", "beside/bench"
    )
    assert "3 examples, apart from bench." in said.err


def test_cases_are_exported_of_a_training_set_alone(
    write_benchmark: Callable[..., BenchmarkFolder],
    medbench: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A benchmark without a pool is for measuring unless it is said; one that was run always is."""
    monkeypatch.chdir(tmp_path)
    write_benchmark(tmp_path / "cases", 4, pool=0)
    line = ("export", "cases", "--chat", "hf", "-o", "train.jsonl")
    said = medbench(*line)
    assert (said.code, "its cases are for measuring" in said.err) == (2, True)
    assert medbench(*line, "--training-set").code == 0
    record = read_one(tmp_path / "train.record.json", Training)
    assert (len(record.cases), record.pool, record.apart_from) == (4, None, ())
    assert medbench("run", "cases").code == 0
    said = medbench(*line, "--training-set")
    assert (said.code, "was run: runs/cases" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--chat", "hf"), "need a file"),
        (("--chat", "hf", "--findings"), "--findings and --chat are 2 exports"),
        (("--chat", "hf", "-o", "t.jsonl", "--prompt", "few-shot"), "which only a pipeline fills in"),
        (("--chat", "hf", "-o", "t.jsonl", "--apart-from", "nothing"), "no benchmark is called 'nothing'"),
    ],
    ids=["no file", "both", "prompt", "benchmark"],
)
def test_what_cannot_be_exported_is_said_before_anything_is_written(
    medbench: Callable[..., Any], tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    """Each with exit code 2 and nothing on the disk."""
    said = medbench("export", "phantom-40", *options)
    assert (said.code, words in said.err, list(tmp_path.glob("t.*"))) == (2, True, [])
