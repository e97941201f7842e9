"""Datasets split for training: by protein, or by families of similar proteins."""
