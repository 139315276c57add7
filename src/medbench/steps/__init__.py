"""One file a step: glue, no arithmetic, no printing."""
