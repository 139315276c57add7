"""Reads clauses: what denies, doubts, dates and names the findings in them."""
