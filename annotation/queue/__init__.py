"""Who labels what next: lease, answer, undo, publish."""
