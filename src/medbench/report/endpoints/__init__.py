"""The screens of `endpoint`: what would be put up, and what is up."""
