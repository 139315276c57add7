"""Sees the layout of a text before its sentences are read: labels with values, lists, tables, JSON, ticks."""
