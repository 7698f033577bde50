# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The model against the circuit
#
# Simulate a network of given weights in SPICE, let the fitted model and the ideal ones predict it from the input spike
# times alone, and compare. After the notebook on the neuron model this one takes a few seconds, otherwise a minute or
# so on two cores.

# %%
import matplotlib.pyplot as plt

import codesign

design = codesign.load_design("../flows/5-5-5.toml").at(temperature=50)
weights = codesign.read_weights("../netlists/5-5-5.npz", design.synapse.max_units)

# %% [markdown]
# ## Validate
#
# Two inputs with random spike times; pass `spike_times` of shape (samples, inputs), and `labels`, for your own.

# %%
with codesign.Session(workers=2, progress=False) as session:
    extraction = codesign.extract(design, networks=8, session=session)
    validation = codesign.validate(design, weights, inputs=2, extraction=extraction, session=session)
validation

# %% [markdown]
# The conventional mapping is what a designer writes down before simulating. The best-fit ideal model is calibrated on
# the same data as the fitted one, with E = infinity: what is left is the dependence of the current on the membrane.

# %%
validation.plot()

# %% [markdown]
# ## Look at the traces
#
# Membranes are arrays in volts, of shape (samples, neurons, instants), one for each layer. The model chains its own
# spike times from layer to layer, so an error of the first layer shows in the second.

# %%
figure, panels = plt.subplots(1, 2, sharex=True, sharey=True, layout="constrained")
for number, panel in enumerate(panels):
    difference = validation.model[number] - validation.circuit[number]
    panel.plot(validation.times * 1e6, difference.reshape(-1, validation.times.size).T * 1e3)
    panel.set_title(f"layer {number + 1}")
    panel.set_xlabel("time in the window, µs")
panels[0].set_ylabel("model minus circuit, mV")
plt.show()

# %% [markdown]
# ## Do they choose the same class?
#
# The class is the output neuron with the largest membrane at the end of the window.

# %%
print("circuit", validation.circuit[-1][:, :, -1].argmax(axis=1))
print("model  ", validation.model[-1][:, :, -1].argmax(axis=1))
