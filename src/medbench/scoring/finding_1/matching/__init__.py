"""Pairs the findings of an output with those of its reference, and computes what follows from the pairs."""
