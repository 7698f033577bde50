"""From simulated or measured waveforms to a fitted `NeuronModel`."""
