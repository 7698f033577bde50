"""Benchmarks: speed, memory and accuracy of the layers, against the ways there are to do without them."""
