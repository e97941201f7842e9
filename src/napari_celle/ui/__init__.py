"""The napari side: widgets that collect a request, start a job and show the answer. The only importer of Qt and napari."""
