"""Results for other programs: files, and an answer that stops a pipeline.

rows              outputs as CSV, JSON lines or Parquet
page              a comparison and its cases as one page
chat              cases to train a model on
gate              pass, fail or undecided by the drop against another run
shared_run        a run as it is told to others: model, numbers, denominators, graded outputs
hub_results       runs as results of the Hugging Face Hub
croissant         a benchmark described for others
every_eval_ever   a run in the format of Every Eval Ever; eval_samples: its graded outputs
"""
