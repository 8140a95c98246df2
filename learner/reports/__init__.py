"""What the dashboard shows, computed from the project's rows."""
