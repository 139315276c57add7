"""Ask systems: what `run` takes and gives.

run          run, run_async, dry_run
run_plan     fills in the defaults
run_result   what they return
watch        the same asked again on another day
"""
