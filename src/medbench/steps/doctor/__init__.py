"""The step `doctor`: does a model answer, and does it see?

doctor       asks the models
probes       what they are asked
diagnosis    what their answers mean
environment  what this machine and its settings lack
"""
