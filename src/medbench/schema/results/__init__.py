"""What a step returns and a screen shows; none of these records is a file of a run."""
