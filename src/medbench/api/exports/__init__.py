"""Results as files for other programs.

rows   outputs as CSV, JSON lines or Parquet
"""
