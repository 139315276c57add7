"""Holds findings, and their sentence, while they are being read."""
