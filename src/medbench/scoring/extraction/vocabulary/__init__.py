"""Holds the vocabulary: findings, places and cues in data files, and the tree of their phrases."""
