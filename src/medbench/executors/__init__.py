"""Executors work through jobs: those that wait in one process, those that compute on all cores."""
