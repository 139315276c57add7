"""Words only: prompts of models and rubrics of judges, one TOML file each."""
