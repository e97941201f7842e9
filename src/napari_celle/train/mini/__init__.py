"""celle-mini: how its parts were trained, and in which order."""
