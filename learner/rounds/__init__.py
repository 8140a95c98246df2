"""One round of a project: claim, train, score, publish, record."""
