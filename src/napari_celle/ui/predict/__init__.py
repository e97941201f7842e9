"""The dock widget that predicts where a protein goes in the cells of an image."""
