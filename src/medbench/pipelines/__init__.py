"""One file a pipeline: a case, and the pool, become an output."""
