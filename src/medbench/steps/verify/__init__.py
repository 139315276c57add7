"""The step `verify`: from the benchmark to the scores, all that a run rests on; sends nothing.

- verify.py: one run: seals, benchmark, images, records, scores, root
- images.py: the images of the benchmark, as far as they are here
- repeated.py: a pipeline once more, on the answers that were recorded
- links.py: requests, answers, outputs and verdicts that follow from each other
"""
