"""The card of probes names what a planted model's answers rest on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted import Scripted, write_models

import medbench as mb
from medbench.schema.response import Request
from medbench.schema.results.cards.probe_card import ProbeCard
from medbench.steps.show.probe_card import probe_card
from medbench.store.benchmark import find_benchmark
from medbench.store.runs import RunFolder

KINDS = ("sees", "ignores", "turns", "repeats")
NORMAL = "No abnormality is seen."
TEMPLATE = "There is a mass in the left lung and a cyst in the right kidney. The bones are normal."


def exchanged(text: str) -> str:
    """Return a text with left and right exchanged."""
    other = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}
    return re.sub(r"\b[Ll]eft\b|\b[Rr]ight\b", lambda side: other[side[0]], text)


class Readers:
    """Planted models: what they say rests on the pictures that they are sent, or on the case."""

    def __init__(self) -> None:
        benchmark = find_benchmark("phantom-40")
        self.texts = {one.case_id: one.text for one in benchmark.references()}
        self.shown = {image.sha256: case.case_id for case in benchmark.cases() for image in case.images}

    def sees(self, request: Request) -> str:
        """Describe the picture that was sent, as it was sent."""
        transform = request.settings.get("image_transform", "none")
        if not request.images or "blank" in transform:
            return NORMAL
        text = self.texts[self.shown[request.images[0].sha256]]
        return exchanged(text) if "mirror" in transform else text

    def ignores(self, request: Request) -> str:
        """Know the case by heart, whatever is sent."""
        return self.texts[request.case_key.partition("/")[0]]

    def turns(self, request: Request) -> str:
        """See everything on the wrong side."""
        return exchanged(self.sees(request))

    def repeats(self, request: Request) -> str:
        """Say the same of every case."""
        del request
        return TEMPLATE


def _says(card: ProbeCard) -> tuple[dict[str, bool], dict[str, str]]:
    shares = {
        name: getattr(card, name).holds
        for name in ("right_sides", "flipped", "swapped", "collapsed")
        if getattr(card, name)
    }
    return {drop.probe: drop.needed for drop in card.drops}, shares


def test_each_planted_model_is_named_right(
    monkeypatch: pytest.MonkeyPatch, medbench: Callable[..., Any]
) -> None:
    """One reads the picture, one ignores it, one sees it mirrored, one repeats a template.

    The page of the run says so.
    """
    readers = Readers()
    monkeypatch.setattr(Scripted, "says", staticmethod(lambda asked: getattr(readers, asked.model)(asked)))
    write_models(*KINDS)
    probes = "none,blank,swap,mirror,no-history"
    mb.run("phantom-40", [f"{kind}.toml" for kind in KINDS], limit=20, probes=probes, progress=False)
    assert "repeats a template" in medbench("show", "repeats").words
    found = {}
    for kind in KINDS:
        card = probe_card(RunFolder(Path("runs/phantom-40", kind)))
        assert card is not None
        found[kind] = _says(card)
    for kind, (drops, shares) in found.items():
        seen = kind in {"sees", "turns"}
        assert drops == {
            "none": seen,
            "blank": seen,
            "swap": seen,
            "mirror": kind == "sees",
            "no-history": False,
        }, kind
        assert (shares["collapsed"] == "yes") == (kind == "repeats"), kind
        assert shares["swapped"] == ("yes" if seen else "no"), kind
        assert shares["flipped"] == ("yes" if seen else "no"), kind
    assert {kind: shares.get("right_sides") for kind, (_, shares) in found.items()} | {"repeats": None} == {
        "sees": "yes",
        "ignores": "yes",
        "turns": "no",
        "repeats": None,
    }
