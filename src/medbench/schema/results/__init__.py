"""Records that a step returns and a screen shows; none of them is a file of a run."""
