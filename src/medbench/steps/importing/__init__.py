"""The step `import`: what was made elsewhere becomes runs.

- importing.py: answers of an old run or a file, with their failures and unknowns as such
- report.py: the runs of a report page, byte for byte
- archive.py: the files that a report page carries, each checked before it is used
"""
