"""Records: strict, frozen, versioned; what is newer, unknown or broken is refused in a sentence."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from typing import Any

import pytest
from pydantic import ValidationError

import medbench.schema
from medbench.errors import NewerRecordError, RecordError
from medbench.schema.archive import Archive, ArchivedFile
from medbench.schema.base import SCHEMA_VERSION, FileRecord, Record, canonical, digest
from medbench.schema.batch import BatchEvent, BatchItem
from medbench.schema.benchmark import Benchmark, Dataset, Draw
from medbench.schema.case import Case, Image
from medbench.schema.endpoint import DeploymentEvent
from medbench.schema.experiment import Seal
from medbench.schema.finding import FindingsLine
from medbench.schema.reference import Reference
from medbench.schema.response import CallFor, Failure, Reply, Response
from medbench.schema.run import BenchmarkLink, Event, ModelUse, Output, Run, System
from medbench.schema.score import InputFile, Score, Slice, Summary
from medbench.schema.seal import FileEnd, Seals
from medbench.schema.training import BenchmarkDigest, Training
from medbench.schema.verdict import Canary, Listing, Verdict

IMAGE = Image(file="images/a.png", sha256="0" * 64, bytes=1, width=1, height=1, mode="L", modality="CT")
SLICE = Slice(n=0, wanted=0, metrics={})
SYSTEM = System(name="s", family="other", pipeline="single")
EXAMPLES: list[FileRecord] = [
    Training(
        file="f",
        sha256="s",
        chat="hf",
        source=BenchmarkDigest(name="b", digest="d"),
        pool=None,
        prompt="p",
        prompt_digest="d",
        images="all",
        cases={"c": "d"},
        apart_from=(),
        refused={"same_case": 1},
        medbench="0",
    ),
    Benchmark(name="b", digest="d", dataset=Dataset(name="x"), draw=Draw(), cases=1, images=1, medbench="0"),
    Case(case_id="c", region="Head", images=(IMAGE,)),
    Reference(case_id="c", source_id="S", text="t"),
    Response(response_id="r", request_digest="0" * 64, call_for=CallFor(case_id="c", stage="s"), asked="m"),
    Run(
        run_id="r",
        created="x",
        medbench="0",
        python="3",
        command="medbench run",
        benchmark=BenchmarkLink(name="b", path="b", digest="d"),
        system=SYSTEM,
        system_digest=SYSTEM.digest,
    ),
    Output(case_id="c", case_digest="d", text="t"),
    Event(at="x", kind="started", pid=1),
    DeploymentEvent(at="x", kind="created", name="n", pid=1, operation="o"),
    BatchEvent(at="x", batch="b", kind="intended", role="model", asked="m", items=1, most_usd=0.5),
    BatchItem(
        key="k",
        request_digest="0" * 64,
        call_for=CallFor(case_id="c", stage="s"),
        asked="m",
        prompt="p",
        word="w",
    ),
    Score(case_id="c", parser="p"),
    Summary(
        system="s",
        benchmark_digest="d",
        parser="p",
        signatures={},
        inputs={},
        scores=InputFile(bytes=0, sha256=""),
        sessions=(),
        cases=0,
        wanted=0,
        outputs=0,
        failures={},
        not_run=0,
        flags={},
        flagged=0,
        cost_usd=None,
        cost_unknown=0,
        everything=SLICE,
        unflagged=SLICE,
        by={},
    ),
    FindingsLine(case_id="c", system="s", parser="p", signature="f", pairs=()),
    Verdict(case_id="c", rater="r", rater_kind="judge", grade="good"),
    Canary(
        case_id="c",
        rater="r",
        probe="itself",
        allowed=("good",),
        grade="good",
        order="output-first",
        text_sha256="",
    ),
    Seal(name="e", declared=()),
    Archive(images="thumb", files=(ArchivedFile(path="runs/b/s/run.json", bytes=1, sha256="0" * 64),)),
    Seals(files={"outputs.jsonl": FileEnd(bytes=1, seal="0" * 16)}),
    Listing(case_id="c", reference_sha256="", rubric_digest="", findings=(), lister="m", responses=()),
]
EVERY_KIND = pytest.mark.parametrize("record", EXAMPLES, ids=lambda record: type(record).__name__)


def _all_records() -> list[type[Record]]:
    found = []
    for info in pkgutil.walk_packages(medbench.schema.__path__, "medbench.schema."):
        module = importlib.import_module(info.name)
        found += [
            kind
            for _, kind in inspect.getmembers(module, inspect.isclass)
            if issubclass(kind, Record) and kind.__module__ == module.__name__
        ]
    return found


def test_every_file_kind_is_tried_here() -> None:
    """A new kind of file record must be added to the examples above, so that these tests cover it."""
    kinds = {kind for kind in _all_records() if issubclass(kind, FileRecord)} - {FileRecord}
    assert kinds == {type(record) for record in EXAMPLES}


@pytest.mark.parametrize("kind", _all_records(), ids=lambda kind: kind.__name__)
def test_records_are_frozen_and_strict(kind: type[Record]) -> None:
    """Every record is frozen and refuses unknown fields; what fields mean, tests/test_docs.py asks for."""
    assert issubclass(kind, Record)
    assert kind.model_config.get("frozen")
    assert kind.model_config.get("extra") == "forbid"
    assert kind.__doc__


@EVERY_KIND
def test_a_record_comes_back_equal(record: FileRecord) -> None:
    """What is written as a line is read back as the same record."""
    line = record.to_line()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert type(record).from_line(line, "f, line 1,") == record


@EVERY_KIND
@pytest.mark.parametrize("extra", [{}, {"of_tomorrow": 1}])
def test_a_newer_version_is_refused_in_a_sentence(record: FileRecord, extra: dict[str, Any]) -> None:
    """A newer schema_version is refused with both versions, whether or not its fields still look right."""
    data = json.loads(record.to_line()) | {"schema_version": SCHEMA_VERSION + 1} | extra
    with pytest.raises(NewerRecordError) as caught:
        type(record).from_line(json.dumps(data).encode(), "f, line 3,")
    assert caught.value.message == "f, line 3, has schema version '2', this medbench reads up to '1'."
    assert caught.value.hint == "pip install -U medbench"


@EVERY_KIND
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"surprise": 1}, "surprise"),
        ({"schema_version": 0}, "schema_version"),
        ({"schema_version": "x"}, "s"),
    ],
)
def test_what_does_not_fit_is_named(record: FileRecord, changes: dict[str, Any], field: str) -> None:
    """An unknown field or a version that is none is refused with the field's name and the line's start."""
    data = json.loads(record.to_line()) | changes
    with pytest.raises(RecordError, match=rf"f is not a valid {record.what}: field '{field}") as caught:
        type(record).from_line(json.dumps(data).encode(), "f")
    assert not isinstance(caught.value, NewerRecordError)


@pytest.mark.parametrize(
    "line", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"text": "\\ud800"}', b"null", b"[1]", b"3", b'"x"']
)
def test_any_bytes_are_refused_in_a_sentence(line: bytes) -> None:
    """Whatever stands where a record should: a record error, short, with where it stands."""
    with pytest.raises(RecordError) as caught:
        Output.from_line(line, "o.jsonl, line 7,")
    assert caught.value.message.startswith("o.jsonl, line 7, is no")
    assert len(caught.value.message) < 400


def test_an_output_is_a_text_or_a_failure() -> None:
    """Neither both nor none: a failure never has a text, and a missing text always has a reason."""
    failure = Failure(kind="k", reason="r", final=True)
    for text, why in ((None, None), ("t", failure)):
        with pytest.raises(ValidationError):
            Output(case_id="c", case_digest="d", text=text, failure=why)
    for replicate in (-1, 10**9):
        with pytest.raises(ValidationError):
            Output(case_id="c", case_digest="d", text="t", replicate=replicate)


def test_half_characters_from_outside_become_whole_ones() -> None:
    """A lone surrogate, which no file can hold, is replaced; two halves that belong together are joined."""
    assert Reply(text="a\ud800b").text == "a\ufffdb"
    assert Reply(text="\ud83d\ude00 \udc00").text == "\U0001f600 \ufffd"
    assert Failure(kind="k", reason="\udcff", final=True).reason == "\ufffd"
    assert Output(case_id="c", case_digest="d", text="\ud800").to_line()


def test_a_case_cannot_be_changed_without_a_trace() -> None:
    """The digest covers everything that is shown; a case with another digest than its content is refused."""
    case = Case(case_id="c", region="Head", history="h", images=(IMAGE,))
    fields = set(Case.model_fields) - {"digest", "schema_version"}
    other: dict[str, object] = {"case_id": "d", "region": "X", "age": "9", "sex": "male", "history": "i"}
    other |= {"images": [], "question": {"text": "Is there a mass?", "kind": "yes/no"}}
    assert fields == set(other), "a new field of a case belongs into its digest"
    for name, value in other.items():
        changed = case.model_dump() | {name: value}
        with pytest.raises(ValidationError, match="digest"):
            Case.model_validate(changed)
        assert Case.model_validate(changed | {"digest": ""}).digest != case.digest


@pytest.mark.parametrize("case_id", ["", "../x", "a/b", ".a", "a b", "a\n", "-a", "ä", "x" * 121])
def test_a_case_id_is_no_path(case_id: str) -> None:
    """A case id names files: nothing that could lead elsewhere is accepted."""
    with pytest.raises(ValidationError):
        Case(case_id=case_id, region="Head", images=())


def test_canonical_json_is_one_for_equal_values() -> None:
    """Key order does not matter; numbers that JSON does not have are refused."""
    assert canonical({"b": 1, "a": "ü"}) == '{"a":"ü","b":1}'.encode()
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    with pytest.raises(ValueError, match="JSON"):
        canonical(float("nan"))


def test_the_modality_of_a_case_is_that_of_its_images() -> None:
    """One modality, both, or 'unknown', always in the same order."""
    mr = IMAGE.model_copy(update={"modality": "MR"})
    none = IMAGE.model_copy(update={"modality": None})
    found = [
        Case(case_id="c", region="R", images=images).modality for images in ((mr, IMAGE), (mr,), (none,), ())
    ]
    assert found == ["CT+MR", "MR", "unknown", "unknown"]


def test_the_name_of_a_system_is_not_in_its_digest() -> None:
    """Renaming changes nothing; any other field does."""
    assert SYSTEM.model_copy(update={"name": "x"}).digest == SYSTEM.digest
    for change in ({"pipeline": "x"}, {"settings": {"a": 1}}, {"family": "x"}, {"images": "all"}):
        assert SYSTEM.model_copy(update=change).digest != SYSTEM.digest


@pytest.mark.parametrize(
    "name", ["a\nBetter.", "a\r\n  Better.", "a\x85Better.", "a\u2028Better.", "a Better."]
)
def test_a_name_from_outside_is_one_line(name: str) -> None:
    """A model, a system or a rater that breaks the line would begin a sentence of its own on a screen."""
    model = ModelUse(name=name, provider=name, id=name)
    assert model == ModelUse(name="a Better.", provider="a Better.", id="a Better.")
    assert System(name=name, family=name, pipeline="single").name == "a Better."
    told = {"case_id": "c", "rater": name, "rater_kind": "judge", "grade": "good", "answered": name}
    verdict = Verdict.model_validate(told | {"rationale": name})
    assert (verdict.rater, verdict.answered, verdict.rationale) == ("a Better.", "a Better.", name)
