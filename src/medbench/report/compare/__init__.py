"""The screens of `compare`, and the table that `run` and `import` end with.

comparison   the rows of systems and floors as tables
conclusion   each pair, the floors and what to be careful with, in words
pairs        differences, parts of the benchmark, cases to look at, agreement of raters
"""
