"""The step `export`: writes the findings of a run's outputs as data."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from medbench.errors import InputError, UsageError
from medbench.schema.finding import FindingsLine
from medbench.schema.reference import Reference
from medbench.schema.score import Score
from medbench.scoring import findings
from medbench.scoring.matching.wording import pair_record
from medbench.scoring.parsing.text import CURRENT, parse
from medbench.scoring.signature import signature
from medbench.store.benchmark import REFERENCES
from medbench.store.jsonl import read_with_offsets
from medbench.store.offsets import Offsets
from medbench.store.outputs import output_key, outputs_that_count
from medbench.store.runs import OUTPUTS, SCORES, RunFolder
from medbench.unreadable import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from medbench.store.outputs import OutputKey

_RID = re.compile(r"RID\d+")


def export_findings(run: RunFolder, radlex: Mapping[str, str]) -> Iterator[FindingsLine]:
    """Yield one line per output: its findings paired with those of the reference.

    Raises:
        InputError: The benchmark of the run is gone or was changed.
    """
    benchmark = run.benchmark()
    benchmark.check()
    references: Offsets[str, Reference] = Offsets(benchmark.path / REFERENCES, Reference)
    for offset, stored in read_with_offsets(benchmark.path / REFERENCES, Reference):
        references[stored.case_id] = offset
    # The prompt was known when the run was scored.
    scores: Offsets[OutputKey, Score] = Offsets(run.path / SCORES, Score)
    for offset, score in read_with_offsets(run.path / SCORES, Score):
        if score.parser == CURRENT:
            scores[output_key(score.case_id, score.replicate)] = offset
    way = signature(findings.METHOD, CURRENT, run.head.benchmark.digest)
    with references, scores:
        for output in outputs_that_count(run):
            if output.text is None:
                continue
            scored = scores.get(output_key(output.case_id, output.replicate))
            text = scored.scored if scored else None
            text = parse(output.text).findings if text is None else text
            reference = references.get(output.case_id)
            if reference is None:
                raise InputError(
                    f"{run.path / OUTPUTS} has an output for '{output.case_id}', no case of its benchmark.",
                    "restore the file from a copy; medbench changes no line once it is written",
                )
            yield FindingsLine(
                case_id=output.case_id,
                replicate=output.replicate,
                system=run.head.system.name,
                parser=CURRENT,
                signature=way,
                pairs=tuple(pair_record(pair, radlex) for pair in findings.matched(reference.text, text)),
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
    except OSError as error:
        raise unreadable(error, f"'{path}'") from None
    except (UnicodeDecodeError, csv.Error) as error:
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
