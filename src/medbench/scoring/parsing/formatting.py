"""The formatting of an answer, which is taken off before its findings are scored. It isn't a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.scoring.parsing.answer import answer_of, has_thought
from medbench.scoring.parsing.text import is_json
from medbench.scoring.parsing.wrappers import without_preamble

if TYPE_CHECKING:
    from medbench.schema.score import Dress
    from medbench.scoring.parsing.parsed import ParsedText

_LONGEST_LEAD = 2_000


def formatting_of(text: str, parsed: ParsedText) -> tuple[Dress, ...]:
    """Return the names of what an answer holds besides findings, in alphabetical order."""
    answer = answer_of(text)
    lead = answer[:_LONGEST_LEAD]
    seen: dict[Dress, bool] = {
        "fence": "```" in text,
        "impression": parsed.impression is not None,
        "json": is_json(answer),
        "note": parsed.notes is not None,
        "preamble": without_preamble(lead) != lead.lstrip(),
        "thought": has_thought(text),
    }
    return tuple(sorted(name for name, is_seen in seen.items() if is_seen))
