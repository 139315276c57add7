"""The step `plan`: how many cases a difference takes.

plan       cases, dollars and hours
case_cost  the cost of one more case and of judging it
"""
