"""Nuclear or not: models, other predictors and homologues, told from pictures on real nuclei."""
