"""Experiments from files: planned, run, judged and compared.

planning    from a file to systems, comparisons and budget
conduct     what is missing is run and judged, then compared
result      what an experiment returns
"""
