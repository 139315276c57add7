"""The commands: options, call the step, show the result."""
