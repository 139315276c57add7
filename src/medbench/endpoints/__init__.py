"""Endpoints of Vertex AI that are put up and taken down: the only place that changes anything in a project.

place       a project and location, and names of what lies in them
service     the management calls
clock       time and waiting, which tests replace
options     machines and containers that the service offers for a model
operations  work of the service that takes minutes
deploy      puts a model up
removal     finds and removes all that was put up under a name
refusals    what the service says no with, in plain words
"""
