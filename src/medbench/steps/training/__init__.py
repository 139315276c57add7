"""Exports cases to train on (`export --chat`), and keeps them apart from what is measured."""
