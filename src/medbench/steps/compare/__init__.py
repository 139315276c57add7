"""The step `compare`: runs of one benchmark side by side.

compare         runs in, a comparison out
run_table       the rows that a run ends with
inputs          how runs are to be compared, and what the comparison rests on
comparable      which runs may stand side by side; what is stale is scored again
side_by_side    each run with the summary that fits it, and their rows
rows            names, order and rows of the systems
tables          the numbers of the runs over the same cases
pairs           paired differences
strata          differences by region and modality
headline_rater  the rater that decides
left_out        runs that are left out unless they are named
unusable        the runs that are compared, without those that cannot be read or scored
graded_rows     rates of grades
agreement       how far two raters agree
conclusion      better, worse, equivalent or inconclusive
gate            a drop of more than is allowed ruled out, shown, or neither
ranking         systems in order, groups that cannot be told apart
family          the tests that are adjusted together, and what differs clearly
full            tests, strata, raters and conclusions together
"""
