"""The screens of `compare`, and the table that `run` and `import` end with.

summary      one screen: what is clear, the table that carries it, costs, what to read with care
results      the systems as one table, the best first, and how their calls went
screens      the rest: all of it, or one part
comparison   the rows of systems and floors as tables
conclusion   each pair, the floors and what to be careful with, in words
gate         the answer of a gate
pairs        tests, parts of the benchmark, cases to look at, agreement of raters
"""
