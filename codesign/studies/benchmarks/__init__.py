"""Benchmarks: speed, memory and accuracy of the layers, against the alternatives."""
