"""Results for other programs: files, and an answer that stops a pipeline.

rows   outputs as CSV, JSON lines or Parquet
gate   pass, fail or undecided by the drop against another run
"""
