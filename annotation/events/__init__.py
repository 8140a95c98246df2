"""The audit log: who did what, when and from where; and what is known of the request at hand."""
