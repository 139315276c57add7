"""Lists of findings: made once for a reference and a rubric, whoever asks, and never from a failure."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from judged_world import judge
from responses import FakeClient, answer, failed

from medbench.schema.reference import Reference
from medbench.schema.response import Failure
from medbench.schema.verdict import Listing
from medbench.steps.judge.listings import Listings
from medbench.steps.reading.judged_before import (
    LISTINGS,
    JudgedBefore,
    known_listings,
    listing_key,
)
from medbench.store.jsonl import read_records
from medbench.store.runs import LISTINGS_FOLDER

LISTER, OTHER = judge(rubric="matched-1"), judge("other", rubric="matched-1")
REFERENCE = Reference(case_id="case-1", source_id="s", text="A mass. No effusion.")
FINDINGS = [
    {"text": "a mass", "present": True, "key": True},
    {"text": "effusion", "present": False, "key": False},
]
LIST = json.dumps({"findings": FINDINGS})


def _listed(runs: Path, client: Any, *asked: tuple[Reference, Any]) -> list[Listing | Failure]:
    async def ask(listings: Listings) -> list[Listing | Failure]:
        return await asyncio.gather(*(listings.of(reference, by, client) for reference, by in asked))

    with Listings(runs, JudgedBefore(runs)) as listings:
        return asyncio.run(ask(listings))


def test_many_that_want_one_list_make_it_once(tmp_path: Path) -> None:
    """Calls in flight wait for the first of them; a second judge is given the list of the first."""
    client = FakeClient(answer(LIST))
    first, *others = _listed(tmp_path, client, *[(REFERENCE, LISTER)] * 3, (REFERENCE, OTHER))
    assert isinstance(first, Listing)
    assert others == [first] * 3
    assert len(client.requests) == 1
    assert [finding.text for finding in first.findings] == ["a mass", "effusion"]
    assert (first.lister, first.responses) == ("planted", ("r0",))
    assert _listed(tmp_path, FakeClient(), (REFERENCE, OTHER)) == [first], "it is on the disk"


def test_another_text_or_rubric_is_another_list(tmp_path: Path) -> None:
    """The words of the reference and of the rubric decide, not the case alone."""
    changed = REFERENCE.model_copy(update={"text": "A cyst."})
    rubric = LISTER.rubric.model_copy(update={"system": "Be strict."})
    strict = LISTER.model_copy(update={"rubric": rubric})
    client = FakeClient(answer(LIST), answer(LIST), answer(LIST))
    _listed(tmp_path, client, (REFERENCE, LISTER), (changed, LISTER), (REFERENCE, strict))
    assert len(client.requests) == 3
    assert set(known_listings(tmp_path)) == {
        listing_key(REFERENCE, LISTER.rubric),
        listing_key(changed, LISTER.rubric),
        listing_key(REFERENCE, rubric),
    }


def test_a_failure_is_named_and_asked_about_again(tmp_path: Path) -> None:
    """It says that the list failed, is final or not as its cause is, and is not kept."""
    failure = Failure(kind="timeout", reason="no answer", final=False)
    (found,) = _listed(tmp_path, FakeClient(failed(failure)), (REFERENCE, LISTER))
    assert isinstance(found, Failure)
    assert found.reason == "the reference's findings could not be listed: no answer"
    assert (found.kind, found.final) == ("timeout", False)
    unreadable = FakeClient(answer("no list"), answer('{"findings": []}'))
    (found,) = _listed(tmp_path, unreadable, (REFERENCE, LISTER))
    assert isinstance(found, Failure)
    assert (found.kind, found.final) == ("no_findings", True)
    (found,) = _listed(tmp_path, FakeClient(answer(LIST)), (REFERENCE, LISTER))
    assert isinstance(found, Listing)


def test_texts_of_one_case_share_the_failure_of_its_list(tmp_path: Path) -> None:
    """A session asks a judge once, whatever came of it; another judge is asked for itself."""
    failure = Failure(kind="server", reason="500", final=False)
    client = FakeClient(failed(failure), answer(LIST))
    *failures, found = _listed(tmp_path, client, *[(REFERENCE, LISTER)] * 3, (REFERENCE, OTHER))
    assert [one.kind for one in failures if isinstance(one, Failure)] == ["server"] * 3
    assert isinstance(found, Listing)
    assert len(client.requests) == 2


def test_the_first_list_on_the_disk_stands(tmp_path: Path) -> None:
    """Two lists of one key, as two machines may have made them: verdicts rest on the first."""
    (first,) = _listed(tmp_path, FakeClient(answer(LIST)), (REFERENCE, LISTER))
    assert isinstance(first, Listing)
    path = tmp_path / LISTINGS_FOLDER / LISTINGS
    second = first.model_copy(update={"lister": "another"})
    path.write_bytes(path.read_bytes() + second.to_line())
    assert len(list(read_records(path, Listing))) == 2
    assert [found.lister for found in known_listings(tmp_path).values()] == ["planted"]
