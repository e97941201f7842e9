"""Models on pictures whose protein is known: figures as the papers', report, plots, montage."""
