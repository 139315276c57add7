"""Executors work through the jobs of a run."""
