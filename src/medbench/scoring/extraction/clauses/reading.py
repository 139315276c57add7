"""Reads a clause from left to right: each cue acts on its findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.attributes.giving import give_away, widened
from medbench.scoring.extraction.clauses.behind import AFTER, on_after
from medbench.scoring.extraction.clauses.denial import on_absent, on_absent_before, on_non, on_not
from medbench.scoring.extraction.clauses.doubt import (
    on_namely,
    on_uncertain_before,
    on_uncertain_list,
    on_versus,
)
from medbench.scoring.extraction.clauses.found import on_denied, on_finding, on_free, on_protocol
from medbench.scoring.extraction.clauses.naming import gives_name
from medbench.scoring.extraction.clauses.no_claim import OF_SENTENCE, on_apart, on_no_claim, on_sentence
from medbench.scoring.extraction.clauses.normal import on_normal, on_positive
from medbench.scoring.extraction.clauses.past import on_past_before
from medbench.scoring.extraction.clauses.reach import on_and, on_bracket, on_include, on_mark, on_verb
from medbench.scoring.extraction.clauses.where import on_attribute, on_medium, on_place
from medbench.scoring.extraction.phrases.kinds import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.scoring.extraction.clauses.clause import Clause

_HANDLERS: Final[dict[str, Callable[[Clause, int], None]]] = {
    **dict.fromkeys(ATTRIBUTES, on_attribute),
    **dict.fromkeys(AFTER, on_after),
    **dict.fromkeys(OF_SENTENCE, on_sentence),
    **dict.fromkeys(("?", "uncertain-before", "uncertain-cause"), on_uncertain_before),
    **dict.fromkeys((",", ":"), on_mark),
    ")": on_bracket, "and": on_and, "namely": on_namely, "medium": on_medium,
    "finding": on_finding, "denied": on_denied, "free": on_free,
    "place": on_place, "protocol": on_protocol, "verb": on_verb,
    "include": on_include, "absent-before": on_absent_before,
    "absent-either": on_absent, "non": on_non, "not": on_not,
    "past-before": on_past_before, "uncertain-list": on_uncertain_list,
    "versus": on_versus, "no-claim": on_no_claim, "normal": on_normal,
    "positive": on_positive, "apart": on_apart,
}  # fmt: skip


def read_clause(clause: Clause, *, names_the_last: bool) -> None:
    """Read a clause into its sentence.

    Args:
        clause: The clause.
        names_the_last: True if 'consistent with' or the like stands before it.
    """
    kinds, sentence, findings = clause.kinds[clause.first : clause.end], clause.sentence, clause.findings
    for index, handler in enumerate(map(_HANDLERS.get, kinds), clause.first):
        if handler is not None:
            handler(clause, index)
    if names_the_last and findings:
        if gives_name(sentence, findings[0]):
            del findings[0]
        else:
            findings[0].names_the_last = True
    if clause.negated and not clause.used:
        # 'Without extension into the mediastinum' denies the place too.
        clause.attributes = [at for at in clause.attributes if at < clause.negated_at]
    if clause.attributes or clause.scope:
        widely = widened(sentence, clause.scope, clause.attributes) if clause.scope else clause.attributes
        give_away(sentence, widely, findings, normal_said=clause.normal_said)
    sentence.statement = clause.statement or clause.before
    sentence.drafts += findings
