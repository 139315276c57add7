"""A comparison for other programs.

markdown   for a pull request
junit      for a service that runs tests
"""
