"""What several steps read from the disk; sends nothing.

selection      which cases are asked for
case_facts     what scoring and comparing need of each case
outputs        which output of a case counts, and the text that is judged
verdict_book   which verdict counts
summaries      the summary of a run, and why it is stale
score_columns  numbers by case, as columns
grades         grades by case, for each rater
output_rows    text or failure, numbers and grades of each output
judge_cards    what each judge is worth
"""
