"""Named models, built from ``nn`` by config."""
