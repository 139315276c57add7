"""The step `rescore`: parse and measure again what is on the disk.

rescore     scores of one run
call_facts  the calls behind an output: cost, time, tokens, why it ended
tally       sums over scores as they pass by
"""
