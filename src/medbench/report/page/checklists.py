"""The items of reporting guidelines, as far as records answer them; of the others the author must say."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from medbench.report.numbers import counts
from medbench.report.page.method import settings_text
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from medbench.report.page.method import Section
    from medbench.schema.results.report_view import ReportRun, ReportView

IMPORTED = "imported"
"""The pipeline of answers that were made elsewhere: of their requests only their source can tell."""


@dataclass(frozen=True, slots=True)
class RecordLinks:
    """A record and the places in the page that show it."""

    record: str
    """File and field, such as 'run.json system.model'."""
    places: tuple[tuple[str, str], ...]
    """Label and address of each."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a guideline."""

    number: str
    name: str
    answer: str
    """Answer from the records; empty where only the author can say."""
    records: tuple[RecordLinks, ...]
    """The records that say it; none where only the author can say."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """A guideline with its items."""

    name: str
    items: tuple[Item, ...]

    @property
    def answered(self) -> int:
        """Number of items that records answer, at least in part."""
        return sum(bool(item.answer) for item in self.items)


def checklists(view: ReportView, sections: Sequence[Section]) -> Iterator[Checklist]:
    """Yield MI-CLEAR-LLM, then REFINE.

    Args:
        view: What the page shows.
        sections: Its method, to which the items link.
    """
    answers = _answers(view)
    data = tomllib.loads(files("medbench.report.page").joinpath("checklists.toml").read_text("utf-8"))
    places = _places(sections)
    places |= {record: (("there", address),) for record, address in data["elsewhere"].items()}
    for guideline in data["guideline"]:
        items = []
        for number, name, key in guideline["items"]:
            answer = answers.get(key, "")
            shown = (record for record in data["records"].get(key, ()) if answer and record in places)
            items.append(Item(number, name, answer, tuple(RecordLinks(one, places[one]) for one in shown)))
        yield Checklist(guideline["name"], tuple(items))


def _places(sections: Sequence[Section]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return where each record stands in the method; once for each system."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for section in sections:
        for fact in section.facts:
            record = fact.record.replace(".stages.", ".")  # of several models each stage has the field
            found[record].setdefault(fact.of or "there", f"#{fact.place}")
    return {record: tuple(of.items()) for record, of in found.items()}


def _answers(view: ReportView) -> dict[str, str]:
    """Return what the records say, by what is asked."""
    parts = (_of_models, _of_requests, _of_benchmark, _of_metrics, _of_results, _of_statistics)
    said = {key: text for part in parts for key, text in part(view).items()}
    said["outputs"] = f"Free text; findings are read by parser {view.comparison.parser}."
    return {key: text for key, text in said.items() if text}


def _of_models(view: ReportView) -> dict[str, str]:
    stages = [(run, stage) for run in view.runs for stage in run.head.system.stages]
    sent = [(run, stage) for run, stage in stages if run.head.system.pipeline != IMPORTED]
    models = [f"{run.name}: {stage.model.id}{_answered(run)}, {_when(run)}" for run, stage in stages]
    more = " Developer, release, cut-off and access to the web: the author must say."
    return {
        "models": "; ".join(models) + "." + more if models else "",
        "access": _each((run.name, f"by provider {stage.model.provider}") for run, stage in sent),
        "modalities": _each(
            (run.name, f"text and images ({stage.images})") for run, stage in stages if stage.images
        ),
        "adaptation": _each((run.name, f"pipeline {run.head.system.pipeline}") for run in view.runs)
        + " Training and tuning of the models: the author must say.",
        "settings": _each((run.name, settings_text(stage)) for run, stage in sent),
    }


def _when(run: ReportRun) -> str:
    if run.head.system.pipeline == IMPORTED:
        return f"imported {run.head.created[:10]} (when it was asked the author must say)"
    return f"asked {run.head.created[:10]} to {run.ended[:10]}"


def _answered(run: ReportRun) -> str:
    return f" (answered as {', '.join(run.answered)})" if run.answered else ""


def _of_requests(view: ReportView) -> dict[str, str]:
    prompts = {
        run.name: [stage.prompt.name for stage in run.head.system.stages if stage.prompt] for run in view.runs
    }
    names = dict.fromkeys(name for of_run in prompts.values() for name in of_run)
    sent = [run for run in view.runs if run.head.system.stages and run.head.system.pipeline != IMPORTED]
    calls = [call for case in view.cases for output in case.view.outputs for call in output.calls]
    tries = sum(len(call.attempts) for call in calls)
    asked = [prompt for prompt in view.prompts if not prompt.example]
    sample, replicates = view.sample, view.sample.replicates
    here = "Of the cases on this page: a" if view.drawn_from is not None else "A"
    return {
        "prompts": f"{counted(len(asked), 'distinct prompt')} of the systems in full; each request as it was "
        "sent stands under its case." * bool(asked),
        "strategy": _each((run, ", ".join(found)) for run, found in prompts.items() if found),
        "sessions": "Each request stands alone, with no memory of another case." * bool(sent),
        "chance": f"{counted(replicates, 'answer')} to each case"
        + ("; how far they differ is in the intervals." if replicates > 1 else "; chance was not tested."),
        "attempts": f"{here} program asked: {counted(len(calls), 'answer')} in {counted(tries, 'attempt')}."
        * bool(tries),
        "selection": "The first text that came to each request counts." * bool(sent),
        "prompt_tests": "The prompts by name and digest. How they were chosen: the author must say."
        * bool(names),
        "other_prompts": f"Compared here: {', '.join(names)}." if len(names) > 1 else "",
        "context": f"The history of the case: {sample.histories} of {counted(sample.cases, 'case')} have one."
        * bool(sent),
    }


def _of_benchmark(view: ReportView) -> dict[str, str]:
    head = view.benchmark
    source = ", ".join(part for part in (head.dataset.name, head.dataset.source, head.dataset.commit) if part)
    sample = view.sample
    about = [part for part in (sample.regions, sample.modalities, sample.sexes) if part]
    transforms = _each(
        (run.name, str(stage.settings.get("image_transform", "files unchanged")))
        for run in view.runs
        for stage in run.head.system.stages
        if run.head.system.pipeline != IMPORTED
    )
    return {
        "dataset": f"{source}; digest {head.digest[:12]}. Licence and agreements: the author must say.",
        "sample": f"{'; '.join(map(counts, about))}.",
        "reference": "The text of the source, hidden from models. Its annotators: the author must say.",
        "preprocessing": transforms,
        "missing": f"Left out of the draw: {counts(head.left_out)}." * bool(head.left_out),
        "independence": f"{counted(head.pool, 'case')} kept apart from those that are measured. Whether "
        "models were trained on the source: the author must say.",
        "privacy": f"Cases may be sent to {head.bound_to} alone." * head.is_bound,
        "sharing": f"This page, and benchmark {head.digest[:12]}.",
    }


def _of_metrics(view: ReportView) -> dict[str, str]:
    sealed = [run.name for run in view.runs if run.sealed and not run.broken]
    return {
        "metrics": f"Signatures of {', '.join(view.comparison.signatures)}.",
        "audit": f"The seals of the records hold for {', '.join(sealed)}." * bool(sealed),
    }


def _of_results(view: ReportView) -> dict[str, str]:
    comparison = view.comparison
    failures: Counter[str] = Counter()
    for row in comparison.systems:
        failures.update(row.failures)
    people = [card for card in comparison.cards if card.against_people and card.against_people.n]
    latencies = [row.name for row in comparison.systems if "latency_ms" in row.metrics]
    return {
        "failures": f"Failures: {counts(failures) if failures else 'none'}; flags and findings by case.",
        "people": f"People graded a sample of {', '.join(card.rater for card in people)}." * bool(people),
        "floors": f"Floors: {', '.join(row.name for row in comparison.floors)}." * bool(comparison.floors),
        "resources": f"Seconds and dollars of each answer of {', '.join(latencies)}." * bool(latencies),
    }


def _of_statistics(view: ReportView) -> dict[str, str]:
    parts = dict.fromkeys(one.by for one in view.comparison.strata)
    return {
        "statistics": "Paired differences with 95 % intervals, p-values by Holm; "
        f"{view.comparison.resampling or 'no resampling'}.",
        "subgroups": f"By {', '.join(parts)}." * bool(parts),
    }


def _each(said: Iterable[tuple[str, str]]) -> str:
    """Return what is said of each run; once where it is the same for all."""
    found = list(said)
    if not found:
        return ""
    if len({text for _, text in found}) == 1:
        return f"{found[0][1]}."
    return "; ".join(f"{name}: {text}" for name, text in found) + "."
