"""One file a provider, one call each."""
