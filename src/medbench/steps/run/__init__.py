"""The step `run`: systems on a benchmark.

run           works through the systems, lane by lane
run_plan      the plan of one call of `run`: data
hooks         its live side
unit          one system at work, in one folder under one lock
run_folder    finds or makes the folder of a run
calls         the pipeline of a system, and the bound on a call
checks        what must hold before anything is sent
reuse         answers that another run paid for
judging_left  what a judge is still to be asked
events        events of a run, on the disk
dry_run       the dry run
past_calls    tokens and seconds of recorded calls
"""
