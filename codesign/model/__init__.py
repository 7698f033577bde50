"""The neuron's mathematics: fitted model, membrane, comparator, exact response."""
