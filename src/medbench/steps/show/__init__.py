"""The step `show`: all runs, one run, or one case.

show     runs and cases to look at
profile  what stands out in the texts of a run
stage_table  what each stage of a pipeline adds
stored_outputs  the outputs of a run with their scores, verdicts, calls
report   everything that the report page shows
sent_prompts  the distinct prompts in the requests of runs
archive  the files that it carries, so that its runs can be had back
probe_card  what the answers of a run rest on, by its probes
"""
