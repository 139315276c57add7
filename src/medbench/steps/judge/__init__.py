"""The step `judge`: outputs graded by a judge.

judge         works through the judges
judging_plan  what one call of `judge` is to do, as data; and what of it lives in this process
session       that call at work: what it has open, and the verdicts to be given
open_runs     a run, locked, with its files open
judges        from names to judges
grader        one judge at work
outage        a judge that is down
unusable      answers of a judge that cannot be used: one text's failure, or an outage
fallback      which texts the second judge grades
standings     how a judge stands on each run
audit         canaries: texts whose right grade is known
panel         verdicts of several judges as one
listings      the findings of a reference, listed once a case
image_facts   what a judge is told of the images
checks        what must hold before anything is sent
dry_run       what would be asked
"""
