"""The dock widget that finds nuclei, and follows their masks."""
