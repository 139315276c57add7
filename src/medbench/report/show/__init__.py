"""The screens of `show`.

runs      all runs, one run, one case
profile   what stands out in one run
"""
