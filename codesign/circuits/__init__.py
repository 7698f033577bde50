"""Circuit blocks: synapses, crossbars, neurons, biases, networks and their stimulus."""
