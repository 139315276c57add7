"""Reads clauses: one file for each kind of cue, such as what denies, doubts, is over or normal.

A cue goes to the function of its kind (see `cues.txt`) by the table in `reading.py`. The function changes the
`Clause` and its findings; what it asks of the phrases beside the cue stands below it in the same file.
"""
