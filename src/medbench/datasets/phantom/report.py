"""Writes a terse radiology report from the findings, in varied words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medbench.datasets.phantom.patient import Dice
    from medbench.datasets.phantom.regions import Region
    from medbench.schema.reference import KnownFinding

_NUMBERS = ("no", "one", "two", "three", "four", "five")


def write_report(region: Region, findings: tuple[KnownFinding, ...], dice: Dice, edition: int = 1) -> str:
    """Return the findings section: what is there, then some of what is not.

    The second edition has one sentence for each kind, so that nobody can doubt what it names.
    """
    present = {finding.kind for finding in findings}
    sentences = [_sentence(region, finding, dice, edition) for finding in findings]
    if not findings:
        sentences.append(dice.pick(region.normal))
    # What is next to a finding cannot be called normal.
    absent = [absent.text for absent in region.absent if not present & set(absent.untrue_with)]
    wanted = 4 - len(findings) if findings else 3
    sentences += dice.order(absent)[:wanted]
    return " ".join(sentences)


def write_diagnosis(region: str, findings: tuple[KnownFinding, ...]) -> str:
    """Return a short phrase that names all findings."""
    if not findings:
        return f"Normal study ({region})"
    named = []
    for finding in findings:
        side = f"{finding.side} " if finding.side in {"left", "right"} else ""
        several = finding.count > 1 and not finding.kind.endswith("s")
        named.append(f"{side}{finding.kind}{'s' if several else ''}, {finding.site}")
    text = "; ".join(named)
    return text[0].upper() + text[1:]


def _sentence(region: Region, finding: KnownFinding, dice: Dice, edition: int) -> str:
    kind = region.kind(finding.kind)
    several = finding.count > 1
    choices = kind.statements[-1:] if several else kind.statements[:1]
    if edition == 1:
        choices = (kind.sentences_for_several if several else ()) or kind.sentences or choices
    size, site, number = finding.size_mm or 0, finding.site or "", _NUMBERS[finding.count]
    article = "an" if size in {8, 11, 18} or 80 <= size < 90 else "a"
    return dice.pick(choices).format(
        a=article,
        A=article.capitalize(),
        size=size,
        side=finding.side,
        site=site,
        level=site.split()[0],
        place="central" if finding.side == "midline" else f"{finding.side} paracentral",
        count=number,
        Count=number.capitalize(),
    )
