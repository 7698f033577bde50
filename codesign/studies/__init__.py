"""Benchmarks, the paper's figures, vision networks."""
