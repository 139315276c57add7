"""`medbench trust`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medbench.cli import console
from medbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def trust(
    file: Annotated[
        Path | None, typer.Argument(help="A medbench.toml.  [the nearest upwards]", show_default=False)
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the files that you trust.")] = False,
) -> int:
    """Let a medbench.toml name servers, keys, models, code.

    \b
      medbench trust                         the nearest medbench.toml, as it stands now
      medbench trust --list                  the files that you trust
    """
    from medbench.config import find_settings, read_settings, seen_from_here
    from medbench.report.blocks import table
    from medbench.trust import split, trusted
    from medbench.trust import trust as remember

    if list_:
        rows = [[path, digest[:8]] for path, digest in sorted(trusted().items())]
        console.show(table(["file", "digest"], rows, left=(0, 1), wraps=(0,)))
        return 0
    path = (file.resolve() if file else None) or find_settings()
    if path is None or not path.is_file():
        raise UsageError(f"no '{file or 'medbench.toml'}' is here.", "medbench trust FILE")
    content, data = read_settings(path)
    _, guarded = split(data)
    remember(path, content)
    console.say(f"Trusted: {seen_from_here(path)}, until it is changed. It sets what needs trust:")
    rows = [[place, words] for place, words in _in_words(guarded)]
    console.show(table(["key", "value"], rows or [["nothing", ""]], left=(0, 1), wraps=(0, 1)))
    return 0


def _in_words(guarded: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    from medbench.addresses import shown_address
    from medbench.sentences import printable
    from medbench.toml_input import as_typed

    for place, value in guarded.items():
        if not isinstance(value, dict):
            yield place, printable(as_typed(value))
            continue
        of_files = value.get("provider") == "batch-files"  # whose base_url is a folder
        for key, each in value.items():
            shown = each
            if key in {"base_url", "addresses"} and not of_files:
                many = isinstance(each, list)
                shown = [*map(shown_address, map(str, each))] if many else shown_address(str(each))
            yield printable(f"{place}.{key}"), printable(as_typed(shown))
