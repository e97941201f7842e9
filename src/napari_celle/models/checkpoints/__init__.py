"""Weights: where they are to be had, how they become a model of ours, and how they get into a network."""
