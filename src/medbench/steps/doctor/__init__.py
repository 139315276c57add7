"""The step `doctor`: does a model answer, and does it see?

doctor       asks the models
probes       what they are asked
diagnosis    what their answers mean
pixels       what they are asked to see what became of the pixels
pixel_checks what these answers mean
server_words the first call in words
environment  what this machine and its settings lack
"""
