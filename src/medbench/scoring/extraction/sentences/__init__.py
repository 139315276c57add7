"""Reads sentences: their clauses, what they say as a whole, and what the layout says of them."""
