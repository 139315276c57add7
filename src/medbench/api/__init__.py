"""The Python API, as notebooks use it: `import medbench as mb` offers what stands here.

texts       one text: its score, its findings, its flags
frames      rows as a data frame of pandas or polars
"""
