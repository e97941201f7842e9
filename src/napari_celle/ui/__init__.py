"""The napari side, the only importer of Qt: widgets that collect a request, start a job and show the answer."""
