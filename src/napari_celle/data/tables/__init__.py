"""Tables of pairs of pictures in files: read, checked as a whole, written."""
