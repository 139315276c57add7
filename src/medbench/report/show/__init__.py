"""The screens of `show`.

runs      all runs as a leaderboard
run       one run
case      one case
spent     what was paid
profile   what stands out in one run
stages    what each stage of a pipeline adds
screening yes or no by finding
probes    what the answers of one run rest on
"""
