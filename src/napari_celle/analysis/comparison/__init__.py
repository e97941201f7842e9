"""A prediction against a measured channel of the same cells; docs/comparison.md says what each number means."""
