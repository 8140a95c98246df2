"""Ensembles of trees: random forest and gradient boosting."""
