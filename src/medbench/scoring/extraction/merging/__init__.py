"""Puts the findings of all sentences together as those of one text."""
