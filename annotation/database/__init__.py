"""What the ORM has no word for: rows added in bulk, and the prepared statements of the hot path."""
