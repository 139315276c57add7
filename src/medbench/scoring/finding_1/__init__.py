"""The first finding metric and the rater on it, frozen: a change would change printed numbers.

`medbench rescore --finding 1` computes them again. `findings.py` and `rules.py` are scorers.
"""
