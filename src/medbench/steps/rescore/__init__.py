"""The step `rescore`: parse and measure again what is on the disk.

rescore     scores of one run
call_facts  the calls behind an output: cost, time, tokens, why it ended
case_table  strata and topics of the cases; their references on the disk
tally       sums over scores as they pass by
"""
