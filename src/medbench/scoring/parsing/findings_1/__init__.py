"""The parser findings-1, frozen: a change here would change numbers that were printed."""
