"""Money and limits in a server's refusal: what waiting mends, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.providers._http.refusal_facts import found_in, near, says, without

if TYPE_CHECKING:
    from medbench.providers._http.refusal_facts import Facts

# Advice ('add credits for higher limits') says nothing of what happened.
_ADVICE: Final = (
    r"(?:^|(?<=[.;!?,\n])|(?<=and|but)) *(?:please|kindly|upgrade|add|buy|purchase|top up|need more|"
    r"to \w+,? |visit|see|for (?:more|details|inquir|further|improved)|consider|learn|if |contact|"
    r"you (?:may|can) |go to|"
    r"manage|subscribe|check|try |请)[^.;!?\n]*"
)
_BUDGET_OF_THOUGHTS: Final = r"(?:thinking|reasoning|token)[ ._-]?budgets?|budget_tokens"
_MONEY: Final = (
    r"\bcredits?\b|\bbalance\b|\bfunds?\b|\bbudget|prepa(?:id|yment)|\bbilling\b|payment|invoice|\bspend\w*|"
    r"余额|额度"
)
_ALLOWANCE: Final = (
    r"\bquota|\b(?:key|usage|plan|account|total|hard|credit) limit|included (?:usage|requests)"
)
_SPENT: Final = (
    r"insufficien|exceed|exhaust|deplet|r[ua]n out|out of|used (?:up|all)|not enough|too low|overdue|unpaid|"
    r"past due|fail\w* to pay|suspend|n[o']t have (?:any|enough)|requires? more|are required|negative|"
    r"reach|crossed|\bover\b|\bhit\b|not (?:been )?(?:active|enabled)|be enabled|disabled|\blimit|"
    r"\bcap\b|\bused\b|"
    r"is 0\.0|不足|用完|欠费"
)
_LONG_TIME: Final = (
    r"per[ _-]?(?:day|week|month)\b|/ ?(?:day|week|month)|PerDay|ByDay|daily|weekly|monthly|\b[TR]PD\b|"
    r"\bper \d{5,} ?s"
)
_SHORT_TIME: Final = (
    r"per[ _-]?(?:min|sec)|PerMinute|/ ?(?:min|sec)|ByMinute|\b[TR]PM\b|"
    r"retry (?:in|after)|retry delay|try again in"
)
_QUOTA_NAMES: Final = (
    r"insufficient (?:\w+ )?(?:quota|credit|balance|fund)|exceeded current quota|arrear|overdue",
    r"credits? error",
    r"budget exceeded|exceeded budget|billing|payment|credit (?:limit|balance)|balance",
    r"spend\w* limit|free tier only",
)
_SLOWED_NAMES: Final = r"throttl|rate ?limit|rate quota|too many requests|token limit$"
_NEXT_TRY: Final = r"(?:try again|retry(?:ing)?|wait)\D{0,20}?(\d[\d,]*(?:\.\d+)?) ?(s\b|sec|h\b|hour|day)"
_SECONDS: Final = {"s": 1, "h": 3600, "d": 86400}
_AN_HOUR: Final = 3600


def told(facts: Facts) -> str:
    """Return what happened, in the server's words without its advice."""
    return without(_ADVICE, without(_BUDGET_OF_THOUGHTS, facts.words))


def is_slowed(facts: Facts) -> bool:
    """Return True if the names of the error say that calls come too fast."""
    return says(facts.names, _SLOWED_NAMES)


def is_rate_limit(facts: Facts) -> bool:
    """Return True if calls come too fast, by the error's names or its words."""
    return is_slowed(facts) or says(
        facts.words, r"rate limit\w* (?:reached|exceeded|hit)|(?:exceed\w*|reached) (?:\w+ ){0,4}rate limit"
    )


def is_spent(facts: Facts) -> bool:
    """Return True if money, a budget or an allowance for long is used up."""
    words = told(facts)
    if says(
        words, near(_MONEY, _SPENT), r"good standing|arrearage|欠费|充值", near("limit|quota", "is zero")
    ):
        return True
    if is_slowed(facts):
        return False
    is_of_long = says(words, near(_ALLOWANCE, _SPENT)) and not says(facts.words, _SHORT_TIME)
    return is_of_long or says(facts.names, *_QUOTA_NAMES)


def is_used_up(facts: Facts) -> bool:
    """Return True if a refusal of too many calls (429) is one that no wait of minutes mends."""
    words = told(facts)
    if says(f"{words}\n{facts.names}", _LONG_TIME, r"limit: 0(?!\d|\.\d)"):
        return True
    wait = found_in(facts.words, _NEXT_TRY)
    if wait and float(wait[1].replace(",", "")) * _SECONDS[wait[2][0].lower()] >= _AN_HOUR:
        return True
    if says(words, r"\bquota\b"):
        # Google's words for a minute's quota are OpenAI's for a plan without money.
        of_a_plan = says(facts.words, r"exceeded your (?:\w+ )?quota[^\n]{0,40}billing")
        slow = is_slowed(facts) or says(f"{facts.words}\n{facts.names}", _SHORT_TIME)
        return (of_a_plan and not slow) or (says(facts.names, *_QUOTA_NAMES) and not is_slowed(facts))
    return is_spent(facts)


def is_larger_than_allowed(facts: Facts) -> bool:
    """Return True if one request alone has more tokens than a minute allows."""
    return says(facts.words, r"request too large for") and says(facts.words, r"\btokens?\b")
