"""Parametric cells, drawn from the technology's rules."""
