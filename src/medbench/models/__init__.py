"""Data: one TOML file a model."""
