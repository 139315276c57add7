"""The screens of `endpoint`: what would be put up, and what is up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Field, Paragraph, flush, table
from medbench.report.numbers import UNKNOWN
from medbench.schema.endpoint import machine_text
from medbench.sentences import money

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.report.blocks import Block, Table
    from medbench.schema.endpoint import Intent

COLUMN = 16


def offer(intent: Intent, licence: str) -> Paragraph:
    """Say what would be put up, what an hour costs and which terms count, before anybody agrees."""
    machine = machine_text(intent.machine, intent.accelerator, intent.accelerators)
    price = f"price of {intent.price_date}: {intent.price_source}"
    lines = [
        f"{intent.model_id.rpartition('/')[2]} on {machine}, {intent.location}, project {intent.project}.",
        f"{money(intent.usd_hour)} an hour from now until it is down, used or not ({price}).",
        f"Licence: {licence or 'see the page of the model in Model Garden'}.",
    ]
    return flush("\n".join(lines))


def options_table(options: Sequence[tuple[str, str]], chosen: int) -> Table:
    """Show the machines that the service offers, each with its container; the chosen one is marked."""
    rows = [
        [f"{machine} *" if number == chosen else machine, image.rpartition("/")[2] or UNKNOWN]
        for number, (machine, image) in enumerate(options)
    ]
    return table(["machine", "container"], rows, left=(0, 1), wraps=(1,))


def standing_fields(label: str, state: str, name: str, place: str, remark: str = "") -> Iterator[Block]:
    """Yield the lines of one deployment.

    Args:
        label: The model, as it is typed at -m.
        state: How it stands, for how long and for how much.
        name: Its name at the service.
        place: Machine, location, project and endpoint.
        remark: What a person should do about it; '' for nothing.
    """
    yield Field(label, state, COLUMN)
    yield Field("", name, COLUMN)
    yield Field("", place, COLUMN)
    if remark:
        yield Field("", remark, COLUMN)
    yield Blank()
