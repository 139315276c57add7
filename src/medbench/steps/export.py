"""The step `export`: writes the findings of a run's outputs as data."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from medbench.errors import InputError, UsageError
from medbench.schema.finding import FindingsLine
from medbench.schema.score import Score
from medbench.scoring import findings
from medbench.scoring.matching.wording import pair_record
from medbench.scoring.parsing.text import CURRENT, parse
from medbench.scoring.signature import signature
from medbench.store.jsonl import read_records
from medbench.store.outputs import outputs_that_count
from medbench.store.runs import SCORES, RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


_RID = re.compile(r"RID\d+")


def export_findings(
    run: RunFolder, radlex: Mapping[str, str], parser: str = CURRENT
) -> Iterator[FindingsLine]:
    """Yield one line per output: its findings paired with those of the reference.

    Raises:
        InputError: The benchmark of the run is gone or was changed.
    """
    benchmark = run.benchmark()
    benchmark.check()
    texts = {reference.case_id: reference.text for reference in benchmark.references()}
    # The prompt was known when the run was scored.
    scored = {
        (score.case_id, score.replicate): score.scored
        for score in read_records(run.path / SCORES, Score)
        if score.parser == parser
    }
    way = signature(findings.METHOD, parser, run.head.benchmark.digest)
    for output in outputs_that_count(run):
        if output.text is None:
            continue
        text = scored.get((output.case_id, output.replicate))
        text = parse(output.text, parser).findings if text is None else text
        yield FindingsLine(
            case_id=output.case_id,
            replicate=output.replicate,
            system=run.head.system.name,
            parser=parser,
            signature=way,
            pairs=tuple(pair_record(pair, radlex) for pair in findings.matched(texts[output.case_id], text)),
        )


def read_radlex(path: Path) -> dict[str, str]:
    """Return RadLex ids by name in lower case, from a CSV table whose first two columns are name and id.

    Raises:
        UsageError: There is no such file.
        InputError: The file cannot be read, or holds no RadLex id.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row[:2] for row in csv.reader(file) if len(row) > 1]
    except FileNotFoundError:
        raise UsageError(f"'{path}' is not there.", "a CSV of name,RID,parent") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"'{path}' cannot be read as a table: {error}.", "a CSV of name,RID,parent"
        ) from None
    ids = {name.strip().lower(): rid.strip() for name, rid in rows if _RID.fullmatch(rid.strip())}
    if not ids:
        raise InputError(
            f"'{path}' has no RadLex id in its second column.",
            "a CSV of name,RID,parent, as RadLex is exported",
        )
    return ids
