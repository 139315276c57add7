"""Reads the characters of a text as words, sizes and marks, and words as the vocabulary knows them."""
