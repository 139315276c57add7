"""The sentence writer: a terse radiology report from the findings, in varied words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.datasets.phantom.sentences import SENTENCES
from medbench.datasets.phantom.words import HISTORIES, NORMAL, RULED_OUT

if TYPE_CHECKING:
    from medbench.datasets.phantom.patient import Dice
    from medbench.schema.reference import KnownFinding

_NUMBERS = ("no", "one", "two", "three", "four", "five")


def write_report(region: str, findings: tuple[KnownFinding, ...], dice: Dice) -> str:
    """The findings section: what is there, then some of what is not."""
    present = {finding.kind for finding in findings}
    sentences = [_sentence(region, finding, dice) for finding in findings]
    if not findings:
        sentences.append(dice.pick(NORMAL[region]))
    # What is next to a finding cannot be called normal.
    absent = [text for kinds, text in RULED_OUT[region] if not present & set(kinds)]
    wanted = 4 - len(findings) if findings else 3
    sentences += dice.order(absent)[:wanted]
    return " ".join(sentences)


def write_diagnosis(region: str, findings: tuple[KnownFinding, ...]) -> str:
    """A short phrase that names all findings."""
    if not findings:
        return f"Normal study ({region})"
    named = []
    for finding in findings:
        side = f"{finding.side} " if finding.side in {"left", "right"} else ""
        several = finding.count > 1 and not finding.kind.endswith("s")
        named.append(f"{side}{finding.kind}{'s' if several else ''}, {finding.site}")
    text = "; ".join(named)
    return text[0].upper() + text[1:]


def write_history(region: str, dice: Dice) -> str:
    """A reason for the study; it does not depend on the findings, so it cannot give them away."""
    return dice.pick(HISTORIES[region])


def _sentence(region: str, finding: KnownFinding, dice: Dice) -> str:
    one, several = SENTENCES[region, finding.kind]
    template = dice.pick(several if finding.count > 1 and several else one)
    article = _article(finding.size_mm or 0)
    number = _NUMBERS[finding.count] if finding.count < len(_NUMBERS) else str(finding.count)
    site = finding.site or ""
    return template.format(
        a=article,
        A=article.capitalize(),
        size=finding.size_mm,
        side=finding.side,
        site=site,
        level=site.split()[0],
        place="central" if finding.side == "midline" else f"{finding.side} paracentral",
        count=number,
        Count=number.capitalize(),
    )


def _article(size: int) -> str:
    return "an" if size in {8, 11, 18} or 80 <= size < 90 else "a"
