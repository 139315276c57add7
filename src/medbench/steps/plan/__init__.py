"""The step `plan`: how many cases a difference takes.

plan       cases, dollars and hours
case_cost  what one case of a run took
"""
