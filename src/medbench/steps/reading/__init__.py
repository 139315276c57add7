"""Reading that several steps share; sends nothing.

beside         other benchmarks beside one, and images that they share
selection      the cases that a session is to complete
case_facts     reference, strata and topic of each case
outputs        the part of an output that is judged
summaries      the summary of a run, and whether it still fits its files
verdict_book   which verdict stands
grades         grades by rater and case
output_rows    a row for each output: text or failure, numbers, grades
score_columns  scores as columns over cases
screening      yes or no by finding against the references
judge_cards    the card of each judge
"""
