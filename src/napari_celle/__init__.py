"""See where in these cells a protein goes: CELL-E and CELL-E 2 as a library and a napari plugin.

Nothing heavy is imported here, so that napari finds the plugin in a millisecond. Start from
:class:`napari_celle.predict.Predictor`.
"""
