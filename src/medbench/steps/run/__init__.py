"""The step `run`: systems on a benchmark.

run         works through the systems, lane by lane
run_plan    what one call of `run` is to do: data
hooks       what of it lives in the process
unit        one system at work, in one folder under one lock
run_folder  finds or makes the folder of a run
checks      what must hold before anything is sent
reuse       answers that another run paid for
events      what happens to a run, on the disk
dry_run     what would be asked
past_calls  what recorded calls of a system took
"""
