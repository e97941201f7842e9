"""Training on Lightning: residue encoder, image tokenizers, transformer."""
