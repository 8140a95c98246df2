"""What a query strategy, an estimator, a feature set and a stopping condition take and return. Read these first."""
