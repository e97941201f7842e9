"""Networks as torch modules: no files, no names of models."""
