"""The step `rescore`: streaming equals a plain reimplementation; what is stale is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exhaustive import bounded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from medbench.errors import InputError, NewerRecordError, UsageError
from medbench.executors import processes
from medbench.schema.case import Case
from medbench.schema.reference import Reference
from medbench.schema.response import CallFor, Cost, Failure, Response, Usage
from medbench.schema.run import Event, Output, System
from medbench.schema.score import Score, Slice, Summary
from medbench.scoring import findings, rules
from medbench.scoring.flags import find_flags
from medbench.scoring.item import Item
from medbench.scoring.parsing.text import CURRENT, OLD, parse, says_nothing
from medbench.steps.reading.selection import selected_cases
from medbench.steps.reading.summaries import parser_for, why_stale
from medbench.steps.rescore.rescore import Rescorer
from medbench.steps.rescore.tally import Tally
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records, write_one, write_records
from medbench.store.runs import EVENTS, HEAD, OUTPUTS, SCORES, SUMMARY, RunFolder, new_head
from medbench.store.summary import summary_of

RESPONSES = "responses.jsonl"
CONTROLS = ("swap.", "first89.", "generic.", "above_chance.")
TEXTS = [
    "FINDINGS: There is a mass of 8 cm in case-001. No effusion.",
    "A mass.\n\nIMPRESSION: benign",
    "I am sorry, I cannot analyze medical images.",
    "The CT shows [insert size] of mass. " * 3,
    "the mass is here and there. " * 80,
    "!!! ???",
    "FINDINGS:",
]


def _run(
    folder: Path, bench: BenchmarkFolder, outputs: list[Output], responses: list[Response], **event: Any
) -> RunFolder:
    folder.mkdir(parents=True, exist_ok=True)
    system = System(name=folder.name, family="other", pipeline="single")
    write_one(folder / HEAD, new_head(folder, bench, system, "medbench run"))
    write_records(folder / OUTPUTS, outputs)
    write_records(folder / RESPONSES, responses)
    write_records(folder / EVENTS, [Event(at="2026", kind="started", pid=1, **event)])
    return RunFolder(folder)


def _made(draw: Callable[..., Any], cases: int, replicates: int) -> tuple[list[Output], list[Response]]:
    outputs, responses = [], []
    for number in range(draw(st.integers(0, 16))):
        case = f"case-{draw(st.integers(0, cases - 1)):03d}"
        replicate = draw(st.integers(0, replicates - 1))
        text = draw(st.sampled_from([None, None, *TEXTS]))
        final = draw(st.booleans())
        failure = None if text else Failure(kind=draw(st.sampled_from("ab")), reason="r", final=final)
        behind = []
        for part in range(draw(st.integers(0, 2))):
            name = f"{number:03d}{part}"
            usd = draw(st.sampled_from([None, 0.25, 1.5]))
            responses.append(
                Response(
                    response_id=name,
                    request_digest="0" * 64,
                    call_for=CallFor(case_id=case, replicate=replicate, stage="s"),
                    asked="m",
                    text=text,
                    failure=failure,
                    finish_reason=draw(st.sampled_from([None, "stop", "length"])),
                    prompt=draw(st.sampled_from([None, "Describe the image."])),
                    latency_s=draw(st.sampled_from([None, 0.5, 2.0])),
                    usage=Usage(
                        input=draw(st.sampled_from([None, 7])), output=draw(st.sampled_from([None, 9]))
                    ),
                    cost=None if usd is None else Cost(usd=usd, basis="test"),
                )
            )
            behind.append(name)
        responses_of = tuple(behind)
        outputs.append(
            Output(
                case_id=case,
                case_digest="d",
                replicate=replicate,
                text=text,
                failure=failure,
                responses=responses_of,
            )
        )
    paid_without_output = draw(st.booleans())
    if responses and paid_without_output:
        responses.insert(0, responses[0].model_copy(update={"response_id": "lost"}))
    return outputs, responses


def _naive_settled(outputs: list[Output]) -> dict[tuple[str, int], Output]:
    counts: dict[tuple[str, int], Output] = {}
    for output in outputs:
        key = (output.case_id, output.replicate)
        earlier = counts.get(key)
        if earlier is None or (earlier.failure and (output.text or not earlier.failure.final)):
            counts[key] = output
    return counts


def _strata(case: Case, reference: str) -> dict[str, str]:
    words = len(reference.split())
    lengths = {25: "1-25 words", 50: "26-50 words", 100: "51-100 words", 10**9: "101+ words"}
    return {
        "region": case.region,
        "modality": case.modality,
        "images": "1" if len(case.images) == 1 else "2+",
        "reference": next(name for most, name in lengths.items() if words <= most),
    }


def _naive(
    bench: BenchmarkFolder, outputs: list[Output], responses: list[Response], parser: str
) -> dict[tuple[str, int], dict[str, Any]]:
    """Each case-replicate that counts: strata, failure, flags and numbers, all by dictionaries."""
    rouge = RougeScorer(["rougeL"], use_stemmer=True)
    calls = {response.response_id: response for response in responses}
    cases = {case.case_id: case for case in bench.cases()}
    references = {reference.case_id: reference.text for reference in bench.references()}
    found = {}
    for key, output in _naive_settled(outputs).items():
        case = cases[key[0]]
        entry: dict[str, Any] = {
            "strata": _strata(case, references[key[0]]),
            "failure": output.failure.kind if output.failure else None,
        }
        if output.text is not None:
            behind = [calls[name] for name in output.responses]
            parsed = parse(output.text, parser)
            triple = rouge.score(references[key[0]].strip(), parsed.findings)["rougeL"]
            silent = says_nothing(output.text)

            def total(values: list[Any], behind: list[Any] = behind) -> float | None:
                return None if None in values or not behind else sum(values)

            seconds = total([call.latency_s for call in behind])
            entry["numbers"] = {
                "rouge_l.recall": None if silent else triple.recall,
                "rouge_l.precision": None if silent else triple.precision,
                "rouge_l.f1": None if silent else triple.fmeasure,
                "words": len(parsed.findings.split()),
                "latency_ms": None if seconds is None else seconds * 1000,
                "cost_usd": total([call.cost.usd if call.cost else None for call in behind])
                if behind
                else 0.0,
                "tokens.input": total([call.usage.input for call in behind]),
                "tokens.output": total([call.usage.output for call in behind]),
            }
            ends = [call.finish_reason for call in behind]
            cut = [end for end in ends if end == "length"]
            entry["flags"] = find_flags(
                output.text,
                finish_reason=next(iter(cut or ends[-1:]), "stop"),
                prompt=behind[-1].prompt if behind else None,
                modalities=frozenset(image.modality for image in case.images if image.modality),
                planes=frozenset(image.plane or "unknown" for image in case.images),
            )
            item = Item(parsed=parsed, reference=references[key[0]], empty=silent)
            entry["numbers"].update({**findings.make()(item), **rules.make()(item)})
        found[key] = entry
    return found


def _check_slice(found: Slice, entries: list[dict[str, Any]], wanted: int) -> None:
    texts = [entry for entry in entries if entry["failure"] is None]
    assert (found.n, found.wanted) == (len(texts), wanted)
    for metric, estimate in found.metrics.items():
        if metric.startswith(CONTROLS):
            continue
        values = [entry["numbers"][metric] for entry in texts if entry["numbers"][metric] is not None]
        assert (estimate.n, estimate.missing) == (len(values), wanted - len(values)), metric
        assert (estimate.mean is None) == (not values)
        if values:
            assert estimate.mean == pytest.approx(np.mean(values), rel=1e-12), metric
            assert estimate.median == pytest.approx(np.median(values), rel=1e-12), metric
            assert estimate.p95 == pytest.approx(np.percentile(values, 95), rel=1e-9), metric


def _check_summary(
    summary: Summary,
    naive: dict[tuple[str, int], dict[str, Any]],
    bench: BenchmarkFolder,
    limit: int | None,
    many: int,
) -> None:
    entries = list(naive.values())
    wanted = [case.case_id for case in selected_cases(bench, limit)]
    assert summary.wanted == len(wanted) * many
    _check_slice(summary.everything, entries, summary.wanted)
    plain = [entry for entry in entries if entry["failure"] is None and not entry["flags"]]
    _check_slice(summary.unflagged, plain, len(plain))
    for name, values in summary.by.items():
        for value, part in values.items():
            of_it = [entry for entry in entries if entry["strata"][name] == value]
            texts = {reference.case_id: reference.text for reference in bench.references()}
            region = {case.case_id: _strata(case, texts[case.case_id])[name] for case in bench.cases()}
            _check_slice(part, of_it, sum(region[case] == value for case in wanted) * many)
    failed = [entry["failure"] for entry in entries if entry["failure"]]
    assert summary.failures == {kind: failed.count(kind) for kind in sorted(set(failed))}
    assert summary.outputs == len(entries) - len(failed)
    assert summary.not_run == max(0, summary.wanted - len(entries))
    flags = [flag for entry in entries for flag in entry.get("flags", ())]
    assert summary.flags == {flag: flags.count(flag) for flag in sorted(set(flags))}
    assert summary.flagged == sum(bool(entry.get("flags")) for entry in entries)


@settings(max_examples=bounded(200, 12), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_streaming_equals_a_plain_reimplementation(
    bench: BenchmarkFolder, tmp_path: Path, data: st.DataObject
) -> None:
    """Failures, retries, duplicates, replicates, several calls an output: every number is the plain one."""
    many = data.draw(st.integers(1, 3))
    outputs, responses = _made(data.draw, 6, many)
    parser = data.draw(st.sampled_from([CURRENT, OLD]))
    run = _run(tmp_path / "runs/bench/s", bench, outputs, responses, replicates=many)
    summary = Rescorer(parser).rescore(run)
    naive = _naive(bench, outputs, responses, parser)
    scores = list(read_records(run.path / SCORES, Score))
    assert len(scores) == len(naive), "one score a case-replicate"
    for score in scores:
        entry = naive[score.case_id, score.replicate]
        assert (score.failure, score.strata) == (entry["failure"], entry["strata"])
        assert score.parser == parser
        if entry["failure"] is None:
            assert score.flags == entry["flags"]
            numbers = {name: n for name, n in score.scores.items() if not name.startswith(CONTROLS)}
            assert numbers == entry["numbers"]
        else:
            assert not any(score.scores.values()), "a failure is never a score"
    _check_summary(summary, naive, bench, None, many)
    known = [response.cost.usd for response in responses if response.cost]
    unknown = bool(responses) and not known
    assert summary.cost_usd == (None if unknown else pytest.approx(sum(known))), "also what has no output"
    assert summary.cost_unknown == len(responses) - len(known)
    again = (run.path / SCORES).read_bytes(), (run.path / SUMMARY).read_bytes()
    assert Rescorer(parser).rescore(run) == summary
    assert ((run.path / SCORES).read_bytes(), (run.path / SUMMARY).read_bytes()) == again


def test_processes_give_the_bytes_of_this_one(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order, digits and failures are the same, whoever computed them."""
    many = write_benchmark(tmp_path / "many", 12)
    failure = Failure(kind="timeout", reason="r", final=True)
    outputs = [
        Output(case_id=f"case-{n % 12:03d}", replicate=n // 12, case_digest="d", text=text, failure=failed)
        for n in range(120)
        for text, failed in [(None, failure) if n % 7 == 3 else (f"{TEXTS[n % len(TEXTS)]} {n} cm.", None)]
    ]
    here = _run(tmp_path / "here" / "r", many, outputs, [], replicates=10)
    there = _run(tmp_path / "there" / "r", many, outputs, [], replicates=10)
    monkeypatch.setattr(processes, "usable_cores", lambda: 1)
    Rescorer().rescore(here)
    monkeypatch.setattr(processes, "usable_cores", lambda: 2)
    monkeypatch.setattr(processes, "PAYS_S", -1)
    monkeypatch.setattr(processes, "TRIED", 2)
    Rescorer().rescore(there)
    assert len(list(read_records(here.path / SCORES, Score))) == 120
    for name in (SCORES, SUMMARY):
        assert (there.path / name).read_bytes() == (here.path / name).read_bytes()


def _scored(bench: BenchmarkFolder, folder: Path, **event: Any) -> RunFolder:
    outputs = [Output(case_id="case-000", case_digest="d", text="a mass")]
    run = _run(folder, bench, outputs, [], **event)
    Rescorer().rescore(run)
    return run


def test_what_is_wanted_is_what_was_asked_for(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """With --limit the denominator is the limit, by strata too; what was not run is counted as such."""
    run = _scored(bench, tmp_path / "r", limit=4, replicates=2)
    summary = summary_of(run)
    assert summary is not None
    assert (summary.wanted, summary.outputs, summary.not_run) == (8, 1, 7)
    assert sum(part.wanted for part in summary.by["region"].values()) == 8
    assert summary.everything.metrics["words"].missing == 7


def test_a_text_that_is_the_same_for_every_case_is_at_chance(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Its number above chance is 0 whatever it scores; with the references themselves it is 1."""
    seen = ("A mass in the liver.", "Pleural effusion.", "A fracture of the left rib.", "Renal cyst.")

    def reference(case: Case) -> Reference:
        text = seen[int(case.case_id[-3:]) // 3 % 4]
        return Reference(case_id=case.case_id, source_id=case.case_id, text=text)

    many = write_benchmark(tmp_path / "many", 24, reference=reference)
    references = {reference.case_id: reference.text for reference in many.references()}

    def summary_with(name: str, texts: dict[str, str]) -> Summary:
        outputs = [Output(case_id=case, case_digest="d", text=text) for case, text in texts.items()]
        return Rescorer().rescore(_run(tmp_path / "runs" / name, many, outputs, []))

    blind = summary_with("blind", dict.fromkeys(references, "A mass in the liver. A renal cyst."))
    perfect = summary_with("perfect", references)
    for metric in ("finding.f1", "finding.key", "rules.good"):
        found = blind.everything.metrics[f"above_chance.{metric}"]
        assert blind.everything.metrics[metric].mean != 0
        assert found.mean == pytest.approx(0, abs=1e-9)
        assert (found.n, found.missing, found.median) == (24, 0, None)
        assert found.interval is not None
        assert perfect.everything.metrics[f"above_chance.{metric}"].mean == pytest.approx(1)
    assert "controls:2" in perfect.signatures["controls"]


def _tallied(f1: list[float], swap: list[float], many: int) -> dict[str, Any]:
    tally = Tally([({"images": "2+"}, many)], ["finding.f1", "swap.finding.f1"])
    for number, (value, chance) in enumerate(zip(f1, swap, strict=True)):
        strata = {"images": "2+"}
        scores = {"finding.f1": value, "swap.finding.f1": chance}
        score = Score(case_id=f"case-{number:03d}", replicate=0, strata=strata, parser=CURRENT, scores=scores)
        tally.add(score, strata, number)
    return tally.sums()


def test_a_part_that_is_the_whole_has_its_interval() -> None:
    """The same outputs have one interval, whatever they are called; what is missing is of what was wanted."""
    sums = _tallied([0.1, 0.5, 0.9, 0.2, 0.7, 0.3], [0.1, 0.0, 0.2, 0.1, 0.1, 0.0], 8)
    whole, part, unflagged = sums["everything"], sums["by"]["images"]["2+"], sums["unflagged"]
    for metric, estimate in whole.metrics.items():
        assert part.metrics[metric].interval == unflagged.metrics[metric].interval == estimate.interval
    assert [one.metrics["finding.f1"].missing for one in (whole, part, unflagged)] == [2, 2, 0]
    assert (whole.wanted, unflagged.wanted) == (8, 6)


def test_nothing_above_chance_is_said_to_be_beyond_perfect() -> None:
    """The ratio is at most 1: the straight line that its interval is computed by goes further."""
    sums = _tallied([1.0, 1.0, 1.0, 1.0, 0.0], [0.0, 0.6, 0.6, 0.0, 0.6], 5)
    interval = sums["everything"].metrics["above_chance.finding.f1"].interval
    assert interval.low < 0.4
    assert interval.high == 1


def test_a_run_without_any_text_still_has_its_denominators(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Where everything failed each metric stands there with n 0 and all that was wanted missing."""
    failure = Failure(kind="timeout", reason="r", final=True)
    outputs = [Output(case_id=f"case-{n:03d}", case_digest="d", failure=failure) for n in range(6)]
    summary = Rescorer().rescore(_run(tmp_path / "r", bench, outputs, []))
    recall = summary.everything.metrics["rouge_l.recall"]
    assert (recall.mean, recall.n, recall.missing) == (None, 0, 6)
    assert summary.failures == {"timeout": 6}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("nothing", None),
        ("no summary", "not scored yet"),
        ("broken summary", "not scored yet"),
        ("no scores", "not scored yet"),
        ("more outputs", "outputs have changed"),
        ("more responses", "outputs have changed"),
        ("other signature", "way of scoring has changed"),
        ("old parser", None),
        ("parser that is gone", "way of scoring has changed"),
    ],
)
def test_what_is_stale_is_known(bench: BenchmarkFolder, tmp_path: Path, change: str, why: str | None) -> None:
    """Scores fit their inputs, their parser and their scorers, or why not is said; a fixed parser stays."""
    run = _scored(bench, tmp_path / "r")
    summary = summary_of(run)
    assert summary is not None
    if change == "no summary":
        (run.path / SUMMARY).unlink()
    elif change == "broken summary":
        (run.path / SUMMARY).write_text("{")
    elif change == "no scores":
        (run.path / SCORES).unlink()
    elif change in {"more outputs", "more responses"}:
        path = run.path / (OUTPUTS if change == "more outputs" else RESPONSES)
        path.write_bytes(path.read_bytes() + b"x")
    elif change == "other signature":
        write_one(run.path / SUMMARY, summary.model_copy(update={"signatures": {"rouge": "x"}}))
    elif change == "old parser":
        Rescorer(OLD).rescore(run)
    elif change == "parser that is gone":
        write_one(run.path / SUMMARY, summary.model_copy(update={"parser": "gone-0", "signatures": {}}))
    found = why_stale(run, summary_of(run))
    assert found is None if why is None else found is not None
    assert why is None or why in str(found)
    assert parser_for(summary_of(run)) == (OLD if change == "old parser" else CURRENT)


def test_a_newer_summary_is_refused(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A summary of a newer medbench is not overwritten as if it were broken."""
    run = _scored(bench, tmp_path / "r")
    path = run.path / SUMMARY
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 2'))
    with pytest.raises(NewerRecordError, match="schema version '2'"):
        summary_of(run)


def test_an_output_of_no_case_is_a_sentence(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Outputs of a case that the benchmark does not have are named, and the old scores stay as they are."""
    run = _scored(bench, tmp_path / "r")
    before = (run.path / SCORES).read_bytes()
    path = run.path / OUTPUTS
    path.write_bytes(path.read_bytes() + path.read_bytes().replace(b"case-000", b"case-999"))
    with pytest.raises(InputError, match="'case-999'"):
        Rescorer().rescore(run)
    assert (run.path / SCORES).read_bytes() == before
    assert not list(run.path.glob("*.partial"))
    assert not list(run.path.glob(".*.partial"))


def test_a_changed_reference_is_never_scored_against(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """If references.jsonl is not the frozen one, nothing is scored."""
    run = _scored(bench, tmp_path / "r")
    path = bench.path / "references.jsonl"
    path.write_bytes(path.read_bytes().replace(b"mass", b"cyst"))
    with pytest.raises(InputError, match=r"references\.jsonl"):
        Rescorer().rescore(run)


def test_a_parser_that_does_not_exist_is_a_usage_error() -> None:
    """A mistyped parser is answered with the nearest one."""
    with pytest.raises(UsageError, match="'report-2026-20'") as caught:
        Rescorer("report-2026-20")
    assert OLD in caught.value.hint


def test_the_order_of_the_outputs_changes_no_interval(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Calls end in any order: the same outputs in another one give the same intervals, to twelve places."""
    texts = [f"A mass of {n} cm in case-00{n}. " + "No effusion. " * n for n in range(6)]
    outputs = [
        Output(case_id=f"case-{n:03d}", case_digest="d", text=text, responses=())
        for n, text in enumerate(texts)
    ]
    found = []
    for name, ordered in (("a", outputs), ("b", outputs[::-1])):
        summary = Rescorer().rescore(_run(tmp_path / name, bench, ordered, []))
        intervals = [one.interval for one in summary.everything.metrics.values() if one.interval]
        found.append([end for interval in intervals for end in (interval.low, interval.high)])
    assert len(found[0]) > 4
    assert found[0] == pytest.approx(found[1], rel=1e-12)
