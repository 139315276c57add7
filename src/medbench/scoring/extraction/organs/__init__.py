"""Makes findings of what is said of organs: what they look like, where they are, how large."""
