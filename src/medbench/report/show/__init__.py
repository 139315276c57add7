"""The screens of `show`.

runs      all runs, one run, one case
spent     what was paid
profile   what stands out in one run
"""
