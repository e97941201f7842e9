"""Datasets to training samples; every seed is an argument."""
