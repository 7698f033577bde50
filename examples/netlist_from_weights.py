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
# # A netlist from trained weights
#
# Weights of a network become SPICE: unit cells, crossbars, neurons, and a testbench with one inference. Paths are
# relative to the folder of this notebook; nothing is written unless you call `save`.

# %%
import matplotlib.pyplot as plt
import numpy as np

import codesign
from codesign.circuits.testbench import membrane_probe

design = codesign.load_design("../flows/5-5-5.toml")

# %% [markdown]
# ## Weights in unit cells
#
# A weight of the circuit is a whole number of equal unit cells in parallel, at most `max_units` of either sign. Float
# weights are divided by the weight of one unit cell and rounded. With `"fit"` the largest weight of each layer takes
# all the cells that there are. Random matrices stand here for trained ones; a file, a PyTorch network or its state dict
# will do as well.

# %%
random = np.random.default_rng(1)
trained = [random.normal(0, 0.4, (5, 5)), random.normal(0, 0.4, (5, 5))]
codesign.read_weights(trained, design.synapse.max_units, "fit")

# %% [markdown]
# The reference network was trained in unit cells, so nothing is rounded.

# %%
weights = codesign.read_weights("../netlists/5-5-5.npz", design.synapse.max_units)
weights

# %% [markdown]
# ## The netlist
#
# Spike times are in accumulation windows; 1 or more is an input that stays silent.

# %%
netlist = codesign.netlist(design, weights, spike_times=[0.1, 0.3, 0.5, 0.7, 1])
netlist

# %%
print(netlist.files["network.spice"][:700])

# %% [markdown]
# `netlist.save("out/netlist")` writes the files, and `ngspice -b testbench.spice` runs them there.
#
# ## One inference
#
# A session runs the same testbench without files. The membranes of a layer start together at the reset level, integrate
# while the layer accumulates, and rise on equal ramps while it fires.

# %%
testbench = netlist.testbench
with codesign.Session(progress=False) as session:
    [waveforms] = session.run([testbench.deck()])

figure, panels = plt.subplots(2, 1, sharex=True, sharey=True, layout="constrained")
for layer, panel in enumerate(panels, start=1):
    for neuron in range(1, 6):
        panel.plot(waveforms.axis * 1e6, waveforms[membrane_probe(layer, neuron)], label=f"neuron {neuron}")
    phases = {"accumulation": testbench.timeline.accumulation(layer, 0), "firing": testbench.timeline.firing(layer, 0)}
    for name, phase in phases.items():
        panel.axvspan(phase.start * 1e6, phase.stop * 1e6, alpha=0.1 if name == "firing" else 0.2)
    panel.axhline(design.levels.reset + design.levels.swing, linestyle=":", color="black")
    panel.set_ylabel(f"layer {layer}: membrane, V")
panels[0].legend()
panels[-1].set_xlabel("time, µs")
plt.show()
