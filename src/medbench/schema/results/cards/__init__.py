"""Cards: one rater, the probes of a system, its yes and no by finding, or all of it on one side of paper."""
