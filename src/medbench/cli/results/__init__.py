"""The commands that show results, hand them on and take some in: show, export, import, review."""
