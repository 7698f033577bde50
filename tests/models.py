"""The neuron model that tests of several rooms share."""

from codesign.model.normalised import NormalisedModel

FITTED = NormalisedModel(
    e_pos=4.0,
    e_neg=-2.5,
    kappa_pos=0.02,
    kappa_neg=0.01,
    gain_pos=0.16,
    gain_neg=0.15,
    load_pos=0.001,
    load_neg=0.0008,
    delay_pos=0.0006,
    delay_neg=0.0002,
    threshold=1.01,
    ramp=1.02,
    fire_delay=0.005,
    kick_pos=4e-4,
    kick_neg=-5e-4,
    v_min=-1.0,
    v_max=1.4,
)
"""Much like that of the default design, but for the lag of the comparator."""
