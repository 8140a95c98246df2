"""A project's labels: checked and saved as a set, renamed, merged and split with their answers."""
