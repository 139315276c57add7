"""From a text and its reference to a verdict or a failure; and texts that show what a judge is worth."""
