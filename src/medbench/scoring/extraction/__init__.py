"""Reads the findings out of a text, with the words of the vocabulary.

A text goes through the rooms from below: `words` makes tokens of it, `phrases` finds what the `vocabulary`
knows among them, `organs` adds what is said of organs, `clauses` makes drafts of findings and reads the cues
around them, `attributes` gives each its places, sides and sizes, `sentences` makes findings of the drafts,
and `merging` has each once. `extract.py` is where it begins, `observed.py` what comes out.
"""
