"""The finding metric on public labels that people made of reports, beside what other programs reach on them.

    python tools/validity/labels.py --openi GOLD.csv REPORTS.csv TEST.txt
    python tools/validity/labels.py --negation SENTENCES.txt CONTEXT.txt NEGEX.txt

Prints tables in Markdown; nothing of the sets comes with medbench, and nothing is written. docs/validity.md
says where the files are and what the figures mean.

--openi: labels of 14 findings (openi_gld_std14.csv of NegBio), the reports (a CSV with the columns uid,
findings and impression) and the names of the reports that others were tested on (openi-testset.txt).
--negation: sentences with a marked condition (rsAnnotations-1-120-random.txt of NegEx), and what two other
programs made of them (ContextFeatureCheckResults.txt, CallKit.results).
"""

from __future__ import annotations

import argparse
import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bars import table

import medbench as mb

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from medbench import Finding

CONCEPTS = {
    "Atelectasis": {"atelectasis", "rounded atelectasis"},
    "Cardiomegaly": {"cardiomegaly"},
    "Effusion": {
        "pleural effusion", "effusion", "hydropneumothorax", "hemopneumothorax", "hemothorax", "empyema",
        "chylothorax",
    },
    "Infiltration": {"opacity", "lung opacity"},
    "Mass": {"mass", "lung mass", "mediastinal mass", "pleural mass", "chest wall mass", "cystic mass"},
    "Nodule": {"nodule", "lung nodule"},
    "Pneumonia": {
        "pneumonia", "organizing pneumonia", "eosinophilic pneumonia", "lipoid pneumonia",
        "pneumocystis pneumonia", "aspiration pneumonia", "viral pneumonia", "round pneumonia",
    },
    "Pneumothorax": {"pneumothorax", "hydropneumothorax", "hemopneumothorax"},
    "Consolidation": {"consolidation"},
    "Edema": {"pulmonary edema", "edema"},
    "Emphysema": {"emphysema", "pulmonary interstitial emphysema", "congenital lobar emphysema"},
    "Fibrosis": {"pulmonary fibrosis", "progressive massive fibrosis", "scarring", "lung scarring"},
    "Pleural_Thickening": {"pleural thickening", "apical cap"},
}  # fmt: skip
"""Label to the concepts that mean it, by their names; no report is labelled Hernia, the fourteenth."""
WORDS = {
    ("Infiltration", "opacity"): "infiltrat",
    ("Infiltration", "lung opacity"): "infiltrat",
    ("Fibrosis", "scarring"): "fibro",
    ("Fibrosis", "lung scarring"): "fibro",
}
"""Label and wider concept to what its words have to hold, for the labels to be told apart."""
METAMAP = {
    "Atelectasis": (0.873, 0.965, 0.917), "Cardiomegaly": (1.0, 0.855, 0.922),
    "Effusion": (0.903, 0.875, 0.889), "Infiltration": (0.68, 1.0, 0.81), "Mass": (1.0, 0.667, 0.8),
    "Nodule": (0.867, 0.65, 0.743), "Pneumonia": (0.4, 0.8, 0.533), "Pneumothorax": (0.8, 0.571, 0.667),
    "Consolidation": (0.163, 0.875, 0.275), "Edema": (0.667, 0.909, 0.769),
    "Emphysema": (0.941, 0.64, 0.762), "Fibrosis": (1.0, 1.0, 1.0), "Pleural_Thickening": (1.0, 0.75, 0.857),
    "all": (0.772, 0.846, 0.807),
}  # fmt: skip
"""Precision, recall, F1 of MetaMap with NegEx: Wang et al. 2017, arXiv:1705.02315, table 18."""
NIH = {
    "Atelectasis": (0.887, 0.965, 0.924), "Cardiomegaly": (1.0, 0.855, 0.922),
    "Effusion": (0.966, 0.875, 0.918), "Infiltration": (0.81, 1.0, 0.895), "Mass": (1.0, 0.667, 0.8),
    "Nodule": (0.824, 0.7, 0.757), "Pneumonia": (0.444, 0.8, 0.571), "Pneumothorax": (0.8, 0.571, 0.667),
    "Consolidation": (0.778, 0.875, 0.824), "Edema": (0.769, 0.909, 0.833),
    "Emphysema": (0.941, 0.64, 0.762), "Fibrosis": (1.0, 1.0, 1.0), "Pleural_Thickening": (1.0, 0.75, 0.857),
    "all": (0.898, 0.85, 0.873),
}  # fmt: skip
"""The same of the method that labelled ChestX-ray14, NegBio."""
PRESENT, UNSURE = frozenset({"present"}), frozenset({"present", "uncertain"})


class Count(NamedTuple):
    """How often a label was rightly given, wrongly given, and missed."""

    right: int
    wrong: int
    missed: int

    def __str__(self) -> str:
        """Return precision, recall and F1."""
        given, there = self.right + self.wrong, self.right + self.missed
        return _shares(
            (_share(self.right, given), _share(self.right, there), _share(2 * self.right, given + there))
        )


class Condition(NamedTuple):
    """A condition marked in a sentence, what a person said of it, and what programs make of it."""

    number: int
    is_negated: bool
    is_historical: bool
    metric: str
    """The presence that the metric gives it; 'unread' where it does not know it, 'lost' where it drops it."""
    context: tuple[str, str]
    """Negation and temporality by GenConText."""
    negex: str
    """Negation by GenNegEx."""


def main() -> None:
    """Print the tables of the sets that are given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--openi", nargs=3, type=Path, metavar=("GOLD", "REPORTS", "TEST"))
    parser.add_argument("--negation", nargs=3, type=Path, metavar=("SENTENCES", "CONTEXT", "NEGEX"))
    given = parser.parse_args()
    if not (given.openi or given.negation):
        parser.error("give the files of a set: --openi or --negation")
    lines = [
        *(openi(*given.openi) if given.openi else ()),
        *(negation(*given.negation) if given.negation else ()),
    ]
    print("\n".join(lines))


def openi(gold: Path, reports: Path, test: Path) -> list[str]:
    """Return the tables of the Open-i labels.

    Args:
        gold: Names of reports with 0 or 1 for each of the labels.
        reports: Their texts.
        test: The names of those that other programs were tested on, one a line.
    """
    normal = {row["filename"] for row in _rows(gold) if row["normal"] == "1"}
    labels = {row["filename"]: {name for name in CONCEPTS if row[name] == "1"} for row in _rows(gold)}
    found = {f"CXR{row['uid']}": mb.findings(_text(row)) for row in _rows(reports)}
    tested = test.read_text("utf-8").split()
    others = labels.keys() - set(tested)
    parts = [f"### Open-i: {len(tested)} reports that others were tested on", ""]
    header = ("finding", "reports", "present", "present or unsure", "MetaMap, NegEx", "NegBio")
    rows = []
    for name in (*CONCEPTS, "all"):
        sure, unsure = (_count(name, tested, labels, found, kind) for kind in (PRESENT, UNSURE))
        rows.append(
            (name, sure.right + sure.missed, sure, unsure, _shares(METAMAP[name]), _shares(NIH[name]))
        )
    parts += table(header, rows)
    parts += ["", f"### Open-i: the {len(others)} other reports", ""]
    for_others = [
        [_count(name, others, labels, found, kind) for kind in (PRESENT, UNSURE)]
        for name in (*CONCEPTS, "all")
    ]
    named = zip((*CONCEPTS, "all"), for_others, strict=True)
    parts += table(header[:4], [(name, one.right + one.missed, one, two) for name, (one, two) in named])
    for part, names in (("tested on", normal & set(tested)), ("others", normal & others)):
        bare = sum(not any(one.presence == "present" for one in found[name]) for name in names)
        parts += ["", f"Labelled normal, {part}: nothing is present in {bare} of {len(names)}."]
    return [*parts, ""]


def negation(sentences: Path, context: Path, negex: Path) -> list[str]:
    """Return the tables of the negation labels.

    Args:
        sentences: Number, note, condition, sentence, negation, temporality and experiencer, by tabs.
        context: The same with what GenConText says of each.
        negex: Number, condition, sentence, label, marked sentence and what GenNegEx says, by tabs.
    """
    conditions = list(_conditions(sentences, context, negex))
    read = [one for one in conditions if one.metric not in {"unread", "lost", "denies itself"}]
    lost = sum(one.metric == "lost" for one in conditions)
    itself = sum(one.metric == "denies itself" for one in conditions)
    parts = [f"### Negation: {len(conditions)} marked conditions", ""]
    parts.append(
        f"The metric reads {len(read)} where they stand; {lost} it knows and leaves out there,"
        f" {itself} deny themselves ('skin without lesion').",
    )
    parts.append("")
    programs: dict[str, Callable[[Condition], bool]] = {
        "the metric": lambda one: one.metric == "absent",
        "NegEx": lambda one: one.negex == "negated",
        "ConText": lambda one: one.context[0] == "negated",
    }
    rows = [("negated", name, len(read), *_told(read, says, _is_negated)) for name, says in programs.items()]
    even = [one for one in read if one.number % 2 == 0]
    rows += [
        ("negated", f"{name}, even numbers", len(even), *_told(even, says, _is_negated))
        for name, says in programs.items()
    ]
    rows += [
        ("negated", f"{name}, all", len(conditions), *_told(conditions, programs[name], _is_negated))
        for name in ("NegEx", "ConText")
    ]
    affirmed = [one for one in read if not one.is_negated]
    past: dict[str, Callable[[Condition], bool]] = {
        "the metric": lambda one: one.metric == "past",
        "ConText": lambda one: one.context[1] == "historical",
    }
    rows += [
        ("historical", name, len(affirmed), *_told(affirmed, says, _is_past)) for name, says in past.items()
    ]
    return [*parts, *table(("label", "program", "conditions", "precision, recall, F1", "accuracy"), rows), ""]


def _count(
    name: str,
    reports: Iterable[str],
    labels: dict[str, set[str]],
    found: dict[str, tuple[Finding, ...]],
    kinds: Collection[str],
) -> Count:
    """Return how a label, or all, fare in some reports if findings of these kinds of presence count."""
    right = wrong = missed = 0
    for report in reports:
        there = labels[report] if name == "all" else labels[report] & {name}
        ours = {
            label for label in (CONCEPTS if name == "all" else (name,)) if _has(label, found[report], kinds)
        }
        right, wrong, missed = (
            right + len(there & ours),
            wrong + len(ours - there),
            missed + len(there - ours),
        )
    return Count(right, wrong, missed)


def _has(label: str, findings: Sequence[Finding], kinds: Collection[str]) -> bool:
    """True if one of the findings means the label."""
    names = CONCEPTS[label]
    return any(
        one.presence in kinds
        and one.concept.name in names
        and WORDS.get((label, one.concept.name), "") in one.words
        for one in findings
    )


def _conditions(sentences: Path, context: Path, negex: Path) -> Iterable[Condition]:
    """Yield each marked condition."""
    by_text = {}
    for row in _columns(negex):
        by_text[_letters(row[1]), _letters(row[2])] = row[5]
    for row, said in zip(_columns(sentences), _columns(context), strict=True):
        condition, sentence = (cell.strip('" ').replace("''", "'") for cell in row[2:4])
        yield Condition(
            int(row[0]),
            row[4].strip() == "Negated",
            row[5].strip() == "Historical",
            _presence(condition, _unmarked(condition, sentence)),
            (said[7].strip(), said[8].strip()),
            by_text[_letters(row[2]), _letters(row[3])].strip(),
        )


def _presence(condition: str, sentence: str) -> str:
    """Return what the metric makes of a condition in its sentence."""
    alone = [one for one in mb.findings(condition) if not one.is_normal]
    if not alone:
        return "unread"
    names = {one.concept.name for one in alone if one.presence != "absent"}
    if not names:
        return "denies itself"
    there = [one for one in mb.findings(sentence) if one.concept.name in names]
    words = {one.words for one in alone}
    return next((one.presence for one in (*[one for one in there if one.words in words], *there)), "lost")


def _unmarked(condition: str, sentence: str) -> str:
    """Return a sentence with its condition as it was written, and not in capitals."""
    marked = r"\s+".join(map(re.escape, condition.upper().split()))
    return re.sub(marked, lambda _: condition, sentence, count=1)


def _told(
    conditions: Sequence[Condition], says: Callable[[Condition], bool], truth: Callable[[Condition], bool]
) -> tuple[Count, float]:
    """Return how often a program says of a condition what a person does, as shares and as accuracy."""
    pairs = [(says(one), truth(one)) for one in conditions]
    count = Count(pairs.count((True, True)), pairs.count((True, False)), pairs.count((False, True)))
    return count, 1 - (count.wrong + count.missed) / len(pairs)


def _is_negated(condition: Condition) -> bool:
    return condition.is_negated


def _is_past(condition: Condition) -> bool:
    return condition.is_historical


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _columns(path: Path) -> list[list[str]]:
    lines = path.read_text("utf-8", errors="replace").splitlines()
    return [line.split("\t") for line in lines if line.strip()]


def _text(report: dict[str, str]) -> str:
    parts = ((name.capitalize(), report[name]) for name in ("findings", "impression"))
    return "\n\n".join(f"{title}:\n{text}" for title, text in parts if text)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _shares(shares: tuple[float, float, float]) -> str:
    return " / ".join(f"{share:.3f}".removeprefix("0") for share in shares)


if __name__ == "__main__":
    main()
