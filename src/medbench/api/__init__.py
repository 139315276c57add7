"""The Python API, as notebooks use it: `import medbench as mb` offers what stands here.

texts           score, findings, flags: one text; validate_metric: texts that people have rated
benchmarks      benchmark, and how one is named
build           build_medpix, build_folder, build_phantom
runs            runs, and how they are named; spent
running         run, run_async, dry_run; watch
judge           judge, judge_async; judging_plan fills in defaults
importing       import_answers
compare, plan, rescore, models, watch   the commands of these names
result          what they return: shown as a table, a data frame, plain data
frames          rows as a data frame of pandas or polars
tables          a row for each output of some runs, and for each estimate with its interval and signature
progress        lines or bars on stderr while a run or judging goes on
arguments       several names in one value, numbers in their range
"""
