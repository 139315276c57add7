"""Words only: prompts as data files, and filling them in."""
