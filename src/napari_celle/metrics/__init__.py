"""Measures: (predicted, truth) to a float, in numpy; NaN where there is nothing to measure, never a warning."""

from napari_celle.metrics.calibration import CalibrationBin, calibration, expected_calibration_error
from napari_celle.metrics.classification import HALF, accuracy, auc, best_threshold, mcc, nuclear_accuracy
from napari_celle.metrics.distributions import frechet_distance, inception_score
from napari_celle.metrics.intervals import Metric, bootstrap
from napari_celle.metrics.pictures import (
    fraction_inside,
    iou,
    nucleus_proportion_accuracy,
    pdf_pixel_accuracy,
    pearson,
    ssim,
    threshold_pixel_accuracy,
)

__all__ = [
    "HALF",
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
    "frechet_distance",
    "inception_score",
    "iou",
    "mcc",
    "nuclear_accuracy",
    "nucleus_proportion_accuracy",
    "pdf_pixel_accuracy",
    "pearson",
    "ssim",
    "threshold_pixel_accuracy",
]

METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
    "auc": auc,
    "expected_calibration_error": expected_calibration_error,
    "frechet_distance": frechet_distance,
    "iou": iou,
    "mcc": mcc,
    "nuclear_accuracy": nuclear_accuracy,
    "nucleus_proportion_accuracy": nucleus_proportion_accuracy,
    "pdf_pixel_accuracy": pdf_pixel_accuracy,
    "pearson": pearson,
    "ssim": ssim,
    "threshold_pixel_accuracy": threshold_pixel_accuracy,
}
"""All that compare predictions with the truth, by name."""
