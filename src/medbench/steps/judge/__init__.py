"""The step `judge`: outputs graded by a judge.

judge        works through the judges
session      what one call of `judge` is to do
judges       from names to judges
open_runs    the runs of a session, locked, with their files open
grader       one judge at work
fallback     which texts the second judge grades
standings    how a judge stands on each run
audit        canaries: texts whose right grade is known
panel        verdicts of several judges as one
listings     the findings of a reference, listed once a case
image_facts  what a judge is told of the images
dry_run      what would be asked
"""
