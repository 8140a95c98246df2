"""Data out: the table of an export, its columns, and the job that writes the file."""
