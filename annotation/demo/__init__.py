"""The data of the demo project; README.md says where it is from."""
