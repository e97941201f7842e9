"""Measures: (predicted, truth) to a float, in numpy."""

from napari_celle.metrics.calibration import CalibrationBin, calibration, expected_calibration_error
from napari_celle.metrics.classification import accuracy, auc, best_threshold, mcc
from napari_celle.metrics.intervals import Metric, bootstrap
from napari_celle.metrics.pictures import (
    fraction_inside,
    iou,
    nucleus_proportion_accuracy,
    pdf_pixel_accuracy,
    ssim,
    threshold_pixel_accuracy,
)

__all__ = [
    "METRICS",
    "CalibrationBin",
    "Metric",
    "accuracy",
    "auc",
    "best_threshold",
    "bootstrap",
    "calibration",
    "expected_calibration_error",
    "fraction_inside",
    "iou",
    "mcc",
    "nucleus_proportion_accuracy",
    "pdf_pixel_accuracy",
    "ssim",
    "threshold_pixel_accuracy",
]

METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
    "auc": auc,
    "expected_calibration_error": expected_calibration_error,
    "iou": iou,
    "mcc": mcc,
    "nucleus_proportion_accuracy": nucleus_proportion_accuracy,
    "pdf_pixel_accuracy": pdf_pixel_accuracy,
    "ssim": ssim,
    "threshold_pixel_accuracy": threshold_pixel_accuracy,
}
"""All of them by name."""
