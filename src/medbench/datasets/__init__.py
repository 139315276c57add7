"""Where cases and old runs come from: readers of sources, the guards, the draw, the freezing."""
