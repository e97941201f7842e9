"""The box for a protein: what was typed, pasted or dropped, and what the model reads of it."""
