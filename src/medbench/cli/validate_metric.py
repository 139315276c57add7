"""`medbench validate-metric`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medbench.cli import console, options


def validate_metric(
    file: Annotated[
        Path, typer.Argument(help="CSV or JSON Lines: reference, candidate, rating (docs/validity.md).")
    ],
    json: options.Json = False,
) -> int:
    """Compare metrics with people's ratings of texts.

    \b
      medbench validate-metric ratings.jsonl     one row a text: reference, candidate, rating
    """
    from medbench.api.texts import validate_metric as api
    from medbench.report.cards import validation

    found = api(file).record
    if json:
        typer.echo(found.model_dump_json(indent=1))
        return 0
    console.show(*validation(found))
    return 0
