"""How the columns of the core's tables are called in the window, and what they mean."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Title:
    """A heading of a table and what is said of it."""

    text: str
    meaning: str

    @property
    def line(self) -> str:
        """The heading on one line."""
        return self.text.replace("\n", " ")


NUCLEI = {
    "label": Title("Nucleus", "Label of the nucleus in its layer"),
    "area_um2": Title("Area\nµm²", "Area of the nucleus in square micrometres"),
    "area_px": Title("Area\npx²", "Area of the nucleus in pixels"),
    "predicted_nuclear_fraction": Title(
        "Nuclear\npredicted", "Part of the predicted protein of nucleus and cytoplasm that is in the nucleus, 0 to 1"
    ),
    "measured_nuclear_fraction": Title(
        "Nuclear\nmeasured", "Part of the measured light of nucleus and cytoplasm that is in the nucleus, 0 to 1"
    ),
    "predicted_nc_ratio": Title(
        "N/C\npredicted", "Predicted mean in the nucleus over that in the cytoplasm; 1 is even"
    ),
    "measured_nc_ratio": Title("N/C\nmeasured", "Measured mean in the nucleus over that in the cytoplasm; 1 is even"),
    "pearson": Title("Pearson", "Correlation of predicted and measured pixels of nucleus and cytoplasm, -1 to 1"),
    "ssim": Title("SSIM", "Structural similarity of the two in nucleus and cytoplasm, -1 to 1"),
    "iou": Title("IoU", "Overlap of the two threshold images in nucleus and cytoplasm, 0 to 1"),
    "agreement": Title("Agreement", "Whether prediction and measurement both say nuclear (N/C above 1)"),
    "at_border": Title("At\nborder", "The border of the window cuts the nucleus: its numbers are those of a part"),
}
"""Columns of the table of nuclei that are shown, in their order; the CSV file has all."""

IMAGE = {
    "prediction": Title("Prediction", "Name of its layers"),
    "model": Title("Model", "The model that made it"),
    "fraction": Title("Nuclear\npredicted", "Part of the predicted threshold image in the nuclei, 0 to 1"),
    "true_fraction": Title("Nuclear\nmeasured", "Part of the measured threshold image in the nuclei, 0 to 1"),
    "pearson_measured": Title("Pearson", "Correlation of the map with the measured brightness, -1 to 1"),
    "misplaced": Title("Misplaced", "Part of the protein that would have to be moved, 0 (none) to 1; texture counts"),
    "threshold_pixel_accuracy": Title(
        "Equal\npixels", "Part of the pixels in which the threshold images agree, 0 to 1"
    ),
    "iou": Title("IoU", "Overlap of the two threshold images, 0 to 1"),
    "ssim": Title("SSIM", "Structural similarity of the threshold images, -1 to 1"),
    "ssim_map": Title("SSIM\nmap", "Structural similarity of the map and the measured threshold image, -1 to 1"),
    "pdf_pixel_accuracy_map": Title("PDF\naccuracy", "1 minus the mean distance of map and measured threshold image"),
    "nucleus_proportion_accuracy": Title("Proportion", "1 minus the distance of the two nuclear parts, 0 to 1"),
    "nuclear_accuracy": Title("Same\nside", "1 where both have more, or both less, than half in the nuclei, else 0"),
}
"""Columns of the table of images; the CSV file has all."""

PLOTTED = tuple(name for name in NUCLEI if name not in ("label", "agreement", "at_border"))
"""Columns of nuclei that are numbers."""
