"""The demo: its projects, and their data; README.md says where that is from."""
