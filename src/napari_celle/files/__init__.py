"""The only file formats: read any picture and FASTA, write results."""
