"""The step `rescore`: parse and measure again what is on the disk.

rescore     scores of one run
tally       sums over scores as they pass by
call_facts  what the calls behind an output took
"""
