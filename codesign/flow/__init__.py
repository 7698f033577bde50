"""A flow file and its steps."""
