"""Gives places, sides, sizes and degrees to the finding that each belongs to."""
