"""Pure measures of one output: one file each."""
