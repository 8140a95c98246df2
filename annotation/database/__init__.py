"""What the ORM has no word for: rows added in bulk, and statements in plain SQL."""
