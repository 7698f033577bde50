"""Training in unit cells: data as spike times, quantised networks, the loop, and its files."""
