"""The step `endpoint`: models on endpoints that are put up, watched and taken down.

plan      what would be put up, where, on which machine, for what an hour
put_up    the deployment, each step of it written down before it is taken
meter     minutes and dollars while something is up
warm      the first answer to a picture
take_down what was put up under a name, removed
orphans   what a killed process left
standing  what is up, by the book and by the service
ending    Ctrl-C, a closed terminal, `kill`
watch     the meter of a run
session   a run with endpoints of its own
"""
